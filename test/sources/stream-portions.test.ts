import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultLimits } from '../../server/projects/project.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import type { Source } from '../../server/sources/source.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { queryOf } from '../support/query.ts'

let source: Source
beforeAll(() => {
  const limits = { ...defaultLimits, timeoutMs: 20_000, maxConcurrency: 2 }
  source = openPostgres({ name: 'pg', config: { type: 'postgres', url: postgresUrl('fixture', reader) }, limits, log: () => {} })
})
afterAll(() => source?.close())

const rowsOf = async (sql: string): Promise<string[]> => {
  const limits = { maxRows: 1_000_000, maxBytes: 2 ** 40, maxRowBytes: 1_000_000, timeoutMs: 20_000 }
  const { read } = await source.stream({ ...queryOf(sql), limits })
  const lines: string[] = []
  for (;;) {
    const part = await read()
    if ('end' in part) {
      expect(part.end).toMatchObject({ rowCount: lines.length, truncatedBy: undefined })
      return lines
    }
    lines.push(...part.lines.toString().trimEnd().split('\n'))
  }
}

// Rows are asked for by 500, and then by what has a quarter of a mebibyte.
test.each([0, 1, 499, 500, 501, 999, 1000, 1001, 1500, 100_000])('a stream of %i rows has each of them once', async (count) => {
  const rows = await rowsOf(`SELECT g FROM generate_series(1, ${count}) g`)
  expect(rows).toEqual(Array.from({ length: count }, (_, index) => `[${index + 1}]`))
})

test('rows longer than a portion are asked for one at a time', async () => {
  const rows = await rowsOf("SELECT g, repeat('x', 500000) FROM generate_series(1, 20) g")
  expect(rows.map((row) => row.slice(0, row.indexOf(',')))).toEqual(Array.from({ length: 20 }, (_, index) => `[${index + 1}`))
})

test('a statement that fails after some rows says so, and the session serves on', async () => {
  const failing = rowsOf('SELECT 1 / (5000 - g) FROM generate_series(1, 10000) g')
  await expect(failing).rejects.toMatchObject({ code: 'SQL_ERROR' })
  expect(await rowsOf('SELECT 1')).toEqual(['[1]'])
})
