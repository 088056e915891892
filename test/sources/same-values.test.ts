import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalTypes } from '../../contracts/v1/values.ts'
import { defaultLimits } from '../../server/projects/project.ts'
import { openDuckdb } from '../../server/sources/duckdb/source.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import type { Source } from '../../server/sources/source.ts'
import { oddFloats } from '../support/odd-floats.ts'
import { postgresUrl } from '../support/postgres.ts'
import { queryOf } from '../support/query.ts'
import { valueCases as cases } from '../support/value-cases.ts'

const options = { limits: defaultLimits, log: () => {} }
let sources: Record<'postgres' | 'duckdb', Source>

beforeAll(() => {
  sources = {
    postgres: openPostgres({ ...options, name: 'pg', config: { type: 'postgres', url: postgresUrl() } }),
    duckdb: openDuckdb({ ...options, name: 'duck', type: 'duckdb', config: {} }),
  }
})

afterAll(() => Promise.all(Object.values(sources ?? {}).map((source) => source.close())))

const ask = async (source: Source, expression: string) => {
  const result = await source.query(queryOf(`SELECT ${expression} AS v`, { limits: { maxCellBytes: 10_000 } }))
  return { type: result.columns[0]?.type, json: result.rows?.text }
}

describe.each(['postgres', 'duckdb'] as const)('%s', (dialect) => {
  test.each(cases.filter((one) => one[dialect] !== 'none'))(`writes $${dialect} as $json`, async (one) => {
    expect(await ask(sources[dialect], one[dialect])).toEqual({ type: one.type, json: `[[${one.json}]]` })
  })

  test.each(['😀', 'é', '数', 'a"', 'x'])('cuts a long value of %s at a whole character, within its limit', async (part) => {
    for (const shift of ['', 'a', 'ab', 'abc']) {
      const { json = '' } = await ask(sources[dialect], `'${shift}' || repeat('${part}', 20000)`)
      expect(Buffer.byteLength(json) - 4).toBeLessThanOrEqual(10_000)
      expect(Buffer.byteLength(json)).toBeGreaterThan(9_500)
      const [[value]] = JSON.parse(json) as [[string]]
      const [head = '', mark] = value.split('…')
      expect(mark).toBe(` [cut: ${Buffer.byteLength(shift + part.repeat(20_000))} bytes]`)
      expect((shift + part.repeat(20_000)).startsWith(head) && head.isWellFormed()).toBe(true)
    }
  })
})

test('every canonical type has a case', () => {
  expect([...new Set(cases.map((one) => one.type))].sort()).toEqual(Object.keys(canonicalTypes).sort())
})

test('a 32-bit float is its shortest decimal, the same from both databases, alone and in an array, as JSON and as CSV', async () => {
  const floats = oddFloats(3_000)
  const lists = { postgres: `CAST('{${floats}}' AS double precision[])`, duckdb: `CAST([${floats}] AS DOUBLE[])` }
  const limits = { maxRows: floats.length, maxBytes: 4_000_000, maxCellBytes: 4_000_000 }
  const answers = await Promise.all(
    (['postgres', 'duckdb'] as const).map(async (dialect) => {
      const alone = `SELECT CAST(v AS real) AS v FROM unnest(${lists[dialect]}) u(v)`
      const [rows, csv, array] = await Promise.all([
        sources[dialect].query(queryOf(alone, { limits })),
        sources[dialect].query(queryOf(alone, { limits, format: 'csv' })),
        sources[dialect].query(queryOf(`SELECT CAST(${lists[dialect]} AS real[]) AS v`, { limits })),
      ])
      return { rows: rows.rows?.text, csv: csv.text, array: array.rows?.text }
    }),
  )
  const [postgres, duckdb] = answers
  expect(duckdb?.rows?.slice(2, -2).split('],[')).toEqual(postgres?.rows?.slice(2, -2).split('],['))
  expect(duckdb).toEqual(postgres)
  expect((JSON.parse(duckdb?.array ?? '') as [[number[]]])[0][0].map(Math.fround)).toEqual(floats)
  expect(duckdb?.csv?.split('\n').slice(1, -1).join('],[')).toBe(duckdb?.rows?.slice(2, -2))
})
