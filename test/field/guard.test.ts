import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fault } from '../../server/envelope/fault.ts'
import { checkReadOnly } from '../../server/guards/read-only.ts'
import { defaultLimits } from '../../server/projects/project.ts'
import { openDuckdb } from '../../server/sources/duckdb/source.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import type { Source } from '../../server/sources/source.ts'
import { readCases } from './cases.ts'

interface Benign {
  readonly id: string
  readonly dialect: 'postgres' | 'duckdb'
  readonly sql: string
}

interface Attack extends Benign {
  readonly category: string
  readonly expect: 'reject' | 'reject_or_harmless'
  readonly policy_only?: boolean
}

const options = { limits: defaultLimits, log: () => {} }
let sources: Record<'postgres' | 'duckdb', Source>

beforeAll(() => {
  sources = {
    // Only its grammar is asked, which needs no server.
    postgres: openPostgres({ ...options, name: 'pg', config: { type: 'postgres', url: 'postgres://127.0.0.1:1/none' } }),
    duckdb: openDuckdb({ ...options, name: 'duck', type: 'duckdb', config: {} }),
  }
})
afterAll(() => Promise.all(Object.values(sources).map((source) => source.close())))

/** The code a text is refused with, or undefined when it passes the guard. */
const verdict = async ({ dialect, sql }: Benign): Promise<string | undefined> => {
  try {
    await checkReadOnly(sources[dialect], sql, new AbortController().signal)
    return undefined
  } catch (error) {
    if (error instanceof Fault) return error.code
    throw error
  }
}

describe.each(['postgres', 'duckdb'] as const)('%s', (dialect) => {
  test('every honest query passes', async () => {
    const refused: string[] = []
    const cases = readCases<Benign>('sql/benign.jsonl').filter((found) => found.dialect === dialect)
    expect(cases.length).toBeGreaterThan(500)
    for (const one of cases) {
      const code = await verdict(one)
      if (code !== undefined) refused.push(`${one.id} ${code} ${one.sql.slice(0, 80)}`)
    }
    expect(refused).toEqual([])
  })

  test('a statement that is no read never passes', async () => {
    const passed: string[] = []
    for (const one of readCases<Attack>('sql/attacks.jsonl').filter((found) => found.dialect === dialect && found.sql !== undefined)) {
      if (
        !/^\s*(INSERT|UPDATE|DELETE|MERGE|CREATE|DROP|ALTER|TRUNCATE|COPY|DO|CALL|SET|RESET|PREPARE|EXECUTE|LOCK|NOTIFY|LISTEN|VACUUM|ANALYZE|GRANT|REVOKE|BEGIN|COMMIT|ROLLBACK|ATTACH|INSTALL|LOAD|EXPORT|IMPORT|PRAGMA)\b/i.test(
          one.sql,
        )
      )
        continue
      if ((await verdict(one)) === undefined) passed.push(`${one.id} ${one.sql.slice(0, 80)}`)
    }
    expect(passed).toEqual([])
  })
})
