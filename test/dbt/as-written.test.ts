import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { askLab, findingsOf, serveLab } from '../support/dbt-lab.ts'
import { writeDatabase } from '../support/duckdb.ts'

type Served = Awaited<ReturnType<typeof serveLab>>

const describeTable = (lab: Served, table: string) =>
  lab.data<{
    comment?: string
    columns: { name: string; comment?: string; tests?: string[]; enum_values?: string[] }[]
    foreign_keys: unknown[]
    dbt: Record<string, unknown>
  }>('describe_table', { source: 'lab', table })

describe('a model says where its table is', () => {
  test('in a map that is given to config(), in Python, and in each of several snapshots', async () => {
    const lab = await serveLab(
      {
        'models/mapped.sql': `{{ config({"materialized": "table", 'schema': "legacy", "alias": "m1", 'post-hook': "grant x to {{ 1 }}"}) }} select 1`,
        'models/snake.py': `def model(dbt, session):\n    # dbt.config(schema="no")\n    dbt.config(materialized="table", schema="py", alias='snake_')\n    return dbt.ref("mapped")\n`,
        'snapshots/two.sql':
          "{% snapshot one %}{{ config(target_schema='h1') }} select * from {{ ref('mapped') }}{% endsnapshot %}\n{% snapshot two %}{{ config(target_schema='h2', alias='deux') }} select 1{% endsnapshot %}",
      },
      ['dev_legacy.m1', 'dev_py.snake_', 'h1.one', 'h2.deux'],
    )
    expect(await askLab(lab, "ref('mapped')")).toBe('dev_legacy.m1')
    expect(await askLab(lab, "ref('snake')")).toBe('dev_py.snake_')
    expect(await askLab(lab, "ref('one')")).toBe('h1.one')
    expect(await askLab(lab, "ref('two')")).toBe('h2.deux')
    expect((await describeTable(lab, 'deux')).dbt).not.toHaveProperty('upstream')
    expect((await describeTable(lab, 'h1.one')).dbt).toMatchObject({ upstream: ['dev_legacy.m1'] })
  })

  test('beside maps within maps', async () => {
    const lab = await serveLab(
      { 'models/orders.sql': "{{ config(meta={'owner': 'Ann', 'more': {'deep': {'er': 1}}}, schema='x') }} select 1" },
      ['dev_x.orders'],
    )
    expect((await describeTable(lab, 'orders')).dbt).toMatchObject({ owner: 'Ann', meta: { owner: 'Ann' } })
  })

  test('in a setting that cannot be rendered, which is told', async () => {
    const lab = await serveLab(
      {
        'models/orders.sql': "{{ config(schema='stg_' ~ env_var('NOT_SET'), tags=own_macro()) }} select 1",
        'models/sales.sql': "{{ config(materialized='table', post_hook=own_macro()) }} select 1",
      },
      ['dev.sales'],
    )
    expect(await findingsOf(lab)).toEqual(['DBT_TEMPLATE models/orders.sql'])
    expect(await askLab(lab, "ref('sales')")).toBe('dev.sales')
  })

  const macro = (name: string, body: string) => `{% macro ${name} %}${body}{% endmacro %}\n`
  const schemaOf = 'generate_schema_name(custom_schema_name, node)'
  const aliasOf = 'generate_alias_name(custom_alias_name=none, node=none)'
  const macros: readonly (readonly [string, string, string])[] = [
    ['that return', macro(schemaOf, '{% set name = custom_schema_name | trim %}{{ return(name) }}'), 'fin.orders'],
    ['that do', macro(schemaOf, "{%- do log('x', info=true) -%}{%- do return(custom_schema_name ~ '_x') -%} never"), 'fin_x.orders'],
    [
      'that call others',
      macro(schemaOf, "{%- if target.name in live() %}no{% else %}{{ prefixed(custom_schema_name, sign='__') }}{% endif -%}") +
        macro('live()', "{{ return(('prod', 'ci')) }}") +
        macro("prefixed(name, prefix='p', sign='_')", '{{ prefix }}{{ sign }}{{ name }}'),
      'p__fin.orders',
    ],
    [
      'that are dispatched',
      macro(schemaOf, "{{ return(adapter.dispatch('generate_schema_name', 'lab')(custom_schema_name, node)) }}") +
        macro('duckdb__generate_schema_name(custom_schema_name, node)', 'quack'),
      'quack.orders',
    ],
    ['that hand over to dbt', macro(schemaOf, '{{ dbt.default__generate_schema_name(custom_schema_name, node) }}'), 'dev_fin.orders'],
    [
      'that ask for settings',
      macro(schemaOf, "{{ 'pii' if 'pii' in node.config.tags and node.config.materialized == 'table' else 'open' }}"),
      'pii.orders',
    ],
    ['that ask for the file', macro(schemaOf, "{{ 'deep' if 'models/deep' in node.original_file_path else 'flat' }}"), 'deep.orders'],
    [
      'that ask what only dbt knows, where the database decides',
      macro(schemaOf, "{{ 'yes' if node.checksum else custom_schema_name }}"),
      'fin.orders',
    ],
    ['that ask for the schema of the alias', macro(aliasOf, '{{ node.schema }}__{{ node.name }}'), 'dev_fin.dev_fin__orders'],
  ]
  test.each(macros)('by macros %s', async (_title, text, table) => {
    const lab = await serveLab(
      {
        'macros/names.sql': text,
        'models/deep/orders.sql': "{{ config(schema='fin', materialized='table', tags=['pii']) }} select 1",
      },
      [table],
    )
    expect(await askLab(lab, "ref('orders')")).toBe(table)
  })

  test('by a macro that only dbt can run, which is told', async () => {
    const lab = await serveLab(
      {
        'macros/names.sql': macro(aliasOf, "{{ modules.re.sub('^x_', '', node.name) }}"),
        'models/orders.sql': 'select 1',
        'models/sales.sql': 'select 1',
      },
      ['dev.orders'],
    )
    expect(await findingsOf(lab)).toEqual(['DBT_TEMPLATE macros/names.sql'])
    expect(await askLab(lab, "ref('orders')")).toBe('dev.orders')
  })

  test('by macros that call each other without an end', async () => {
    const lab = await serveLab(
      {
        'macros/names.sql': macro(schemaOf, '{{ again(custom_schema_name) }}') + macro('again(x)', '{{ again(x) }}'),
        'models/orders.sql': 'select 1',
      },
      ['dev.orders'],
    )
    expect(await askLab(lab, "ref('orders')")).toBe('dev.orders')
  })

  test('a macro that changes counts from the next call on', async () => {
    const lab = await serveLab({ 'macros/names.sql': macro(schemaOf, 'one'), 'models/orders.sql': 'select 1' }, [
      'one.orders',
      'two.orders',
    ])
    expect(await askLab(lab, "ref('orders')")).toBe('one.orders')
    await writeFile(join(lab.folder.dir, 'macros/names.sql'), macro(schemaOf, 'two '))
    await expect.poll(() => askLab(lab, "ref('orders')"), { timeout: 10_000, interval: 300 }).toBe('two.orders')
  })
})

describe('what is written away from a model counts', () => {
  test('docs in the folder for them, of packages, and of none', async () => {
    const lab = await serveLab(
      {
        'dbt_project.yml': 'name: lab\nprofile: lab\ndocs-paths: [texts]\n',
        'texts/a.md': '{% docs one %}Text one{% enddocs %}',
        'dbt_packages/pack/dbt_project.yml': 'name: pack\n',
        'dbt_packages/pack/models/b.md': '{% docs two %}Text two{% enddocs %}',
        'models/orders.sql': 'select 1',
        'models/orders.yml': `models: [{name: orders, description: "{{ doc('one') }}", columns: [{name: told, description: "{{ doc('pack', 'two') }} {{ doc('two') }}"}]}]`,
        'models/sales.sql': 'select 1',
        'models/sales.yml': `models: [{name: sales, description: "{{ doc('gone') }}"}]`,
      },
      ['dev.orders', 'dev.sales'],
    )
    expect(await describeTable(lab, 'orders')).toMatchObject({
      comment: 'Text one',
      columns: [{ comment: 'Text two Text two' }],
    })
    expect(await describeTable(lab, 'sales')).toMatchObject({ comment: "{{ doc('gone') }}" })
  })

  test('freshness of a source, which a table of it can switch off', async () => {
    const lab = await serveLab(
      {
        'models/raw.yml': `sources:
  - name: raw
    config: {freshness: {warn_after: {count: 1, period: day}}}
    tables: [{name: clicks}, {name: views, freshness: null}, {name: users, config: {freshness: null}}]
`,
      },
      ['raw.clicks', 'raw.views', 'raw.users'],
    )
    const told = ['clicks', 'views', 'users'].map(async (table) => (await describeTable(lab, table)).dbt.freshness)
    expect(await Promise.all(told)).toEqual(['warns after 1 day', undefined, undefined])
  })

  test('YAML and docs in the folders of macros and analyses', async () => {
    const lab = await serveLab(
      {
        'macros/docs.md': '{% docs said %}Said there{% enddocs %}',
        'analyses/sources.yml': `sources: [{name: raw, tables: [{name: clicks, description: "{{ doc('said') }}"}]}]`,
      },
      ['raw.clicks'],
    )
    expect(await describeTable(lab, 'raw.clicks')).toMatchObject({ comment: 'Said there', dbt: { kind: 'source' } })
  })

  test('a path that is the project itself holds nothing that dbt writes, and leaves seeds what they are', async () => {
    const lab = await serveLab(
      {
        'dbt_project.yml': 'name: lab\nprofile: lab\nmodel-paths: ["."]\n',
        'orders.sql': 'select 1',
        'target/compiled/lab/orders.sql': 'select 1',
        'target/run/lab/ghost.sql': 'select 1',
        'seeds/countries.csv': 'told',
      },
      ['dev.orders', 'dev.countries'],
    )
    expect(await askLab(lab, "ref('countries')")).toBe('dev.countries')
    expect((await describeTable(lab, 'countries')).dbt).toMatchObject({ kind: 'seed' })
    expect(await findingsOf(lab)).toEqual([])
    expect(await askLab(lab, "ref('ghost')")).toContain('REF_UNKNOWN')
  })

  test('.dbtignore, as if what it names were not there', async () => {
    const lab = await serveLab(
      {
        '.dbtignore': '# none of these\n*codegen*.sql\n/models/old/\n!models/old/kept.sql\n**.md\nmodels/**/b[0-9].sql\nmacros/off\n',
        'models/orders.sql': "{{ config(schema='x') }} select 1",
        'models/a_codegen_1.sql': 'select 1',
        'models/old/orders.sql': 'select 1',
        'models/old/kept.sql': 'select 1',
        'models/deep/er/b1.sql': 'select 1',
        'models/deep/bb.sql': 'select 1',
        'macros/off/names.sql': '{% macro generate_schema_name(name, node) %}no{% endmacro %}',
      },
      ['dev_x.orders', 'dev.kept', 'dev.bb'],
    )
    expect(await findingsOf(lab)).toEqual([])
    const asked = ['orders', 'a_codegen_1', 'kept', 'b1', 'bb'].map((name) => askLab(lab, `ref('${name}')`))
    expect((await Promise.all(asked)).map((told) => String(told).slice(0, 11))).toEqual([
      'dev_x.order',
      'REF_UNKNOWN',
      'dev.kept',
      'REF_UNKNOWN',
      'dev.bb',
    ])
  })

  test('vars that name sources, models, and parts of their names', async () => {
    const lab = await serveLab(
      {
        'dbt_project.yml': `name: lab\nprofile: lab\nvars: {from: raw, clicks: "{{ source(var('from'), 'clicks') }}", lab: {base: stage}}\n`,
        'models/a.sql': "select * from {{ var('clicks') }}",
        'models/b.sql': "select * from {{ ref(var('base')) }} join {{ source(var('from'), 'views') }} join {{ ref(var('other', 'a')) }}",
        'models/stage.sql': 'select 1',
        'models/sources.yml': 'sources: [{name: raw, schema: "{{ var(\'from\') }}", tables: [{name: clicks}, {name: views}]}]',
      },
      ['dev.a', 'dev.b', 'dev.stage', 'raw.clicks', 'raw.views'],
    )
    expect((await describeTable(lab, 'a')).dbt.upstream).toEqual(['raw.clicks'])
    expect((await describeTable(lab, 'b')).dbt.upstream).toEqual(['dev.a', 'dev.stage', 'raw.views'])
  })

  test('vars.yml, for dbt_project.yml too, and one that is broken is told', async () => {
    const files = {
      'dbt_project.yml':
        "name: lab\nprofile: lab\nmodel-paths: [\"{{ var('from') }}\"]\nmodels: {lab: {+schema: \"{{ var('layer', 'none') }}\"}}\n",
      'sql/orders.sql': 'select 1',
    }
    const lab = await serveLab({ ...files, 'vars.yml': 'vars: {from: sql, layer: gold}\n' }, ['dev_gold.orders'])
    expect(await askLab(lab, "ref('orders')")).toBe('dev_gold.orders')
    expect(await findingsOf(lab)).toEqual([])
    const broken = await serveLab({
      ...files,
      'dbt_project.yml': 'name: lab\nprofile: lab\nmodel-paths: [sql]\n',
      'vars.yml': 'vars: {from: "sql',
    })
    expect(await findingsOf(broken)).toEqual([expect.stringMatching(/^DBT_FILE_UNREADABLE vars\.yml:\d+$/)])
  })

  test('a snapshot that is YAML alone has a line from what it reads', async () => {
    const lab = await serveLab(
      {
        'models/orders.sql': 'select 1',
        'snapshots/orders.yml': `snapshots: [{name: orders_then, relation: "ref('orders')", config: {schema: past}}]`,
      },
      ['dev.orders', 'dev_past.orders_then'],
    )
    expect(await describeTable(lab, 'orders_then')).toMatchObject({ dbt: { kind: 'snapshot', upstream: ['dev.orders'] } })
  })
})

describe('YAML of newer versions of dbt says as much', () => {
  test('a version has the columns and tests that it keeps, and its own', async () => {
    const lab = await serveLab({
      'models/orders_v1.sql': 'select 1',
      'models/orders_v2.sql': 'select 1',
      'models/orders.yml': `models:
  - name: orders
    latest_version: 1
    columns:
      - {name: id, description: The id, data_tests: [unique, not_null]}
      - {name: old, description: Old, data_tests: [not_null]}
    versions:
      - v: 1
      - {v: 2, columns: [{include: all, exclude: [old]}, {name: told, description: New, data_tests: [not_null]}]}
`,
    })
    writeDatabase(
      join(lab.folder.dir, 'lab.duckdb'),
      'CREATE SCHEMA dev',
      'CREATE TABLE dev.orders_v1 (id INT, old INT)',
      'CREATE TABLE dev.orders_v2 (id INT, old INT, told INT)',
    )
    expect((await describeTable(lab, 'orders_v1')).columns).toMatchObject([{ tests: ['unique', 'not_null'] }, { comment: 'Old' }])
    const { columns } = await describeTable(lab, 'orders_v2')
    expect(columns).toMatchObject([{ comment: 'The id' }, { name: 'old' }, { comment: 'New', tests: ['not_null'] }])
    expect(columns[1]).not.toHaveProperty('tests')
    expect(columns[1]).not.toHaveProperty('comment')
  })

  test('a view by the bare name of a model is its latest version, where nothing else has the name', async () => {
    const versions = 'versions: [{v: 1}, {v: 2}]'
    const lab = await serveLab(
      {
        'models/a.sql': 'select 1',
        'models/report_v1.sql': 'select 1',
        'models/report_v2.sql': "select * from {{ ref('a') }}",
        'models/list_v1.sql': 'select 1',
        'models/list_v2.sql': 'select 1',
        'models/other.sql': "{{ config(alias='list') }} select * from {{ ref('report') }}",
        'models/all.yml': `models: [{name: report, description: Reports., ${versions}}, {name: list, description: Lists., ${versions}}]`,
      },
      ['dev.a', 'dev.report', 'dev.report_v1', 'dev.report_v2', 'dev.list', 'dev.list_v2', 'x.report'],
    )
    const [pointer, latest, other, elsewhere] = await Promise.all(
      ['dev.report', 'report_v2', 'list', 'x.report'].map((table) => describeTable(lab, table)),
    )
    expect(pointer).toMatchObject({ comment: 'Reports.', dbt: { name: 'report', version: '2', upstream: ['dev.report_v2'] } })
    expect(pointer?.dbt).not.toHaveProperty('downstream')
    expect(latest).toMatchObject({ comment: 'Reports.', dbt: { upstream: ['dev.a'], downstream: ['dev.list'] } })
    expect(other?.dbt).toMatchObject({ name: 'other', upstream: ['dev.report_v2'] })
    expect(elsewhere).not.toHaveProperty('dbt')
    expect(await askLab(lab, "ref('report')")).toBe('dev.report_v2')
  })

  test('columns that hundreds of models share by an alias; aliases that multiply, or have no end, are a finding', async () => {
    const shared = 'x-columns: &columns\n  - {name: told, description: Shared.}\nmodels:\n'
    const bomb = [
      'a: &a [1, 1, 1, 1, 1, 1, 1, 1]',
      ...'bcdefg'.split('').map((name, at) => `${name}: &${name} [${Array(8).fill(`*${'abcdefg'[at]}`)}]`),
    ]
    const lab = await serveLab(
      {
        'models/shared.yml': `${shared}${Array.from({ length: 400 }, (_, index) => `  - {name: m${index}, columns: *columns}\n`).join('')}`,
        'models/bomb.yml': bomb.join('\n'),
        'models/circle.yml': 'models: &all\n  - {name: m399, description: Circular., meta: {all: *all}}\n',
        'models/m399.sql': 'select 1',
      },
      ['dev.m399'],
    )
    expect(await describeTable(lab, 'm399')).toMatchObject({ columns: [{ comment: 'Shared.' }] })
    expect(await findingsOf(lab)).toEqual(['DBT_FILE_UNREADABLE models/bomb.yml:1', 'DBT_FILE_UNREADABLE models/circle.yml:2'])
  })

  test('owners below config.meta, as text, list or block', async () => {
    const lab = await serveLab(
      {
        'models/a.sql': 'select 1',
        'models/b.sql': 'select 1',
        'models/all.yml': `models:
  - {name: a, config: {meta: {owner: {name: Ann, email: ann@example.com}, odd: .inf}}}
  - {name: b, config: {meta: {owner: [ann, bob]}}}
sources:
  - {name: raw, config: {meta: {owner: {name: Sam}}}, tables: [{name: clicks}, {name: views, config: {meta: {owner: '@views'}}}]}
`,
      },
      ['dev.a', 'dev.b', 'raw.clicks', 'raw.views'],
    )
    const owners = ['a', 'b', 'clicks', 'views'].map(async (table) => (await describeTable(lab, table)).dbt.owner)
    expect(await Promise.all(owners)).toEqual(['Ann, ann@example.com', 'ann, bob', 'Sam', '@views'])
  })

  test('keys to sources; no key of a test that is switched off, and no value of a template', async () => {
    const lab = await serveLab(
      {
        'models/orders.sql': 'select 1',
        'models/orders.yml': `models:
  - name: orders
    columns:
      - name: told
        data_tests:
          - unique: {config: {enabled: false}}
          - not_null
          - relationships: {arguments: {to: "source('raw', 'clicks')", field: told}}
          - accepted_values: {arguments: {values: "{{ var('all') }}"}}
sources: [{name: raw, tables: [{name: clicks}]}]
`,
      },
      ['dev.orders', 'raw.clicks'],
    )
    const { columns, foreign_keys, ...table } = await describeTable(lab, 'orders')
    expect(foreign_keys).toMatchObject([{ columns: ['told'], references: { schema: 'raw', table: 'clicks', columns: ['told'] } }])
    expect(columns).toMatchObject([{ tests: ['not_null', 'relationships', 'accepted_values'] }])
    expect(columns[0]).not.toHaveProperty('enum_values')
    expect(table).toMatchObject({ primary_key: [] })
  })

  test('metrics beside a model and above it, its derived parts, and what is shown of them', async () => {
    const lab = await serveLab(
      {
        'models/orders.sql': 'select 1',
        'models/orders.yml': `models:
  - name: orders
    semantic_model: true
    columns: [{name: told, entity: {type: primary, name: order}}]
    derived_semantics:
      dimensions: [{name: size, type: categorical, expr: length(told)}]
      entities: [{name: half, type: foreign, expr: lower(told)}]
    metrics:
      - {name: count_all, type: simple, agg: count, expr: told}
      - {name: per_day, type: derived, expr: count_all / 2, input_metrics: [{name: count_all}]}
metrics:
  - {name: share, type: ratio, numerator: count_all, denominator: {name: per_day}}
  - {name: turned, type: conversion, base_metric: count_all, conversion_metric: share}
  - {name: so_far, type: cumulative, input_metric: count_all}
  - {name: off, type: cumulative, input_metric: count_all, config: {enabled: false}}
exposures:
  - {name: board, type: dashboard, depends_on: ["metric('share')"], owner: {email: a@example.com}}
  - {name: gone, type: dashboard, depends_on: ["ref('orders')"], config: {enabled: false}}
`,
      },
      ['dev.orders'],
    )
    const { dbt } = await describeTable(lab, 'orders')
    expect((dbt.metrics as { name: string }[]).map(({ name }) => name).sort()).toEqual([
      'count_all',
      'per_day',
      'share',
      'so_far',
      'turned',
    ])
    expect(dbt).toMatchObject({
      exposures: [{ name: 'board' }],
      semantic_model: {
        entities: [{ name: 'order' }, { name: 'half', expr: 'lower(told)' }],
        dimensions: [{ name: 'size', expr: 'length(told)' }],
      },
    })
  })
})

describe('what dbt reads from elsewhere is no table of the same name', () => {
  const files = {
    'profiles.yml':
      'lab: {target: dev, outputs: {dev: {type: duckdb, path: lab.duckdb, schema: dev, attach: [{path: other/raw.duckdb}, {path: x.db, alias: Far}]}}}\n',
    'models/there.sql': "{{ config(database='far') }} select 1",
    'models/here.sql': "{{ config(database='lab') }} select 1",
    'models/sources.yml': `sources:
  - {name: raw, database: raw, schema: dev, tables: [{name: there}]}
  - {name: far, database: snowy, schema: dev, tables: [{name: here}]}
  - {name: files, config: {external_location: "in/{name}.parquet"}, tables: [{name: clicks}]}
`,
  }
  test('in a database that is attached, and in a file', async () => {
    const lab = await serveLab(files, ['dev.there', 'dev.here'])
    expect(await askLab(lab, "ref('there')")).toMatch(/REF_UNKNOWN: there is in the database far/)
    expect(await askLab(lab, "source('raw', 'there')")).toMatch(/is in the database raw/)
    expect(await askLab(lab, "source('files', 'clicks')")).toMatch(/REF_UNKNOWN: files\.clicks is a file that dbt reads/)
    expect(await askLab(lab, "ref('here')")).toBe('dev.here')
    expect(await askLab(lab, "source('far', 'here')")).toBe('dev.here')
    expect(await describeTable(lab, 'there')).not.toHaveProperty('dbt')
  })
})

describe('a manifest', () => {
  const files = { 'models/orders.sql': 'select 1', 'models/orders.yml': 'models: [{name: orders, description: From the files.}]' }
  const manifestOf = (project: string, node: object | undefined, rest: object = {}): string =>
    JSON.stringify({
      metadata: { dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v20.json', project_name: project },
      nodes:
        node === undefined
          ? {}
          : { [`model.${project}.orders`]: { resource_type: 'model', name: 'orders', package_name: project, schema: 'dev', ...node } },
      ...rest,
    })

  test.each([
    ['of another project', manifestOf('other', { description: 'Of the other.' })],
    ['without a table', manifestOf('lab', undefined)],
  ])('%s leaves the files, and is told', async (_title, text) => {
    const lab = await serveLab({ ...files, 'target/manifest.json': text }, ['dev.orders'])
    expect(await findingsOf(lab)).toEqual(['DBT_MANIFEST_UNREADABLE target/manifest.json'])
    expect(await describeTable(lab, 'orders')).toMatchObject({ comment: 'From the files.' })
  })

  test('of another project is better than nothing', async () => {
    const lab = await serveLab({ 'target/manifest.json': manifestOf('other', { description: 'Of the other.' }) }, ['dev.orders'])
    expect(await describeTable(lab, 'orders')).toMatchObject({ comment: 'Of the other.' })
  })

  test('may list its columns, and have metrics without measures', async () => {
    const text = manifestOf(
      'lab',
      { columns: [{ name: 'told', description: 'Told.', constraints: [{ type: 'primary_key' }] }] },
      {
        metrics: {
          'metric.lab.sum': { name: 'sum', type_params: { metric_aggregation_params: { semantic_model: 'sm', agg: 'sum', expr: 'told' } } },
          'metric.lab.half': { name: 'half', type_params: { numerator: { name: 'sum' }, denominator: { name: 'sum' } } },
        },
        semantic_models: { 'semantic_model.lab.sm': { name: 'sm', depends_on: { nodes: ['model.lab.orders'] } } },
        exposures: { 'exposure.lab.e': { name: 'e', type: 'dashboard', depends_on: { nodes: ['metric.lab.half'] } } },
      },
    )
    const lab = await serveLab({ 'target/manifest.json': text }, ['dev.orders'])
    expect(await describeTable(lab, 'orders')).toMatchObject({
      columns: [{ comment: 'Told.' }],
      primary_key: ['told'],
      dbt: { metrics: [{ name: 'sum' }, { name: 'half' }], exposures: [{ name: 'e' }] },
    })
  })
})
