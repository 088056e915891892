import { describe, expect, test } from 'vitest'
import { Fault } from '../../server/envelope/fault.ts'
import { analyzePostgres } from '../../server/sources/postgres/analyze.ts'
import { hostileTexts } from './hostile-texts.ts'

/** The longest text that the contract takes. */
const length = 100_000
const hostile = hostileTexts(length)

describe('a text made to take long', () => {
  test.each(Object.keys(hostile))('%s: is read or refused, and the next is read', async (name) => {
    const outcome = await analyzePostgres(hostile[name] as string).catch((error: unknown) => error)
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(Fault)
      expect((outcome as Fault).code).toMatch(/SQL_REJECTED|SQL_ERROR/)
      expect((outcome as Fault).details.hint).toBeTypeOf('string')
    } else expect(outcome).toMatchObject({ count: expect.any(Number) })
    expect(await analyzePostgres(`SELECT ARRAY[${'1,'.repeat(length / 2 - 20)}1]`)).toMatchObject({ count: 1, kind: 'select' })
  })

  test('nobody waits for it', async () => {
    let isDone = false
    const long = analyzePostgres(`${hostile.joins} `)
      .catch(() => {})
      .finally(() => {
        isDone = true
      })
    for (const n of [1, 2, 3]) expect(await analyzePostgres(`SELECT ${n} AS meanwhile`)).toMatchObject({ count: 1 })
    expect(isDone).toBe(false)
    await long
  })
})
