/** What every store of quotas does alike: the memory of a process, Postgres and Redis. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { QuotasConfig } from '../../contracts/v1/project.ts'
import { Fault } from '../../server/envelope/fault.ts'
import type { QuotaStore } from '../../server/quotas/quota-store.ts'
import { createQuotas, type Quotas } from '../../server/quotas/quotas.ts'
import type { State } from '../../server/state/state.ts'
import { type TestStore, testStores } from '../support/state-stores.ts'

const nothing = { rows: 0, bytes: 0, tokens: 0 }
const day = 86_400_000
/** A morning. */
const start = 20_000 * day + 30_000_000

/** What becomes of a call that ends at once: what is left, or the message and the time to wait. */
const askWith =
  (quotas: Quotas) =>
  async (at: number, usage = nothing, caller = 'a', tool = 'x') => {
    try {
      return await (await quotas.enter({ id: caller }, tool, start + at)).leave(usage)
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'RATE_LIMITED') throw error
      return { message: error.message, waitMs: error.details.retryAfterMs }
    }
  }

describe.each(Object.entries(testStores))('%s', (_kind, makeStore) => {
  let store: TestStore
  beforeAll(async () => {
    store = await makeStore()
  })
  afterAll(() => store.stop())

  const opened = (): State => {
    const state = store.open()
    onTestFinished(() => state.close())
    return state
  }
  let made = 0
  /** Quotas of a project that nobody has called, or of one that is named. */
  const quotasOf = (config: QuotasConfig, name = `p${++made}`, state = opened()) => createQuotas(config, { store: state.quotas, name })

  test('calls a minute come back evenly, and never more than there are', async () => {
    const ask = askWith(quotasOf({ caller: { calls_per_minute: 60 } }))
    for (let left = 59; left >= 0; left--) expect(await ask(0)).toEqual({ calls_left: left })
    const usedUp = (waitMs: number) => ({ message: 'The 60 calls a minute of this caller are used up.', waitMs })
    expect([await ask(0), await ask(400), await ask(1000), await ask(1000), await ask(500)]).toEqual([
      usedUp(1000),
      usedUp(600),
      { calls_left: 0 },
      usedUp(1000),
      usedUp(1000),
    ])
    expect(await ask(10_000_000)).toEqual({ calls_left: 59 })
  })

  test('parts of a call are not lost between two of them', async () => {
    const ask = askWith(quotasOf({ caller: { calls_per_minute: 7 } }))
    for (let call = 0; call < 7; call++) await ask(0)
    // One comes back every 8571.43 ms.
    expect((await ask(8571)) as object).toMatchObject({ waitMs: 1 })
    expect(await ask(8572)).toEqual({ calls_left: 0 })
    expect((await ask(17_142)) as object).toMatchObject({ waitMs: 1 })
    expect(await ask(17_143)).toEqual({ calls_left: 0 })
  })

  test('a call that one quota refuses takes nothing of the others', async () => {
    const quotas = quotasOf({
      project: { calls_per_minute: 9, rows_per_day: 5 },
      caller: { calls_per_minute: 2 },
      tools: { catalog: { concurrent_calls: 1 } },
    })
    const running = await quotas.enter({ id: 'a' }, 'catalog', start)
    await expect(quotas.enter({ id: 'a' }, 'catalog', start)).rejects.toThrow('1 calls of catalog for this caller run already')
    expect(await running.leave(nothing)).toMatchObject({ calls_left: 1 })
    expect(await (await quotas.enter({ id: 'a' }, 'catalog', start)).leave(nothing)).toMatchObject({ calls_left: 0 })
    await expect(quotas.enter({ id: 'a' }, 'catalog', start)).rejects.toThrow('The 2 calls a minute of this caller')
    expect(await (await quotas.enter({ id: 'b' }, 'x', start)).leave(nothing)).toMatchObject({ calls_left: 1 })
  })

  test.each(['rows', 'bytes', 'tokens'] as const)('%s of a day never pass the limit, and are counted anew the next day', async (unit) => {
    const ask = askWith(quotasOf({ caller: { [`${unit}_per_day`]: 10 } }))
    expect(await ask(0, { ...nothing, [unit]: 6 })).toMatchObject({ [`${unit}_left`]: 4, resets_at: new Date(20_001 * day).toISOString() })
    expect(await ask(1, { ...nothing, [unit]: 5 })).toEqual({
      message: `5 ${unit} more would pass the 10 a day of this caller, of which 4 are left.`,
      waitMs: day - 30_000_001,
    })
    expect(await ask(1, { ...nothing, [unit]: 4 })).toMatchObject({ [`${unit}_left`]: 0 })
    expect(await ask(2)).toEqual({ message: `The 10 ${unit} a day of this caller are used up.`, waitMs: day - 30_000_002 })
    expect(await ask(day - 30_000_000, { ...nothing, [unit]: 1 })).toMatchObject({ [`${unit}_left`]: 9 })
  })

  test('what a call that runs past midnight comes to is of the next day, and so is what it is told', async () => {
    const { quotas: real } = opened()
    const later = 20_001 * day + 10_000
    const store: QuotaStore = {
      take: (call) => real.take(call, 20_001 * day - 10_000),
      settle: (call, usage, how) => real.settle(call, usage, how, later),
    }
    const quotas = createQuotas({ caller: { rows_per_day: 10 } }, { store, name: `p${++made}` })
    const enter = () => quotas.enter({ id: 'a' }, 'x')
    const [given, refused] = [await enter(), await enter()]
    const resetsAt = new Date(20_002 * day).toISOString()
    expect(await given.leave({ ...nothing, rows: 6 })).toEqual({ rows_left: 4, resets_at: resetsAt })
    expect(quotas.fullest(later)).toEqual({ rows: 0.6 })
    const error: unknown = await refused.leave({ ...nothing, rows: 5 }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ details: { retryAfterMs: day - 10_000, quota: { rows_left: 4, resets_at: resetsAt } } })
  })

  test('counts are those of a caller, a tool and a project, whatever their names', async () => {
    const names = ['key:a', 'user:ada lovelace', "client:x'; --", 'user:{b}:*', 'user:ö\u{1F600}', 'user:\0', 'user:\ud800x']
    const config = { caller: { calls_per_minute: 1, concurrent_calls: 1 }, tools: { t: { rows_per_day: 1 } } }
    const [one, other] = [askWith(quotasOf(config)), askWith(quotasOf(config))]
    for (const name of names) {
      expect(await one(0, nothing, name, 't')).toMatchObject({ calls_left: 0, rows_left: 1 })
      expect(await one(0, nothing, name, 't')).toMatchObject({ message: expect.stringContaining('this caller') as string })
      expect(await other(0, nothing, name, 't')).toMatchObject({ calls_left: 0 })
    }
  })

  test('a limit that is changed holds at once, and what was used stays used', async () => {
    const name = `p${++made}`
    const state = opened()
    const ask = (limit: number, rows: number) =>
      askWith(quotasOf({ caller: { calls_per_minute: limit, rows_per_day: rows } }, name, state))(0, { ...nothing, rows: 3 })
    expect(await ask(3, 100)).toMatchObject({ calls_left: 2, rows_left: 97 })
    expect(await ask(10, 10)).toMatchObject({ calls_left: 8, rows_left: 4 })
    expect(await ask(2, 10)).toMatchObject({ message: 'The 2 calls a minute of this caller are used up.' })
    expect(await ask(10, 6)).toMatchObject({ message: 'The 6 rows a day of this caller are used up.' })
  })

  test('calls at once are limited from now on where they were not, by those that run and no others', async () => {
    const name = `p${++made}`
    const state = opened()
    const [first, later] = [
      quotasOf({ caller: { calls_per_minute: 100 } }, name, state),
      quotasOf({ caller: { calls_per_minute: 100, concurrent_calls: 1 } }, name, state),
    ]
    for (let call = 0; call < 3; call++) expect(await askWith(first)(0)).toEqual({ calls_left: 99 - call })
    expect(await askWith(later)(0)).toEqual({ calls_left: 96 })
  })

  test('who has used more calls than a lower limit has waits no longer than who has used up that limit', async () => {
    const name = `p${++made}`
    const state = opened()
    const [first, later] = [100, 2].map((limit) => askWith(quotasOf({ caller: { calls_per_minute: limit } }, name, state)))
    for (let call = 0; call < 100; call++) await first?.(0)
    expect(await later?.(0)).toMatchObject({ waitMs: 30_000 })
    expect(await later?.(29_999)).toMatchObject({ waitMs: 1 })
    expect(await later?.(30_000)).toEqual({ calls_left: 0 })
    expect(await later?.(30_000)).toMatchObject({ waitMs: 30_000 })
  })

  test('what a process that died has left running is free again soon, and what runs on is not', async () => {
    const config = { caller: { concurrent_calls: 1 } }
    const [dead, alive] = [`p${++made}`, `p${++made}`]
    const now = Date.now()
    const long = opened()
    await quotasOf(config, alive, long).enter({ id: 'a' }, 'x', now - 26_000)
    // The memory of a process dies with it.
    if (store.url !== undefined) {
      await quotasOf(config, dead).enter({ id: 'a' }, 'x', now)
      await expect(quotasOf(config, dead).enter({ id: 'a' }, 'x', now + 29_000)).rejects.toThrow('run already')
      expect(await (await quotasOf(config, dead).enter({ id: 'a' }, 'x', now + 31_000)).leave(nothing)).toEqual({})
    }
    const isRunning = () =>
      quotasOf(config, alive, long)
        .enter({ id: 'a' }, 'x', now + 20_000)
        .then(
          (entered) => entered.leave(nothing).then(() => false),
          () => true,
        )
    await expect.poll(isRunning, { timeout: 15_000, interval: 500 }).toBe(true)
  })

  test('two who count in it at once never exceed a limit', async () => {
    const name = `p${++made}`
    const config = { project: { calls_per_minute: 40 }, caller: { concurrent_calls: 5 }, tools: { x: { rows_per_day: 1_000_000 } } }
    const sides = [opened(), opened()].map((state) => quotasOf(config, name, state))
    let running = 0
    let most = 0
    let admitted = 0
    const call = async (quotas: Quotas): Promise<void> => {
      const entered = await quotas.enter({ id: 'a' }, 'x', start).catch((error: unknown) => {
        if (error instanceof Fault && error.code === 'RATE_LIMITED') return undefined
        throw error
      })
      if (entered === undefined) return
      admitted++
      most = Math.max(most, ++running)
      await new Promise((done) => setTimeout(done, Math.random() * 4))
      // It may run a moment longer than the store believes, never shorter.
      running--
      await entered.leave({ rows: 1, bytes: 1, tokens: 1 })
    }
    for (let round = 0; round < 40; round++) await Promise.all(sides.flatMap((quotas) => Array.from({ length: 8 }, () => call(quotas))))
    expect(admitted).toBe(40)
    // How many ran at once here is a matter of the machine; that it was never more is not.
    expect(most).toBeLessThanOrEqual(5)
    const left = await (await quotasOf({ tools: { x: { rows_per_day: 100 } } }, name).enter({ id: 'a' }, 'x', start)).leave(nothing)
    expect(left).toMatchObject({ rows_left: 60 })
  })

  test('two who answer at once never pass a limit of the day, whole or in parts', async () => {
    const name = `p${++made}`
    const config = { caller: { rows_per_day: 50 } }
    const sides = [opened(), opened()].map((state) => quotasOf(config, name, state))
    let given = 0
    const isLimited = (error: unknown): void => {
      if (!(error instanceof Fault) || error.code !== 'RATE_LIMITED') throw error
    }
    const answer = async (quotas: Quotas): Promise<void> => {
      const entered = await quotas.enter({ id: 'a' }, 'x', start)
      for (let part = 0; part < 2; part++) await entered.spend({ ...nothing, rows: 1 }).then(() => given++, isLimited)
      await entered.leave({ ...nothing, rows: 1 }).then(() => given++, isLimited)
    }
    const answerMany = async (quotas: Quotas): Promise<void> => {
      for (let call = 0; call < 12; call++) await answer(quotas).catch(isLimited)
    }
    await Promise.all(sides.flatMap((quotas) => [answerMany(quotas), answerMany(quotas)]))
    expect(given).toBe(50)
    await expect(quotasOf(config, name).enter({ id: 'a' }, 'x', start)).rejects.toThrow('The 50 rows a day of this caller are used up.')
  })

  test('what is held for calls that run is never given twice, and is free again when they end, also past midnight', async () => {
    const name = `p${++made}`
    const config = { project: { rows_per_day: 10_000 }, caller: { bytes_per_day: 1_000_000, concurrent_calls: 40 } }
    const sides = [opened(), opened()].map((state) => quotasOf(config, name, state))
    const used = { rows: 0, bytes: 0 }
    const answer = async (quotas: Quotas, at: number): Promise<boolean> => {
      const usage = { rows: Math.floor(Math.random() * 150), bytes: Math.floor(Math.random() * 15_000), tokens: 0 }
      const given = await (await quotas.enter({ id: 'a' }, 'x', at)).leave(usage).catch((error: unknown) => {
        if (!(error instanceof Fault) || error.code !== 'RATE_LIMITED') throw error
      })
      if (given === undefined) return false
      used.rows += usage.rows
      used.bytes += usage.bytes
      return true
    }
    const answerMany = async (quotas: Quotas): Promise<void> => {
      while (await answer(quotas, start).catch(() => false));
    }
    await Promise.all(sides.flatMap((quotas) => Array.from({ length: 6 }, () => answerMany(quotas))))
    expect(used.rows).toBeLessThanOrEqual(10_000)
    expect(used.bytes).toBeLessThanOrEqual(1_000_000)
    const left = async (at: number) =>
      (await quotasOf({ project: { rows_per_day: 1e6 }, caller: { bytes_per_day: 1e7 } }, name).enter({ id: 'a' }, 'x', at)).leave(nothing)
    const leftOf = ({ rows, bytes } = used) => ({ rows_left: 1e6 - rows, bytes_left: 1e7 - bytes })
    // What a call came to may be counted a moment after its answer has left.
    await expect.poll(() => left(start)).toMatchObject(leftOf())
    const evening = start + day
    const late = await (sides[0] as Quotas).enter({ id: 'a' }, 'x', evening)
    await (await (sides[1] as Quotas).enter({ id: 'a' }, 'x', evening)).leave({ rows: 3, bytes: 30, tokens: 3 })
    await expect.poll(() => left(evening)).not.toMatchObject(leftOf({ rows: 0, bytes: 0 }))
    await late.leave({ rows: 5, bytes: 50, tokens: 5 })
    await expect.poll(() => left(evening)).toMatchObject(leftOf({ rows: 8, bytes: 80 }))
  })

  test('what an answer came to in parts is among what is used when it ends', async () => {
    const quotas = quotasOf({ project: { rows_per_day: 100_000 }, caller: { tokens_per_day: 100_000, concurrent_calls: 40 } })
    const admitted = await quotas.enter({ id: 'a' }, 'x', start)
    for (const rows of [200, 30_000, 4]) await admitted.spend({ rows, bytes: 0, tokens: 2 * rows })
    const left = { rows_left: 69_796, tokens_left: 39_592 }
    expect(await admitted.leave(nothing)).toMatchObject(left)
    expect(await askWith(quotas)(0)).toMatchObject(left)
  })

  test('an answer that one limit refuses is counted on none, and what is given all the same on all', async () => {
    const name = `p${++made}`
    const quotas = quotasOf({ project: { rows_per_day: 5 }, caller: { rows_per_day: 100 } }, name)
    const ownLeft = () => askWith(quotasOf({ caller: { rows_per_day: 100 } }, name))(0)
    const ask = async (rows: number, isGiven: boolean) => (await quotas.enter({ id: 'a' }, 'x', start)).leave({ ...nothing, rows }, isGiven)
    expect(await ask(3, false)).toMatchObject({ rows_left: 2 })
    await expect(ask(3, false)).rejects.toThrow('3 rows more would pass the 5 a day of the project, of which 2 are left.')
    expect(await ownLeft()).toMatchObject({ rows_left: 97 })
    expect(quotas.fullest(start)).toEqual({ rows: 1 })
    expect(await ask(3, true)).toMatchObject({ rows_left: 0 })
    expect(await ownLeft()).toMatchObject({ rows_left: 94 })
  })
})
