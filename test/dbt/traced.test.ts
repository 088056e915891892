import { describe, expect, test } from 'vitest'
import { askLab, findingsOf, serveLab } from '../support/dbt-lab.ts'

type Lab = Awaited<ReturnType<typeof serveLab>>

const upstreamOf = async (lab: Lab, table: string): Promise<unknown> =>
  (await lab.data<{ dbt: { upstream?: string[] } }>('describe_table', { source: 'lab', table })).dbt.upstream

const macro = (name: string, body: string) => `{% macro ${name} %}${body}{% endmacro %}\n`
const sources = { 'models/s.yml': 'sources: [{name: raw, tables: [{name: clicks}, {name: views}]}]' }
const base = { 'models/a.sql': 'select 1', 'models/b.sql': 'select 1', ...sources }
const baseTables = ['dev.a', 'dev.b', 'raw.clicks', 'raw.views', 'dev.made']

describe('lineage of a model without a manifest goes through', () => {
  const cases: readonly (readonly [title: string, model: string, macros: string, upstream: readonly string[]])[] = [
    [
      'macros that name what they read',
      "{{ union_all() }} join {{ ref('b') }}",
      macro('union_all()', "{{ ref('a') }}"),
      ['dev.a', 'dev.b'],
    ],
    [
      'macros that are given what they read',
      "{{ cleaned('raw', 'clicks') }} join {{ cleaned('raw', tbl = 'views') }} join {{ history() }}",
      macro('cleaned(src, tbl)', '{{ other(1) }} from {{ source(src, tbl) }}') +
        macro("history(of='b')", '{{ inner(of) }}') +
        macro('inner(x)', '{{ ref(x) }}'),
      ['dev.b', 'raw.clicks', 'raw.views'],
    ],
    [
      'macros of the adapter',
      "{{ pick('a') }}",
      macro('pick(x)', "{{ return(adapter.dispatch('pick')(x)) }}") + macro('default__pick(x)', '{{ ref(x) }}'),
      ['dev.a'],
    ],
    [
      'blocks that a macro is called with',
      "{% call(x) wrapped('a') %}{{ ref('b') }}{% endcall %}",
      macro('wrapped(x)', '{{ ref(x) }} {{ caller() }}'),
      ['dev.a', 'dev.b'],
    ],
    [
      'loops and names',
      "{% set tables = ['clicks', 'views'] %}{% for t in tables %}{{ source('raw', t) }}{% endfor %}{% set m = 'a' %}{{ ref(m) }}{% for k, v in {'x': 'b'}.items() %}{{ ref(v) }}{% endfor %}",
      '',
      ['dev.a', 'dev.b', 'raw.clicks', 'raw.views'],
    ],
    [
      'the way that a condition takes, and both where it is not known',
      "{% if target.name == 'dev' %}{% set m = 'a' %}{% else %}{% set m = 'b' %}{% endif %}{{ ref(m) }}{% if run_query('x') %}{% set s = 'clicks' %}{{ source('raw', s) }}{% else %}{% set s = 'views' %}{{ source('raw', s) }}{% endif %}",
      '',
      ['dev.a', 'raw.clicks', 'raw.views'],
    ],
    [
      'what only dbt can tell, without it',
      "{% for t in run_query('x') %}{{ ref(t) }}{% endfor %}{% set ns = namespace(x=1) %}{% set ns.x = 2 %}{{ ref('a') }}{% set n = 'b' %}{{ ref(n) }}",
      '',
      ['dev.a', 'dev.b'],
    ],
    [
      'lists that grow on the way, as through what is not known',
      "{% set all = [] %}{% for m in ['a', 'b'] %}{% do all.append(ref(m)) %}{% endfor %}{% for one in all %}{% set t = 'clicks' %}{{ source('raw', t) }}{% else %}{% set t = 'views' %}{{ source('raw', t) }}{% endfor %}",
      '',
      ['dev.a', 'dev.b', 'raw.clicks'],
    ],
    [
      'macros that call each other without an end',
      "{{ again('a') }}",
      macro('again(x)', '{{ ref(x) }}{{ again(x) }}{{ again(x) }}'),
      ['dev.a'],
    ],
    [
      'loops within loops',
      "{% for i in range(1000) %}{% for j in range(1000) %}{{ ref(i ~ j) }}{% endfor %}{% endfor %}{{ ref('a') }}",
      '',
      ['dev.a'],
    ],
    [
      'a template that cannot be read, by what is written out',
      "{% odd %}{{ ref('a') }}{{ pick('b') }}",
      macro('pick(x)', '{{ ref(x) }}'),
      ['dev.a'],
    ],
  ]
  test.each(cases)('%s', async (_title, model, macros, upstream) => {
    const lab = await serveLab({ ...base, 'models/made.sql': model, 'macros/m.sql': macros }, baseTables)
    expect(await upstreamOf(lab, 'dev.made')).toEqual(upstream)
    expect(await findingsOf(lab)).toEqual([])
  })

  test('macros of packages, by their name', async () => {
    const lab = await serveLab(
      {
        ...base,
        'models/made.sql': "{{ pack.taken('a') }} {{ taken('b') }}",
        'dbt_packages/pack/dbt_project.yml': 'name: pack\n',
        'dbt_packages/pack/macros/m.sql': macro('taken(x)', '{{ ref(x) }}'),
      },
      baseTables,
    )
    expect(await upstreamOf(lab, 'dev.made')).toEqual(['dev.a'])
  })
})

describe('settings of a model follow', () => {
  test.each([
    [
      'names that it sets before',
      "{% set chain = 'eth' %}{{ config(schema='of_' + chain, alias = chain ~ '_trades') }}",
      'dev_of_eth.eth_trades',
    ],
    ['macros', "{{ config(schema=layer('fin'), enabled=on(['x'])) }}", 'dev_l_fin.orders'],
    ['macros that set them', '{{ settings() }}', 'dev_s.orders'],
    [
      'the way that a condition takes',
      "{% if target.name == 'prod' %}{{ config(schema='p') }}{% elif true %}{{ config(schema='d') }}{% else %}{{ config(alias='x') }}{% endif %}",
      'dev_d.orders',
    ],
  ])('%s', async (_title, config, table) => {
    const macros =
      macro('layer(x)', '{{ return("l_" ~ x) }}') +
      macro('on(vars)', "{{ return('x' in vars) }}") +
      macro('settings()', "{{ config({'schema': 's'}) }}")
    const lab = await serveLab({ 'models/orders.sql': `${config} select 1`, 'macros/m.sql': macros }, [table])
    expect(await askLab(lab, "ref('orders')")).toBe(table)
    expect(await findingsOf(lab)).toEqual([])
  })

  test('macros by which it is off; what only dbt can tell of it is told', async () => {
    const lab = await serveLab(
      {
        'macros/m.sql': macro('off()', '{{ return(false) }}'),
        'models/orders.sql': '{{ config(enabled=off()) }} select 1',
        'models/sales.sql': '{{ config(enabled=far.away()) }} select 1',
      },
      ['dev.orders', 'dev.sales'],
    )
    expect(await askLab(lab, "ref('orders')")).toContain('REF_UNKNOWN')
    expect(await askLab(lab, "ref('sales')")).toBe('dev.sales')
    expect(await findingsOf(lab)).toEqual(['DBT_TEMPLATE models/sales.sql'])
  })
})
