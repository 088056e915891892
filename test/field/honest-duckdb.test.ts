/** Honest queries of the field: each passes the guard and gets the rows that the bare driver gets. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DuckDBConnection, type DuckDBValue, DuckDBTypeId as Id } from '@duckdb/node-api'
import { afterAll, expect, test } from 'vitest'
import { defaultLimits } from '../../server/projects/project.ts'
import { openDuckdb } from '../../server/sources/duckdb/source.ts'
import { type BareResult, present } from './compare-rows.ts'
import { fill, removeDuckdb, withDuckdb } from './databases.ts'
import { type Comparison, compareAll, startComparison } from './honest.ts'
import { serveSource } from './serve-source.ts'
import { type HonestSetup, readHonest } from './sql-cases.ts'

const limits = { ...defaultLimits, maxRows: 500, maxBytes: 64 * 1024 * 1024, maxCellBytes: 16 * 1024 * 1024 }
/** Short, so that the next set-up can have the file soon; long enough for the calls of one query. */
const releaseAfterMs = 15
const folder = mkdtempSync(join(tmpdir(), 'dataface-field-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Types whose text has one spelling. */
const comparedTypes: ReadonlySet<Id> = new Set([
  Id.BOOLEAN,
  Id.TINYINT,
  Id.SMALLINT,
  Id.INTEGER,
  Id.BIGINT,
  Id.UTINYINT,
  Id.USMALLINT,
  Id.UINTEGER,
  Id.UBIGINT,
  Id.HUGEINT,
  Id.UHUGEINT,
  Id.DECIMAL,
  Id.VARCHAR,
  Id.DATE,
])

const readBare = async (connection: DuckDBConnection, sql: string): Promise<BareResult> => {
  const reader = await connection.runAndReadAll(sql)
  const types = reader.columnTypes()
  const rows = reader.getRows()
  const isJson = (column: number): boolean => types[column]?.alias === 'JSON'
  // Dates before Christ, past the year 9999 and without end have more than one spelling.
  const hasOneSpelling = (column: number): boolean =>
    types[column]?.typeId !== Id.DATE || rows.every((row) => /^(?:\d{4}-\d\d-\d\d|null)$/.test(String(row[column])))
  const compared = types.map(({ typeId }, column) => comparedTypes.has(typeId) && !isJson(column) && hasOneSpelling(column))
  const textOf = (value: DuckDBValue, column: number): string | null => {
    // The null of JSON travels as null.
    if (value === null || (isJson(column) && value === 'null')) return null
    return compared[column] === true ? String(value) : present
  }
  return { names: reader.columnNames(), compared, rows: rows.map((row) => row.map(textOf)) }
}

/** Answers of the bare driver in the settings of our sessions, asked in advance: the file has one user at a time. */
const answersOf = async (connection: DuckDBConnection, sqls: readonly string[]): Promise<Map<string, (BareResult | Error)[]>> => {
  await connection.run("SET TimeZone = 'UTC'")
  const answers = new Map<string, (BareResult | Error)[]>()
  for (const sql of sqls) {
    const ask = () => readBare(connection, sql).catch((error: Error) => error)
    answers.set(sql, [await ask(), await ask()])
  }
  return answers
}

/**
 * Compares set-ups one after the other at one path, in one process: it lets go of the file as soon as no call is in
 * flight, and then the next database is put there.
 */
const compareSetups = async (path: string, setups: Iterable<HonestSetup>, comparison: Comparison): Promise<void> => {
  const source = openDuckdb({ name: 'field', type: 'duckdb', config: { path }, limits, log: () => {}, releaseAfterMs })
  for (const { stages } of setups) {
    await removeDuckdb(path)
    for (const { statements, cases } of stages) {
      const answers = await withDuckdb(path, async (writer, instance) => {
        await fill((statement) => writer.run(statement), statements)
        // A session of its own, without what the set-up left in the other.
        const reader = await instance.connect()
        const answered = await answersOf(
          reader,
          cases.map(({ sql }) => sql),
        )
        reader.disconnectSync()
        return answered
      })
      const bare = async (sql: string) => {
        const answer = answers.get(sql)?.shift()
        if (answer instanceof Error || answer === undefined) throw answer
        return answer
      }
      await compareAll(cases, { source, ask: serveSource(source, limits), bare, cap: limits.maxRows }, comparison)
      await sleep(2 * releaseAfterMs)
    }
  }
  await source.close()
}

test('every honest query on DuckDB is answered as by the bare driver', { timeout: 600_000 }, async () => {
  const comparison = startComparison()
  // Shared by lanes, each of which takes the next when it is free.
  const setups = readHonest('duckdb').values()
  await Promise.all([1, 2, 3].map((lane) => compareSetups(join(folder, `lane${lane}.duckdb`), setups, comparison)))
  expect(comparison.differences).toEqual([])
  expect(comparison.equal).toBeGreaterThan(1_080)
  expect(comparison.rows).toBeGreaterThan(3_000)
  expect(comparison.values).toBeGreaterThan(5_000)
  expect([...comparison.failed, ...comparison.undetermined].length).toBeLessThan(10)
})
