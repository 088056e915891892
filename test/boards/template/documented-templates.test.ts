/** What docs/boards/templates.md shows, run. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { conditions } from '../../../server/boards/template/conditions.ts'
import { filters } from '../../../server/boards/template/filters.ts'
import { readRelativeDay, readRelativeRange } from '../../../server/boards/template/relative-days.ts'
import { root } from '../../support/project-files.ts'
import { bound, refusal, text, type Values } from './render.ts'

const page = readFileSync(resolve(root, 'docs/boards/templates.md'), 'utf8')

interface Example {
  readonly text?: string
  readonly sql?: string
  readonly variables?: Values
  readonly queries?: Record<string, string>
  readonly shows?: string
  readonly runs?: string
  readonly params?: unknown[]
  readonly fails?: string
}

const examples = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map((match) => parse(match[1] as string) as Example)

test('the page has examples of texts, of SQL and of what is refused', () => {
  for (const key of ['shows', 'runs', 'fails'] as const) expect(examples.filter((one) => one[key] !== undefined).length).toBeGreaterThan(2)
})

test.each(examples.map((one) => [one.text ?? one.sql ?? '', one] as const))(
  '%s',
  (_, { text: template, sql, variables, queries, shows, runs, params, fails }) => {
    const render = () =>
      sql === undefined ? text(template ?? '', variables) : bound(sql, variables, queries === undefined ? {} : { queries })
    if (fails !== undefined) {
      const { at, code, says } = refusal(render)
      expect(`${at} ${code} ${says}`).toBe(fails)
    } else expect(render()).toEqual(shows ?? [runs, ...(params ?? [])])
  },
)

test.each([
  ['Filters', [...filters.keys()].filter((name) => name !== 'sqlsafe')],
  ['Tests', [...conditions.keys()]],
])('the list of %s is complete', (title, known) => {
  const line = new RegExp(`^- \\*\\*${title}\\*\\*[^:]*: (.*)\\.$`, 'm').exec(page)?.[1] ?? ''
  expect(line.replace(/ \([^)]*\)/g, '').split(', ')).toEqual([...known].sort())
})

const rows = [...page.matchAll(/^\| (`.*`) \| (\d.*) \|$/gm)].map((match) => [match[1] as string, match[2] as string] as const)

test.each(rows)('%s', (words, meant) => {
  const asked = [...words.matchAll(/`([^`]+)`/g)].map(([, word = '']) => {
    const range = readRelativeRange(word, '2026-05-15')
    return range === undefined ? readRelativeDay(word, '2026-05-15') : `${range.from} to ${range.to}`
  })
  expect(asked.join(', ')).toBe(meant)
})
