import { expect, test } from 'vitest'
import { findUses, functionNames } from '../../../server/boards/template/find-uses.ts'
import { bind, faultOf, text } from './render.ts'

test('variables, queries, relations and functions are found with their places, without values', () => {
  const uses = findUses(
    [
      "SELECT {{ dbt.date_trunc('month', 'd') }} FROM {{ ref('orders') }} o JOIN {{ queries.sums.cache }} ON {{ filter('o.region', region) }}",
      "WHERE a = '{{ start | default('x') }}' {% if min is defined and max %}AND b IN ({{ list[index] }}){% endif %}",
      "AND c IN (SELECT 1 FROM {{ source('raw', 'items') }})",
    ].join('\n'),
    'sql',
  )
  expect(uses.variables.map(({ name, position, isTested }) => [name, `${position.line}:${position.column}`, isTested])).toEqual([
    ['region', '1:125', false],
    ['start', '2:15', true],
    ['min', '2:46', true],
    ['max', '2:65', false],
    ['list', '2:84', false],
    ['index', '2:89', false],
  ])
  expect(uses.queries.map(({ name }) => name)).toEqual(['sums'])
  expect(uses.relations.map(({ kind, names }) => [kind, ...names])).toEqual([
    ['ref', 'orders'],
    ['source', 'raw', 'items'],
  ])
  expect(uses.functions.map(({ name }) => name)).toEqual(['dbt.date_trunc', 'ref', 'filter', 'source'])
  expect(uses.faults).toEqual([])
})

test('names that the template sets itself are no variables', () => {
  const { variables } = findUses(
    '{% set a = x %}{% for k, v in a.items() if v > y %}{{ k ~ loop.index ~ z }}{% else %}{{ k }}{% endfor %}{% set c %}{{ w }}{% endset %}{{ c }}{# {{ no }} #}{% raw %}{{ no }}{% endraw %}',
    'text',
  )
  expect(variables.map(({ name }) => name)).toEqual(['x', 'y', 'z', 'k', 'w'])
})

test('every branch and every argument is looked into', () => {
  const { variables } = findUses(
    '{% if a %}{{ b }}{% elif c %}{{ d }}{% else %}{{ e }}{% endif %}{{ (f if g else h) ~ [i, {j: k}][l:m:n] }}{{ -o ** p }}{{ not q or r and s < t <= u }}{{ v | round(w) }}{{ x is divisibleby(y) }}{{ z.format(aa, bb=cc) }}',
    'text',
  )
  expect(variables.map(({ name }) => name).sort()).toEqual([...'abcdefghijklmnopqrstuvwxyz', 'aa', 'cc'].sort())
})

test('filters and tests that there are not are found, all of them', () => {
  const { faults } = findUses('{{ a | uper }}\n{{ b is definde }} {{ c | lower }}', 'text')
  expect(faults.map(({ message, hint, position }) => `${position.line}:${position.column} ${message} ${hint}`)).toEqual([
    '1:8 There is no filter uper. Did you mean upper?',
    '2:9 There is no test definde. Did you mean defined?',
  ])
})

test('functions that there are not are found, by what the template is', () => {
  const found = (template: string, kind: 'text' | 'sql') => findUses(template, kind).faults.map(({ message, hint }) => `${message} ${hint}`)
  expect(found("{{ filtre('a', b) }}{{ dbt.date_trun('a') }}", 'sql')).toEqual([
    'There is no function filtre. Did you mean filter?',
    'There is no function dbt.date_trun. Did you mean dbt.date_trunc?',
  ])
  expect(found("{{ filter('a', b) }}{{ queries.q }}", 'text')).toEqual(['There is no function filter. undefined'])
  expect(found('{% set a %}b{% endset %}', 'sql')).toHaveLength(1)
  expect(found('{% set a %}b{% endset %}', 'text')).toEqual([])
  expect(findUses('{{ queries.q }}', 'text').queries).toEqual([])
})

test('every function of the lists is there to be called', () => {
  const missing = /There is no function|has no|There is no variable/
  for (const name of functionNames.text) expect(() => text(`{{ ${name}() }}`)).not.toThrow(missing)
  for (const name of functionNames.sql) expect(() => bind(`SELECT {{ ${name}() }}`)).not.toThrow(missing)
  expect(() => bind('SELECT {{ dbt.nothing() }}')).toThrow(missing)
})

test('what cannot be read is a fault', () => {
  expect(faultOf(() => findUses('{{ a', 'text')).code).toBe('TEMPLATE_ERROR')
})
