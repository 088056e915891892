import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../server/envelope/fault.ts'
import { analyzePostgres } from '../../server/sources/postgres/analyze.ts'
import { root } from '../support/project-files.ts'
import { hostileTexts } from './hostile-texts.ts'

/** The longest text that the contract takes. */
const length = 100_000
const hostile = hostileTexts(length)

const analyze = (sql: string, signal = new AbortController().signal) => analyzePostgres(sql, signal)

describe('a text made to take long', () => {
  test.each(Object.keys(hostile))('%s: is read or refused, and the next is read', async (name) => {
    const outcome = await analyze(hostile[name] as string).catch((error: unknown) => error)
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(Fault)
      expect((outcome as Fault).code).toMatch(/SQL_REJECTED|SQL_ERROR/)
      // What to do about a text that does not parse, the guard says.
      if ((outcome as Fault).code === 'SQL_REJECTED') expect((outcome as Fault).details.hint).toBeTypeOf('string')
    } else expect(outcome).toMatchObject({ count: expect.any(Number) })
    expect(await analyze(`SELECT ARRAY[${'1,'.repeat(length / 2 - 20)}1]`)).toMatchObject({ count: 1, kind: 'select' })
  })

  test('nobody waits for it', async () => {
    let isDone = false
    const long = analyze(`${hostile.joins} `)
      .catch(() => {})
      .finally(() => {
        isDone = true
      })
    for (const n of [1, 2, 3]) expect(await analyze(`SELECT ${n} AS meanwhile`)).toMatchObject({ count: 1 })
    expect(isDone).toBe(false)
    await long
  })

  test('sent many times at once: few wait, and none whose caller has gone', async () => {
    const codeOf = (sent: Promise<unknown>) => sent.then(() => 'read').catch((error: Fault) => error.code ?? String(error))
    const first = codeOf(analyze(`${hostile.joins}  `))
    const gone = new AbortController()
    const left = Array.from({ length: 10 }, () => codeOf(analyze(`${hostile.joins}   `, gone.signal)))
    gone.abort(new Error('gone'))
    expect(new Set(await Promise.all(left))).toEqual(new Set(['Error: gone']))
    const codes = await Promise.all(Array.from({ length: 40 }, (_, n) => codeOf(analyze(`${hostile.joins}${' '.repeat(4 + n)}`))))
    expect(codes.filter((code) => code === 'RATE_LIMITED').length).toBeGreaterThan(30)
    await first
  })
})

test('columns that may be of very many relations are refused, and those of many are not', async () => {
  const sum = (columns: number, relations: number) =>
    `SELECT ${'a + '.repeat(columns)}1 FROM ${Array.from({ length: relations }, (_, index) => `t AS t${index}`).join(', ')}`
  for (const sql of [sum(400, 200), sum(1_800, 100), sum(9_000, 1_000)])
    await expect(analyze(sql)).rejects.toMatchObject({ code: 'SQL_REJECTED' })
  expect(await analyze(sum(500, 50))).toMatchObject({ count: 1, kind: 'select' })
})

test('the grammar is compiled once, whatever is parsed', () => {
  const script = `
    const { analyzePostgres } = await import('./server/sources/postgres/analyze.ts')
    for (let n = 0; n < 1000; n++) {
      await analyzePostgres(\`SELECT a, count(*) AS n FROM t JOIN u USING (id) WHERE a > \${n} GROUP BY a ORDER BY n LIMIT 10\`, new AbortController().signal)
      if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    }
    console.log(process.resourceUsage().maxRSS)`
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8' })
  expect(Number(out) / 1024).toBeLessThan(300)
})
