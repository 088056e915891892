import type { Log } from '../operations/log.ts'
import {
  addUsage,
  type CountedCall,
  isSettled,
  type QuotaStore,
  type Settled,
  type Settling,
  type Taken,
  type Usage,
} from '../quotas/quota-store.ts'

/** How long a call is believed to run without a word of its process, milliseconds: then what a crash has left is free again. */
export const leaseMs = 30_000
/** How long a lease that has ended is remembered, so that what its call came to still counts, milliseconds. */
export const rememberedMs = 600_000
/** How often leases are renewed, and what could not be told is told again, milliseconds. */
const tickMs = 5_000
/** Calls whose end could not be told and is kept; beyond them it is lost. */
const maxUntold = 10_000

/** What a store that is shared does for quotas. Each throws NOT_READY when the store cannot be asked. */
export interface SharedCounts {
  /** As `QuotaStore.take`; a call that is let in has a lease of `leaseMs` on every account where its end counts. */
  take(call: CountedCall, now?: number): Promise<Taken>
  /** As `QuotaStore.settle`; the last of a call ends its leases, and is counted once however often it is told. */
  settle(call: CountedCall, usage: Usage, how: Settling, now?: number): Promise<Settled>
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

/** Quotas in a store that others count in as well: this process says what of it runs still, and tells no end twice. */
export const leasedQuotas = (shared: SharedCounts, log: Log): LeasedQuotas => {
  const running = new Map<string, CountedCall>()
  const untold = new Map<string, Untold>()
  let timer: NodeJS.Timeout | undefined

  const tick = async (): Promise<void> => {
    try {
      if (running.size > 0) await shared.renew([...running.values()])
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

  return {
    async take(call, now) {
      const taken = await shared.take(call, now)
      if (taken.isAdmitted && call.accounts.some(({ quota }) => isSettled(quota))) {
        running.set(call.id, call)
        schedule()
      }
      return taken
    },
    async settle(call, usage, how, now) {
      if (how.isLast) running.delete(call.id)
      try {
        const before = tellAgain(call.id)
        if (before !== undefined) await before
        return await shared.settle(call, usage, how, now)
      } catch (error) {
        if (!untold.has(call.id)) log('error', 'What a call came to could not be counted yet.', { error })
        keep(call, usage, how.isLast)
        return undefined
      }
    },
    async close() {
      clearTimeout(timer)
      await tellAll().catch(() => {})
    },
  }
}
