/** Honest queries of the field: each passes the guard and gets the rows that the bare driver gets. */
import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { defaultLimits } from '../../server/projects/project.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import { readText } from './cases.ts'
import { type BareResult, present } from './compare-rows.ts'
import { createPostgres, fill, withClient } from './databases.ts'
import { type Comparison, compareAll, startComparison } from './honest.ts'
import { serveSource } from './serve-source.ts'
import { type HonestSetup, readHonest } from './sql-cases.ts'
import { statementsOf } from './sql-script.ts'

const limits = { ...defaultLimits, maxRows: 500, maxBytes: 64 * 1024 * 1024, maxCellBytes: 16 * 1024 * 1024 }

const boolean = 16
const date = 1082
/** Types whose text has one spelling; besides the above int8, int2, int4, name, text, bpchar, varchar, numeric. */
const comparedTypes: ReadonlySet<number> = new Set([boolean, date, 20, 21, 23, 19, 25, 1042, 1043, 1700])
/** json and jsonb, whose own null travels as null. */
const jsonTypes: ReadonlySet<number> = new Set([114, 3802])

/** Answers of the bare driver: every value as the server sends it, in the settings of our sessions. */
const openBare = async (url: string) => {
  const client = new pg.Client({
    connectionString: url,
    options: '-c default_transaction_read_only=on -c TimeZone=UTC -c DateStyle=ISO -c statement_timeout=30000',
    types: { getTypeParser: () => (text: string) => text },
  })
  await client.connect()
  return {
    close: () => client.end(),
    async query(sql: string): Promise<BareResult> {
      const { fields, rows } = await client.query<(string | null)[]>({
        text: sql,
        rowMode: 'array',
        queryMode: 'extended',
      } as pg.QueryArrayConfig)
      const typeOf = (column: number): number | undefined => fields[column]?.dataTypeID
      // Dates before Christ and past the year 9999 have more than one spelling.
      const hasOneSpelling = (column: number) =>
        typeOf(column) !== date || rows.every((row) => /^\d{4}-\d\d-\d\d$/.test(row[column] ?? '2026-01-01'))
      const compared = fields.map(({ dataTypeID }, column) => comparedTypes.has(dataTypeID) && hasOneSpelling(column))
      const textOf = (text: string, column: number): string | null => {
        if (jsonTypes.has(typeOf(column) as number) && text === 'null') return null
        if (compared[column] !== true) return present
        return typeOf(column) === boolean ? String(text === 't') : text
      }
      return {
        names: fields.map(({ name }) => name),
        compared,
        rows: rows.map((row) => row.map((text, column) => (text === null ? null : textOf(text, column)))),
      }
    },
  }
}

const templates = new Map<string, string>()

/** A database that others are copied from, made once per base script. */
const templateOf = async (base: string): Promise<string> => {
  const known = templates.get(base)
  if (known !== undefined) return known
  const url = await createPostgres(inject('postgres'))
  await withClient(url, (client) => fill((statement) => client.query(statement), statementsOf(readText(`sql/setup/${base}`))))
  const name = new URL(url).pathname.slice(1)
  templates.set(base, name)
  return name
}

const compareSetup = async ({ base, stages }: HonestSetup, comparison: Comparison): Promise<void> => {
  const url = await createPostgres(inject('postgres'), base === undefined ? undefined : await templateOf(base))
  const source = openPostgres({ name: 'field', limits, log: () => {}, config: { type: 'postgres', url, sslmode: 'disable' } })
  const bare = await openBare(url)
  await withClient(url, async (writer) => {
    for (const { statements, cases } of stages) {
      await fill((statement) => writer.query(statement), statements)
      const ask = serveSource(source, limits)
      await compareAll(cases, { source, ask, bare: bare.query, cap: limits.maxRows }, comparison)
    }
  })
  await bare.close()
  await source.close()
}

test('every honest query on Postgres is answered as by the bare driver', { timeout: 600_000 }, async () => {
  const comparison = startComparison()
  const setups = readHonest('postgres')
  for (const { base } of setups) if (base !== undefined) await templateOf(base)
  // Shared by lanes, each of which takes the next when it is free.
  const queue = setups.values()
  const runLane = async () => {
    for (const setup of queue) await compareSetup(setup, comparison)
  }
  await Promise.all([runLane(), runLane(), runLane()])
  expect(comparison.differences).toEqual([])
  expect(comparison.equal).toBeGreaterThan(1_200)
  expect(comparison.rows).toBeGreaterThan(3_000)
  expect(comparison.values).toBeGreaterThan(5_000)
  expect([...comparison.failed, ...comparison.undetermined].length).toBeLessThan(10)
})
