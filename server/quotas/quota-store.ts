import type { QuotaConfig } from '../../contracts/v1/project.ts'

/** What an answer is counted by. */
export interface Usage {
  readonly rows: number
  readonly bytes: number
  readonly tokens: number
}

export const addUsage = (one: Usage, other: Usage): Usage => ({
  rows: one.rows + other.rows,
  bytes: one.bytes + other.bytes,
  tokens: one.tokens + other.tokens,
})

export const units = ['rows', 'bytes', 'tokens'] as const

/** The setting that limits a unit. */
export const perDay = { rows: 'rows_per_day', bytes: 'bytes_per_day', tokens: 'tokens_per_day' } as const

export const minuteMs = 60_000
export const dayMs = 86_400_000

/** Of whom something is counted, and how much there may be of it. */
export interface Account {
  /** `project`, `caller key:x`, `tool catalog key:x`. */
  readonly key: string
  readonly quota: QuotaConfig
}

/** A call and the accounts that it is counted on, those of one project. */
export interface CountedCall {
  /** A UUID. */
  readonly id: string
  readonly project: string
  readonly accounts: readonly Account[]
}

/** What was used of an account: `rows`, `bytes` and `tokens` are those of the day, UTC. */
export interface Counts extends Usage {
  /** Calls that were taken and have not come back yet; they come back evenly, so there are parts of one. */
  readonly calls: number
  /** Calls that run. */
  readonly running: number
}

/** What became of a call. */
export interface Taken {
  readonly isAdmitted: boolean
  /** In the order of its accounts: with the call where it was let in, else as they were found. They may change with the next call. */
  readonly counts: readonly Counts[]
  /** The time that was counted by, milliseconds since 1970. */
  readonly now: number
}

/** What became of what an answer, or a part of one, comes to. */
export interface Settled {
  /** False where it would have passed a limit of the day: then nothing of it was counted. */
  readonly isWithin: boolean
  /** After it, in the order of the call's accounts. They may change with the next call. */
  readonly counts: readonly Counts[]
  /** The time that was counted by: the day of a call that runs past midnight is the next one. */
  readonly now: number
}

/** How something is counted. */
export interface Settling {
  /** Whether it is counted even where it passes a limit, as what leaves all the same. */
  readonly isGiven: boolean
  /** Whether the call ends with it. */
  readonly isLast: boolean
}

/**
 * Where quotas are counted. Whatever happens at the same time, a call is let in by all of its accounts or takes nothing. `now` is
 * for tests, in milliseconds since 1970; default: the clock of the store, which is one for all who share it.
 */
export interface QuotaStore {
  /** Lets a call in where every account has something left. Throws NOT_READY when the store cannot be asked. */
  take(call: CountedCall, now?: number): Taken | Promise<Taken>
  /**
   * To be called for a call that was let in, with what its answer comes to; at last once with `isLast`. Undefined when the store
   * cannot be asked now: it is told later.
   */
  settle(call: CountedCall, usage: Usage, how: Settling, now?: number): Settled | undefined | Promise<Settled | undefined>
}

/**
 * What time leaves of the calls that were taken; of more than a limit that was lowered since, that limit is used up. The stores that are
 * no memory say the same in their own language.
 */
export const callsAfter = (calls: number, { calls_per_minute: limit }: QuotaConfig, elapsedMs: number): number =>
  limit === undefined ? 0 : Math.max(0, Math.min(calls, limit) - (Math.max(0, elapsedMs) * limit) / minuteMs)

/** What time has given back may lack a rounding error. */
export const rounding = 1e-9

/** Whether one more call is within a quota. The stores that are no memory say the same in their own language. */
export const hasRoom = (quota: QuotaConfig, { calls, running, rows, bytes, tokens }: Counts): boolean =>
  calls + 1 <= (quota.calls_per_minute ?? Number.POSITIVE_INFINITY) + rounding &&
  running < (quota.concurrent_calls ?? Number.POSITIVE_INFINITY) &&
  rows < (quota.rows_per_day ?? Number.POSITIVE_INFINITY) &&
  bytes < (quota.bytes_per_day ?? Number.POSITIVE_INFINITY) &&
  tokens < (quota.tokens_per_day ?? Number.POSITIVE_INFINITY)

/** Whether something passes no limit of the day: `unitsPassed` is empty. */
export const isWithinDay = (quota: QuotaConfig, used: Usage, usage: Usage): boolean =>
  isWithinLimit(quota.rows_per_day, used.rows, usage.rows) &&
  isWithinLimit(quota.bytes_per_day, used.bytes, usage.bytes) &&
  isWithinLimit(quota.tokens_per_day, used.tokens, usage.tokens)

const isWithinLimit = (limit: number | undefined, used: number, more: number): boolean =>
  limit === undefined || more <= 0 || used + more <= limit

/** What of a day something would pass the limit of. The stores that are no memory say the same in their own language. */
export const unitsPassed = (quota: QuotaConfig, used: Usage, usage: Usage): readonly (keyof Usage)[] =>
  units.filter((unit) => !isWithinLimit(quota[perDay[unit]], used[unit], usage[unit]))

/** Whether there is a limit of the day for a unit. */
export const isLimited = (accounts: readonly Account[], unit: keyof Usage): boolean =>
  accounts.some(({ quota }) => quota[perDay[unit]] !== undefined)

/** Whether something is left to be told at the end of a call: that it runs no more, or what it came to. */
export const isSettled = ({ concurrent_calls, rows_per_day, bytes_per_day, tokens_per_day }: QuotaConfig): boolean =>
  (concurrent_calls ?? rows_per_day ?? bytes_per_day ?? tokens_per_day) !== undefined
