/**
 * The attacks of the field on DuckDB, run as they are, with no guard before the engine: each is stopped or harmless.
 * What the login of a source may read, it reads; files, network, writes and the calls of others are out of reach.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openUnguarded, type Unguarded } from '../support/unguarded-duckdb.ts'
import { readCases, readText } from './cases.ts'
import { statementsOf } from './sql-script.ts'

interface Attack {
  readonly id: string
  readonly dialect: 'postgres' | 'duckdb'
  readonly sql?: string
}

let unguarded: Unguarded
beforeAll(async () => {
  unguarded = await openUnguarded(statementsOf(readText('sql/setup/attacks_duckdb.sql')))
})
afterAll(() => unguarded?.close())

test('no attack has an effect without the guard', { timeout: 900_000 }, async () => {
  const cases = readCases<Attack>('sql/attacks.jsonl').filter(({ dialect, sql }) => dialect === 'duckdb' && sql !== undefined)
  expect(cases.length).toBeGreaterThan(200)
  const effects: string[] = []
  for (const { id, sql = '' } of cases) {
    const aimed = sql
      .replaceAll('@CANARY@', unguarded.folder)
      .replaceAll('https://203.0.113.9', 'http://203.0.113.9')
      .replaceAll('203.0.113.9', unguarded.address)
    for (const effect of await unguarded.attack(aimed)) effects.push(`${id} ${effect} | ${sql.slice(0, 100)}`)
  }
  expect(effects).toEqual([])
})
