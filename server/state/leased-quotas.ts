import type { Log } from '../operations/log.ts'
import {
  addUsage,
  type CountedCall,
  type Counts,
  dayMs,
  isLimited,
  isSettled,
  type QuotaStore,
  type Settled,
  type Settling,
  type Taken,
  type Usage,
  units,
} from '../quotas/quota-store.ts'

/** How long a call is believed to run without a word of its process, milliseconds: then what a crash has left is free again. */
export const leaseMs = 30_000
/** How long a lease that has ended is remembered, so that what its call came to still counts, milliseconds. */
export const rememberedMs = 600_000
/** The part of what is left of a day that is held for the answer of each call that runs: a 64th. */
export const heldParts = 64
/** How often leases are renewed, and what could not be told is told again, milliseconds. */
const tickMs = 5_000
/** Calls whose end could not be told and is kept; beyond them it is lost. */
const maxUntold = 10_000

/** What became of a call in a store that is shared. */
export interface SharedTaken extends Taken {
  /** What is held for it on each of its accounts, where it was let in. */
  readonly held: Usage
}

/** What a store that is shared does for quotas. Each throws NOT_READY when the store cannot be asked. */
export interface SharedCounts {
  /**
   * As `QuotaStore.take`; a call that is let in has a lease of `leaseMs` on every account where its end counts, and of every limit
   * of the day one of `heldParts` parts of the least that is left is held for it, as long as it has the lease.
   */
  take(call: CountedCall, now?: number): Promise<SharedTaken>
  /**
   * As `QuotaStore.settle`; the last of a call ends its leases, and is counted once however often it is told. What is held for others
   * is used as far as this one is concerned, and is among the counts of one that is not within its limits.
   */
  settle(call: CountedCall, usage: Usage, how: Settling, now?: number): Promise<Settled>
  /** Ends a call whose answer is given, which may wait some milliseconds, but not beyond the call that is taken next. */
  end(call: CountedCall, usage: Usage, now?: number): Promise<unknown>
  /** Gives these calls a lease from now on. */
  renew(calls: readonly CountedCall[]): Promise<void>
}

export interface LeasedQuotas extends QuotaStore {
  /** Tells what could not be told yet, once more. */
  close(): Promise<void>
}

/** What a call came to that the store was not told yet. */
interface Untold {
  readonly call: CountedCall
  usage: Usage
  isLast: boolean
  /** While it is told. */
  telling?: Promise<void> | undefined
}

/** A call that runs. */
interface Running {
  readonly call: CountedCall
  readonly taken: SharedTaken
  /** As the store said them last, with what was counted of its answer since. */
  counts: readonly Counts[]
  /** Nothing once a part of the answer was counted. */
  held: Usage
  /** By `performance.now()`, as what follows. */
  readonly takenAt: number
  /** When it got its lease. */
  leasedAt: number
}

const nothing: Usage = { rows: 0, bytes: 0, tokens: 0 }

const withUsage = (counts: readonly Counts[], usage: Usage): readonly Counts[] => counts.map((one) => ({ ...one, ...addUsage(one, usage) }))

/**
 * Quotas in a store that others count in as well: this process says what of it runs still, and tells no end twice. An answer that
 * what is held for it covers need not wait for being counted.
 */
export const leasedQuotas = (shared: SharedCounts, log: Log): LeasedQuotas => {
  const running = new Map<string, Running>()
  /** Ends that are being told while their answers have left. */
  const telling = new Set<Promise<unknown>>()
  const untold = new Map<string, Untold>()
  let timer: NodeJS.Timeout | undefined

  const tick = async (): Promise<void> => {
    try {
      const all = [...running.values()]
      const now = performance.now()
      if (all.length > 0) await shared.renew(all.map(({ call }) => call))
      for (const one of all) one.leasedAt = now
      await tellAll()
    } catch {
      // The next tick tries again; that the store cannot be reached is logged by its connection.
    }
    timer = undefined
    schedule()
  }
  const schedule = (): void => {
    if (timer !== undefined || (running.size === 0 && untold.size === 0)) return
    timer = setTimeout(() => void tick(), tickMs)
    timer.unref()
  }
  /** Tells what could not be told of a call, before what it came to since: the store counts nothing after its end. */
  const tellAgain = (id: string): Promise<void> | undefined => {
    const due = untold.get(id)
    if (due === undefined) return undefined
    // It has left.
    due.telling ??= shared.settle(due.call, due.usage, { isGiven: true, isLast: due.isLast }).then(
      () => void untold.delete(id),
      (error: unknown) => {
        due.telling = undefined
        throw error
      },
    )
    return due.telling
  }
  const tellAll = async (): Promise<void> => {
    for (const id of [...untold.keys()]) await tellAgain(id)
  }
  const keep = (call: CountedCall, usage: Usage, isLast: boolean): void => {
    const due = untold.get(call.id)
    if (due?.telling !== undefined) {
      const again = () => keep(call, usage, isLast)
      due.telling.then(again, again)
    } else if (due !== undefined) {
      due.usage = addUsage(due.usage, usage)
      due.isLast ||= isLast
    } else if (untold.size < maxUntold) untold.set(call.id, { call, usage, isLast })
    schedule()
  }
  const settleNow = async (call: CountedCall, usage: Usage, how: Settling, now?: number): Promise<Settled | undefined> => {
    try {
      const before = tellAgain(call.id)
      if (before !== undefined) await before
      return await shared.settle(call, usage, how, now)
    } catch (error) {
      failed(call, usage, how.isLast, error)
      return undefined
    }
  }
  const failed = (call: CountedCall, usage: Usage, isLast: boolean, error: unknown): void => {
    if (!untold.has(call.id)) log('error', 'What a call came to could not be counted yet.', { error })
    keep(call, usage, isLast)
  }

  return {
    async take(call, now) {
      const takenAt = performance.now()
      const taken = await shared.take(call, now)
      if (taken.isAdmitted && call.accounts.some(({ quota }) => isSettled(quota))) {
        running.set(call.id, { call, taken, counts: taken.counts, held: taken.held, takenAt, leasedAt: takenAt })
        schedule()
      }
      return taken
    },
    settle(call, usage, how, now) {
      const found = running.get(call.id)
      if (how.isLast) running.delete(call.id)
      const endsAt = now ?? (found === undefined ? 0 : found.taken.now + performance.now() - found.takenAt)
      if (found === undefined || !how.isLast || untold.has(call.id) || !isCovered(found, usage, endsAt)) {
        if (found === undefined) return settleNow(call, usage, how, now)
        found.held = nothing
        return settleNow(call, usage, how, now).then((settled) => {
          // What is held for others is among the counts of what was refused.
          if (settled?.isWithin !== false) found.counts = settled?.counts ?? withUsage(found.counts, usage)
          return settled
        })
      }
      const ended = shared
        .end(call, usage, now)
        .catch((error: unknown) => failed(call, usage, true, error))
        .finally(() => telling.delete(ended))
      telling.add(ended)
      const counts = withUsage(found.counts, usage).map((one) => ({ ...one, running: one.running - 1 }))
      return { isWithin: true, counts, now: endsAt }
    },
    async close() {
      clearTimeout(timer)
      await Promise.all(telling)
      await tellAll().catch(() => {})
    },
  }
}

/**
 * Whether what is held covers an answer, and nobody is kept from calling when the end of this call is told a little later: of as many as
 * may run at once, a quarter at most are not told yet.
 */
const isCovered = ({ call: { accounts }, taken: { counts, now }, held, leasedAt }: Running, usage: Usage, endsAt: number): boolean =>
  Math.floor(endsAt / dayMs) === Math.floor(now / dayMs) &&
  performance.now() - leasedAt < leaseMs / 2 &&
  units.every((unit) => usage[unit] <= held[unit] || !isLimited(accounts, unit)) &&
  accounts.every(({ quota: { concurrent_calls: limit } }, index) => limit === undefined || 4 * (counts[index]?.running ?? 0) <= limit)
