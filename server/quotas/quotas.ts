import { randomUUID } from 'node:crypto'
import type { Meta } from '../../contracts/v1/envelope.ts'
import type { QuotaConfig, QuotasConfig } from '../../contracts/v1/project.ts'
import type { Caller } from '../access/caller.ts'
import { Fault } from '../envelope/fault.ts'
import { RecentMap } from '../envelope/recent-map.ts'
import { storableText } from '../envelope/storable-text.ts'
import { fullestLimits, type Heard } from './fullest-limits.ts'
import {
  type Account,
  addUsage,
  type CountedCall,
  type Counts,
  dayMs,
  isSettled,
  minuteMs,
  perDay,
  type QuotaStore,
  rounding,
  type Settled,
  type Settling,
  type Usage,
  units,
  unitsPassed,
} from './quota-store.ts'

/** A call that was let in. */
export interface Admitted {
  /** Counts a part of an answer that is to leave. Throws RATE_LIMITED where it would pass a limit of the day, and counts nothing then. */
  spend(usage: Usage): Promise<void>
  /**
   * To be called once, with what the answer comes to, or what of it is not counted yet; gives what is then left. Throws RATE_LIMITED
   * as `spend` does, unless it `isGiven` all the same.
   */
  leave(usage: Usage, isGiven?: boolean): Promise<Meta['quota']>
}

/** How much may be called and answered. */
export interface Quotas {
  /**
   * Lets a call in, or throws RATE_LIMITED with the time to wait, in which case nothing was taken, or NOT_READY when nobody can
   * tell. `now` is for tests, in milliseconds since 1970.
   */
  enter(caller: Caller, tool: string, now?: number): Promise<Admitted>
  /** How many calls of a caller to a tool may run at once; Infinity where nobody says. */
  atOnce(caller: Caller, tool: string): number
  /** How much of each limit is used by who has used most of it, from 0 to 1, as far as this process has heard. */
  fullest(now?: number): Readonly<Record<string, number>>
}

/** An account with the name that its callers are told: "this caller". */
interface OwnedAccount extends Account {
  readonly owner: string
}

/** On what the calls of a caller to a tool are counted, and what was heard of that last. */
interface Accounts extends Heard {
  readonly accounts: readonly OwnedAccount[]
  /** Whether the end of a call is told. */
  readonly isSettled: boolean
  counts: readonly Counts[]
  at: number
  turn: number
}

/** Callers and tools whose accounts are kept at hand. */
const keptAccounts = 10_000

/** How long to wait for one of the calls that run to end, milliseconds; nobody knows. */
const busyMs = 1_000

/** The quotas of a project, counted in `store`. */
export const createQuotas = (
  { caller, project, tools = {} }: QuotasConfig,
  { store, name }: { readonly store: QuotaStore; readonly name: string },
): Quotas => {
  const makeAccounts = (callerId: string, tool: string): Accounts => {
    // One that a store cannot keep would fail the calls that are counted with it.
    const id = storableText(callerId)
    const own = Object.hasOwn(tools, tool) ? tools[tool] : undefined
    const accounts = [
      ...(project === undefined ? [] : [{ key: 'project', owner: 'the project', quota: project }]),
      ...(caller === undefined ? [] : [{ key: `caller ${id}`, owner: 'this caller', quota: caller }]),
      ...(own === undefined ? [] : [{ key: `tool ${tool} ${id}`, owner: `${tool} for this caller`, quota: own }]),
    ]
    return { accounts, isSettled: accounts.some(({ quota }) => isSettled(quota)), counts: [], at: 0, turn: 0 }
  }

  const known = new RecentMap<Accounts>(keptAccounts)
  const accountsOf = (callerId: string, tool: string): Accounts =>
    known.getOrMake(`${tool} ${callerId}`, () => makeAccounts(callerId, tool))
  let turn = 0
  const note = (own: Accounts, counts: readonly Counts[], at: number): void => {
    own.counts = counts
    own.at = at
    own.turn = ++turn
  }

  return {
    fullest: (now = Date.now()) => fullestLimits(known.values(), now),
    atOnce: ({ id }, tool) => Math.min(...accountsOf(id, tool).accounts.map(({ quota }) => quota.concurrent_calls ?? unlimited)),
    async enter({ id }, tool, at) {
      const own = accountsOf(id, tool)
      const { accounts, isSettled: isTold } = own
      const call: CountedCall = { id: randomUUID(), project: name, accounts }
      const taken = store.take(call, at)
      const { isAdmitted, counts, now } = taken instanceof Promise ? await taken : taken
      note(own, counts, now)
      if (!isAdmitted) throw refused(accounts, counts, now)
      /** What the store said last, with what it could not be told since. */
      let known: Settled = { isWithin: true, counts, now }
      let isBlind = false
      /** Throws RATE_LIMITED. */
      const settledAs = (settled: Settled | undefined, usage: Usage): Settled => {
        isBlind = settled === undefined
        const after = settled ?? { ...known, counts: known.counts.map((one) => ({ ...one, ...addUsage(one, usage) })) }
        known = after.isWithin ? after : { ...after, isWithin: true }
        note(own, after.isWithin ? after.counts : withRefused(accounts, after.counts, usage), after.now)
        if (!after.isWithin) throw tooMuch(accounts, after.counts, usage, after.now)
        return after
      }
      /** Throws RATE_LIMITED, or rejects with it. */
      const count = (usage: Usage, how: Settling): Settled | Promise<Settled> => {
        if (!isTold) return known
        // Nobody knows what others came to; more than the limit alone it never gets.
        if (
          isBlind &&
          !how.isGiven &&
          accounts.some(({ quota }, index) => unitsPassed(quota, known.counts[index] as Counts, usage).length > 0)
        )
          throw tooMuch(accounts, known.counts, usage, known.now)
        const settled = store.settle(call, usage, how, at)
        return settled instanceof Promise ? settled.then((one) => settledAs(one, usage)) : settledAs(settled, usage)
      }
      return {
        async spend(usage) {
          await count(usage, { isGiven: false, isLast: false })
        },
        async leave(usage, isGiven = false) {
          const counted = count(usage, { isGiven, isLast: true })
          const after = counted instanceof Promise ? await counted : counted
          return leftOf(accounts, after.counts, after.now)
        },
      }
    },
  }
}

interface Refusal {
  /** Of what there is too much. */
  readonly limit: string
  readonly message: string
  readonly hint: string
  readonly waitMs: number
}

const refusalsOf = ({ quota, owner }: OwnedAccount, { calls, running, ...used }: Counts, now: number): readonly Refusal[] => {
  const waitMs = callWaitMs(quota, calls)
  const { calls_per_minute: limit, concurrent_calls: concurrent } = quota
  return [
    ...(waitMs === 0
      ? []
      : [
          {
            limit: 'calls',
            message: `The ${limit} calls a minute of ${owner} are used up.`,
            hint: 'Wait, and ask for more in one call.',
            waitMs,
          },
        ]),
    ...(concurrent === undefined || running < concurrent
      ? []
      : [
          {
            limit: 'concurrent',
            message: `${running} calls of ${owner} run already, as many as may at once.`,
            hint: 'Wait until one has its answer.',
            waitMs: busyMs,
          },
        ]),
    ...units.flatMap((unit) => {
      const limit = quota[perDay[unit]]
      if (limit === undefined || used[unit] < limit) return []
      const hint = 'They are counted anew at midnight UTC. The operator of the project may allow more.'
      return [{ limit: unit, message: `The ${limit} ${unit} a day of ${owner} are used up.`, hint, waitMs: dayMs - (now % dayMs) }]
    }),
  ]
}

/** How long until a call comes back; 0 when there is one. */
const callWaitMs = ({ calls_per_minute: limit }: QuotaConfig, calls: number): number => {
  if (limit === undefined || calls + 1 <= limit + rounding) return 0
  return Math.ceil((calls + 1 - limit - rounding) * (minuteMs / limit))
}

/** RATE_LIMITED for what takes longest to come back. */
const refused = (accounts: readonly OwnedAccount[], counts: readonly Counts[], now: number): Fault => {
  const refusals = accounts.flatMap((account, index) => refusalsOf(account, counts[index] as Counts, now))
  const [{ limit, message, hint, waitMs } = { limit: 'calls', message: 'Too many calls.', hint: 'Wait.', waitMs: busyMs }] = refusals.sort(
    (a, b) => b.waitMs - a.waitMs,
  )
  return new Fault('RATE_LIMITED', message, { hint, limit, quota: leftOf(accounts, counts, now), retryable: true, retryAfterMs: waitMs })
}

/** The counts with what was refused: a limit that what is asked for would pass is used up, for who watches it. */
const withRefused = (accounts: readonly Account[], counts: readonly Counts[], usage: Usage): readonly Counts[] =>
  counts.map((one, index) => {
    const passed = unitsPassed((accounts[index] as Account).quota, one, usage)
    return { ...one, ...Object.fromEntries(passed.map((unit) => [unit, one[unit] + usage[unit]])) }
  })

/** RATE_LIMITED for an answer that would pass a limit of the day. */
const tooMuch = (accounts: readonly OwnedAccount[], counts: readonly Counts[], usage: Usage, now: number): Fault => {
  const [passed] = accounts.flatMap(({ quota, owner }, index) => {
    const used = counts[index] as Counts
    return unitsPassed(quota, used, usage).map((unit) => ({ unit, owner, used: used[unit], limit: quota[perDay[unit]] as number }))
  })
  const { unit, owner, used, limit } = passed ?? { unit: 'rows', owner: 'this caller', used: 0, limit: 0 }
  const left = Math.max(0, limit - used)
  return new Fault('RATE_LIMITED', `${usage[unit]} ${unit} more would pass the ${limit} a day of ${owner}, of which ${left} are left.`, {
    hint: 'Ask for less in one call. They are counted anew at midnight UTC; the operator of the project may allow more.',
    limit: unit,
    quota: leftOf(accounts, counts, now),
    retryable: true,
    retryAfterMs: dayMs - (now % dayMs),
  })
}

const unlimited = Number.POSITIVE_INFINITY

/** The least that is left of any account. */
const leftOf = (accounts: readonly Account[], counts: readonly Counts[], now: number): Meta['quota'] => {
  let [calls, rows, bytes, tokens] = [unlimited, unlimited, unlimited, unlimited]
  for (let index = 0; index < accounts.length; index++) {
    const { quota } = accounts[index] as Account
    const used = counts[index] as Counts
    calls = Math.min(calls, Math.floor((quota.calls_per_minute ?? unlimited) - used.calls + rounding))
    rows = Math.min(rows, (quota.rows_per_day ?? unlimited) - used.rows)
    bytes = Math.min(bytes, (quota.bytes_per_day ?? unlimited) - used.bytes)
    tokens = Math.min(tokens, (quota.tokens_per_day ?? unlimited) - used.tokens)
  }
  const left: { -readonly [Key in keyof NonNullable<Meta['quota']>]: NonNullable<Meta['quota']>[Key] } = {}
  if (calls < unlimited) left.calls_left = Math.max(0, calls)
  if (rows < unlimited) left.rows_left = Math.max(0, rows)
  if (bytes < unlimited) left.bytes_left = Math.max(0, bytes)
  if (tokens < unlimited) left.tokens_left = Math.max(0, tokens)
  if (Math.min(rows, bytes, tokens) < unlimited) left.resets_at = midnightAfter(now)
  return left
}

let lastMidnight = { day: Number.NaN, text: '' }

/** The next midnight UTC, ISO 8601; made once a day. */
const midnightAfter = (now: number): string => {
  const day = Math.floor(now / dayMs)
  if (day !== lastMidnight.day) lastMidnight = { day, text: new Date((day + 1) * dayMs).toISOString() }
  return lastMidnight.text
}
