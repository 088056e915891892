import { type Account, type Counts, callsAfter, dayMs, rounding, units } from './quota-store.ts'

/** Accounts that are remembered; beyond them those that were heard of longest ago go. */
const maxAccounts = 10_000

/** What this process last heard of accounts, for who watches it. Calls are not decided by it. */
export class SeenCounts {
  readonly #seen = new Map<string, { readonly account: Account; readonly counts: Counts; readonly at: number }>()

  note(accounts: readonly Account[], counts: readonly Counts[], at: number): void {
    for (const [index, account] of accounts.entries()) {
      this.#seen.delete(account.key)
      this.#seen.set(account.key, { account, counts: counts[index] as Counts, at })
    }
    for (const key of this.#seen.keys()) {
      if (this.#seen.size <= maxAccounts) break
      this.#seen.delete(key)
    }
  }

  /** The largest share of each limit that any account has used, from 0 to 1. */
  fullest(now: number): Readonly<Record<string, number>> {
    const shares: Record<string, number> = {}
    const tell = (name: string, used: number, limit: number | undefined): void => {
      if (limit !== undefined) shares[name] = Math.max(shares[name] ?? 0, Math.min(1, used / limit))
    }
    for (const { account, counts, at } of this.#seen.values()) {
      const { quota } = account
      // A part of a call that came back lets none in.
      tell('calls', Math.ceil(callsAfter(counts.calls, quota, now - at) - rounding), quota.calls_per_minute)
      tell('concurrent', counts.running, quota.concurrent_calls)
      const isToday = Math.floor(at / dayMs) === Math.floor(now / dayMs)
      for (const unit of units) tell(unit, isToday ? counts[unit] : 0, quota[`${unit}_per_day`])
    }
    return shares
  }
}
