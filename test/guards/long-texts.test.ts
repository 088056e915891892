import { describe, expect, test } from 'vitest'
import { Fault } from '../../server/envelope/fault.ts'
import { analyzePostgres } from '../../server/sources/postgres/analyze.ts'

/** The longest text that the contract takes. */
const length = 100_000
const repeat = (part: string, around: (parts: string) => string = (parts) => parts) =>
  around(part.repeat(Math.floor((length - 40) / part.length)))
const half = (length - 40) / 2

/** Made to take the grammar, or what walks its tree, long or deep. */
const hostile: Record<string, string> = {
  'nested comments': `SELECT 1 ${'/*'.repeat(half / 2)}${'*/'.repeat(half / 2)}`,
  parentheses: `SELECT ${'('.repeat(half)}1${')'.repeat(half)}`,
  subqueries: `SELECT ${'(SELECT '.repeat(half / 9)}1${')'.repeat(half / 9)}`,
  arrays: `SELECT ${'ARRAY['.repeat(half / 7)}1${']'.repeat(half / 7)}`,
  'a long sum': repeat('1+', (parts) => `SELECT ${parts}1`),
  negations: repeat('NOT ', (parts) => `SELECT ${parts}true`),
  casts: repeat('::int', (parts) => `SELECT 1${parts}`),
  unions: repeat(' UNION SELECT 1', (parts) => `SELECT 1${parts}`),
  joins: repeat(' JOIN a USING (x)', (parts) => `SELECT 1 FROM a${parts}`),
  columns: repeat('a,', (parts) => `SELECT ${parts}a FROM t`),
  statements: repeat('SELECT 1;'),
  'a list': repeat('1,', (parts) => `SELECT 1 WHERE 1 IN (${parts}1)`),
}

describe('a text made to take long', () => {
  test.each(Object.keys(hostile))('%s: is read or refused, and the next is read', async (name) => {
    const outcome = await analyzePostgres(hostile[name] as string).catch((error: unknown) => error)
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(Fault)
      expect((outcome as Fault).code).toMatch(/SQL_REJECTED|SQL_ERROR/)
      expect((outcome as Fault).details.hint).toBeTypeOf('string')
    } else expect(outcome).toMatchObject({ count: expect.any(Number) })
    expect(await analyzePostgres(repeat('1,', (parts) => `SELECT ARRAY[${parts}1]`))).toMatchObject({ count: 1, kind: 'select' })
  })

  test('nobody waits for it', async () => {
    let isDone = false
    const long = analyzePostgres(`${hostile['nested comments']} `)
      .catch(() => {})
      .finally(() => {
        isDone = true
      })
    for (const n of [1, 2, 3]) expect(await analyzePostgres(`SELECT ${n} AS meanwhile`)).toMatchObject({ count: 1 })
    expect(isDone).toBe(false)
    await long
  })
})
