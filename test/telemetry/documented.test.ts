import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { errorCodeList } from '../../contracts/v1/errors.ts'
import { createTelemetry } from '../../server/main.ts'
import { root } from '../support/project-files.ts'

const page = readFileSync(join(root, 'docs/telemetry.md'), 'utf8')
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

/** What stands in code in the first column of the tables below a heading. */
const firstColumn = (heading: string): readonly string[] => {
  const section = page.split(/^##+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word as string),
  )
}

test('every metric has its line, and no line is of none', () => {
  const telemetry = createTelemetry()
  const metrics = telemetry.read()
  telemetry.close()
  expect([...firstColumn('Metrics')].sort()).toEqual(metrics.map(({ name }) => name).sort())
})

test('every rule of the guard has its line', () => {
  const rules = ['server/guards/read-only.ts', 'server/guards/judge-statement.ts'].flatMap((file) =>
    [...textOf(file).matchAll(/(?:rejectBy\(|reject\(\s*)'(\w+)'/g)].map(([, rule]) => rule as string),
  )
  expect(rules.length).toBeGreaterThan(10)
  expect([...firstColumn('Rules of the guard')].sort()).toEqual([...rules, 'SQL_REJECTED', 'SQL_ERROR', 'TABLE_NOT_FOUND'].sort())
})

test('every code that a label may have has a page', () => {
  expect(errorCodeList.filter((code) => !existsSync(join(root, `docs/errors/${code}.md`)))).toEqual([])
})
