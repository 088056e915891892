/** Whatever the text of a template is, it renders or is refused with a place in it; nothing else is thrown. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findUses } from '../../../server/boards/template/find-uses.ts'
import { TemplateFault } from '../../../server/boards/template/template-fault.ts'
import { bind, text } from './render.ts'

const word = fc.constantFrom(
  ...(
    '{{ }} {% %} {# #} {%- -%} if elif else endif for in endfor set endset raw endraw is not and or defined v w list n loop ' +
    "queries.q ref('a') filter('a', v filter_date_range('d', dbt.date_trunc('month', range(3) | join default upper format int round sort map('upper') " +
    "( ) [ ] { } , . : = == < + - * / // % ** ~ ' \" \\ 1 2.5 'a' \"b\" '{:.0%}'.format(n) constructor __proto__ items() " +
    "SELECT FROM WHERE a = b IN ORDER BY GROUP LIMIT LIKE date interval E' U&' $$ $q$ -- /* */ ; :: \n $1 ? UESCAPE AS IS NULL CASE WHEN"
  ).split(' '),
)
const part = fc.constantFrom(
  '{{ v }}',
  "'{{ v }}'",
  "E'\\n{{ w }}'",
  '$$ {{ n }} $$',
  '({{ list }})',
  'IN {{ list }}',
  "{{ filter('a', list) }}",
  '{{ queries.q }}',
  '{% if v %}',
  '{% endif %}',
  '{% for x in list %}{{ x }}',
  '{% endfor %}',
  '{% set v = n %}',
  '-- {{ v }}\n',
  '/* {{ v }} */',
  "date '{{ v }}'",
)
const template = fc
  .array(fc.oneof({ weight: 5, arbitrary: word }, { weight: 4, arbitrary: part }, fc.string({ maxLength: 3 })), { maxLength: 25 })
  .chain((words) => fc.constantFrom(' ', '').map((between) => words.join(between)))
const values = { v: "it's", w: null, list: ['a', 1, null], n: 3 }
const queries = { q: "SELECT '{{ v }}' AS a -- all" }

test('every text renders or is refused with its place', () => {
  const outcomes = { rendered: 0, refused: 0 }
  const check = (source: string, render: () => unknown): void => {
    try {
      render()
      outcomes.rendered++
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error
      expect(error.position.offset).toBeLessThanOrEqual(error.template.text.length)
      if (error.template.query === undefined) expect(error.template.text).toBe(source)
      outcomes.refused++
    }
  }
  fc.assert(
    fc.property(template, fc.constantFrom('postgres', 'duckdb'), (source, dialect) => {
      check(source, () => text(source, values))
      check(source, () => findUses(source, 'sql'))
      check(source, () => {
        const { sql, params, originOf } = bind(source, values, { dialect, queries, resolve: () => '"m"' })
        expect(
          Math.max(0, ...[...sql.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)).filter((number) => number <= params.length)),
        ).toBe(params.length)
        for (let offset = 0; offset < sql.length; offset++)
          expect(originOf(offset).at).toBeLessThanOrEqual(originOf(offset).template.text.length)
      })
    }),
    { numRuns: 10_000 },
  )
  expect(Math.min(outcomes.rendered, outcomes.refused)).toBeGreaterThan(500)
})
