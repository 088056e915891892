import { describe, expect, test } from 'vitest'
import { askLab, findingsOf, serveLab } from '../support/dbt-lab.ts'

const macro = (name: string, body: string) => `{% macro ${name} %}${body}{% endmacro %}\n`
const schemaOf = 'generate_schema_name(custom_schema_name, node)'
const databaseOf = 'generate_database_name(custom_database_name=none, node=none)'
const pack = {
  'dbt_packages/pack/dbt_project.yml': 'name: pack\n',
  'dbt_packages/pack/models/parcels.sql': "{{ config(schema='p') }} select 1",
}
const orders = { 'models/orders.sql': "{{ config(schema='fin') }} select 1" }

describe('macros of packages name', () => {
  test('the tables of their own package, and of no other', async () => {
    const lab = await serveLab(
      { ...pack, ...orders, 'dbt_packages/pack/macros/names.sql': macro(schemaOf, 'of_pack_{{ custom_schema_name }}') },
      ['of_pack_p.parcels', 'dev_fin.orders'],
    )
    expect(await askLab(lab, "ref('parcels')")).toBe('of_pack_p.parcels')
    expect(await askLab(lab, "ref('orders')")).toBe('dev_fin.orders')
  })

  test('all tables where dispatch of the project says so', async () => {
    const lab = await serveLab(
      {
        ...pack,
        ...orders,
        'dbt_project.yml': 'name: lab\nprofile: lab\ndispatch: [{macro_namespace: dbt, search_order: [lab, pack, dbt]}]\n',
        'dbt_packages/pack/macros/names.sql': macro('default__generate_schema_name(name, node)', 'all_{{ name }}'),
      },
      ['all_p.parcels', 'all_fin.orders'],
    )
    expect(await askLab(lab, "ref('parcels')")).toBe('all_p.parcels')
    expect(await askLab(lab, "ref('orders')")).toBe('all_fin.orders')
  })

  test('what the macros of the project hand over to them, by name and by way of the adapter', async () => {
    const lab = await serveLab(
      {
        ...pack,
        ...orders,
        'macros/names.sql':
          macro(schemaOf, "{{ pack.joined(custom_schema_name, sign='__') }}") +
          macro('generate_alias_name(custom_alias_name, node)', "{{ adapter.dispatch('shout', 'pack')(node.name) }}"),
        'dbt_packages/pack/macros/tools.sql':
          macro("joined(name, sign='_')", '{{ start() }}{{ sign }}{{ name }}') +
          macro('start()', 'begun') +
          macro('default__shout(name)', '{{ name | upper }}'),
      },
      ['begun__p.PARCELS', 'begun__fin.ORDERS'],
    )
    expect(await askLab(lab, "ref('parcels')")).toBe('begun__p.PARCELS')
    expect(await askLab(lab, "ref('orders')")).toBe('begun__fin.ORDERS')
    expect(await findingsOf(lab)).toEqual([])
  })

  test('none that the project itself names', async () => {
    const lab = await serveLab(
      {
        ...orders,
        'macros/names.sql': macro(schemaOf, "{{ joined('a') }}"),
        'dbt_packages/pack/dbt_project.yml': 'name: pack\n',
        'dbt_packages/pack/macros/tools.sql': macro('joined(name)', 'joined'),
      },
      ['fin.orders'],
    )
    expect(await findingsOf(lab)).toEqual(['DBT_TEMPLATE macros/names.sql'])
    expect(await askLab(lab, "ref('orders')")).toBe('fin.orders')
  })
})

describe('a macro for databases', () => {
  const attach =
    'lab: {target: dev, outputs: {dev: {type: duckdb, path: lab.duckdb, schema: dev, attach: [{path: raw.duckdb}, {path: x.db, alias: Far_vault}]}}}\n'
  const files = {
    'profiles.yml': attach,
    'models/there.sql': "{{ config(database='far') }} select 1",
    'models/here.sql': 'select 1',
    'snapshots/then.sql': "{% snapshot then %}{{ config(target_schema='dev', target_database='raw') }} select 1{% endsnapshot %}",
  }
  test('says which tables are in a database that is attached', async () => {
    const lab = await serveLab(
      {
        ...files,
        'macros/names.sql': macro(databaseOf, '{{ target.database if custom_database_name is none else custom_database_name ~ "_vault" }}'),
      },
      ['dev.there', 'dev.here', 'dev.then'],
    )
    expect(await askLab(lab, "ref('there')")).toMatch(/REF_UNKNOWN: there is in the database far_vault/)
    expect(await askLab(lab, "ref('then')")).toMatch(/REF_UNKNOWN: then is in the database raw/)
    expect(await askLab(lab, "ref('here')")).toBe('dev.here')
  })

  test('that hands over to dbt, and one that only dbt can run, which is told', async () => {
    const over = await serveLab(
      { ...files, 'macros/names.sql': macro(databaseOf, '{{ return(dbt.generate_database_name(custom_database_name, node)) }}') },
      ['dev.there'],
    )
    expect(await askLab(over, "ref('there')")).toBe('dev.there')
    expect(await findingsOf(over)).toEqual([])
    const lost = await serveLab({ ...files, 'macros/names.sql': macro(databaseOf, '{{ run_query("select 1") }}') }, ['dev.here'])
    expect(await askLab(lost, "ref('here')")).toBe('dev.here')
    expect(await findingsOf(lost)).toEqual(['DBT_TEMPLATE macros/names.sql'])
  })
})

describe('a project says of its packages', () => {
  test('which of their sources are off, and what is more to say of them', async () => {
    const lab = await serveLab(
      {
        'dbt_project.yml':
          'name: lab\nprofile: lab\nsources: {pack: {raw: {+enabled: false}, land: {+meta: {owner: Ann}, +tags: [taken]}}}\n',
        'dbt_packages/pack/dbt_project.yml': 'name: pack\n',
        'dbt_packages/pack/models/s.yml': 'sources: [{name: raw, tables: [{name: clicks}]}, {name: land, tables: [{name: views}]}]',
      },
      ['raw.clicks', 'land.views'],
    )
    expect(await askLab(lab, "source('raw', 'clicks')")).toContain('REF_UNKNOWN')
    expect(await lab.data('describe_table', { source: 'lab', table: 'views' })).toMatchObject({ dbt: { owner: 'Ann', tags: ['taken'] } })
  })

  test('nothing of their models in YAML of its own, which leaves them where they are', async () => {
    const lab = await serveLab(
      {
        ...pack,
        'models/s.yml': 'models: [{name: parcels, description: From afar.}, {name: lone, description: Without a file.}]',
      },
      ['dev_p.parcels', 'dev.parcels', 'dev.lone'],
    )
    expect(await askLab(lab, "ref('parcels')")).toBe('dev_p.parcels')
    const tables = ['dev_p.parcels', 'dev.parcels', 'lone'].map((table) =>
      lab.data<{ comment?: string }>('describe_table', { source: 'lab', table }),
    )
    expect((await Promise.all(tables)).map(({ comment }) => comment)).toEqual([undefined, undefined, 'Without a file.'])
  })

  test('where their sources are, by overrides', async () => {
    const lab = await serveLab(
      {
        'models/s.yml':
          'sources: [{name: raw, overrides: pack, schema: ours, tables: [{name: views, identifier: seen, description: Seen.}]}, {name: own, overrides: gone, tables: [{name: x}]}]',
        'dbt_packages/pack/dbt_project.yml': 'name: pack\n',
        'dbt_packages/pack/models/s.yml':
          'sources: [{name: raw, schema: theirs, tables: [{name: clicks, description: Clicks.}, {name: views, description: Views.}]}]',
      },
      ['ours.clicks', 'ours.seen', 'own.x'],
    )
    expect(await askLab(lab, "source('raw', 'clicks')")).toBe('ours.clicks')
    expect(await askLab(lab, "source('raw', 'views')")).toBe('ours.seen')
    expect(await askLab(lab, "source('own', 'x')")).toContain('REF_UNKNOWN')
    const comments = ['clicks', 'seen'].map((table) => lab.data<{ comment: string }>('describe_table', { source: 'lab', table }))
    expect((await Promise.all(comments)).map(({ comment }) => comment)).toEqual(['Clicks.', 'Seen.'])
  })

  test('with the sources of each apart, and folders that packages need in turn', async () => {
    const lab = await serveLab(
      {
        'models/s.yml': 'sources: [{name: raw, schema: mine, tables: [{name: clicks}]}]',
        'packages.yml': 'packages: [{local: shared/one}]',
        'shared/one/dbt_project.yml': 'name: one\n',
        'shared/one/packages.yml': 'packages: [{local: shared/two}, {local: shared/one}]',
        'shared/one/models/s.yml': 'sources: [{name: raw, schema: theirs, tables: [{name: clicks}]}]',
        'shared/one/models/a.sql': "select * from {{ source('raw', 'clicks') }} join {{ ref('b') }}",
        'shared/two/dbt_project.yml': 'name: two\n',
        'shared/two/models/b.sql': 'select 1',
      },
      ['mine.clicks', 'theirs.clicks', 'dev.a', 'dev.b'],
    )
    expect(await askLab(lab, "source('raw', 'clicks')")).toBe('mine.clicks')
    const { dbt } = await lab.data<{ dbt: object }>('describe_table', { source: 'lab', table: 'a' })
    expect(dbt).toMatchObject({ package: 'one', upstream: ['dev.b', 'theirs.clicks'] })
  })

  test('where files that name them cannot be read, which is told', async () => {
    const lab = await serveLab(
      {
        'packages.yml': 'packages: [{local: gone}, {local: broken}, {local: shared}]',
        'dependencies.yml': 'projects: [{name: "x',
        'broken/dbt_project.yml': 'name: [',
        'broken/models/a.sql': 'select 1',
        'shared/dbt_project.yml': 'name: shared\n',
        'shared/models/b.sql': 'select 1',
      },
      ['dev.b'],
    )
    expect(await findingsOf(lab)).toEqual([
      'DBT_FILE_UNREADABLE dependencies.yml:1',
      'DBT_FILE_UNREADABLE gone/dbt_project.yml:1',
      'DBT_FILE_UNREADABLE broken/dbt_project.yml:1',
    ])
    expect(await askLab(lab, "ref('b')")).toBe('dev.b')
  })
})
