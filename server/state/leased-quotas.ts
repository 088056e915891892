import type { Log } from '../operations/log.ts'
import { type CountedCall, isSettled, type QuotaStore, type Settled, type Settling, type Taken, type Usage } from '../quotas/quota-store.ts'

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

/** Quotas in a store that others count in as well: this process says what of it runs still, and tells no end twice. */
export const leasedQuotas = (shared: SharedCounts, log: Log): LeasedQuotas => {
  const running = new Map<string, CountedCall>()
  let untold: (readonly [CountedCall, Usage, Settling])[] = []
  let timer: NodeJS.Timeout | undefined

  const tick = async (): Promise<void> => {
    try {
      if (running.size > 0) await shared.renew([...running.values()])
      await tellAgain()
    } catch {
      // The next tick tries again; that the store cannot be reached is logged by its connection.
    }
    timer = undefined
    schedule()
  }
  const schedule = (): void => {
    if (timer !== undefined || (running.size === 0 && untold.length === 0)) return
    timer = setTimeout(() => void tick(), tickMs)
    timer.unref()
  }
  const tellAgain = async (): Promise<void> => {
    const due = untold
    untold = []
    for (const [index, [call, usage, how]] of due.entries())
      try {
        await shared.settle(call, usage, how)
      } catch (error) {
        untold = [...due.slice(index), ...untold].slice(0, maxUntold)
        throw error
      }
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
        return await shared.settle(call, usage, how, now)
      } catch (error) {
        log('error', 'What a call came to could not be counted yet.', { error })
        // By then it has left.
        if (untold.length < maxUntold) untold.push([call, usage, { ...how, isGiven: true }])
        schedule()
        return undefined
      }
    },
    async close() {
      clearTimeout(timer)
      await tellAgain().catch(() => {})
    },
  }
}
