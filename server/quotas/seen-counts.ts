import { RecentMap } from '../envelope/recent-map.ts'
import { type Account, type Counts, callsAfter, dayMs, rounding, units } from './quota-store.ts'

/** Accounts that are remembered; beyond them those go that were not heard of lately. */
const maxAccounts = 10_000

/** What this process last heard of an account. */
interface Seen {
  readonly account: Account
  counts: Counts
  /** Milliseconds since 1970. */
  at: number
}

/** What this process last heard of accounts, for who watches it. Calls are not decided by it. */
export class SeenCounts {
  readonly #seen = new RecentMap<Seen>(maxAccounts)

  note(accounts: readonly Account[], counts: readonly Counts[], at: number): void {
    for (let index = 0; index < accounts.length; index++) {
      const [account, now] = [accounts[index] as Account, counts[index] as Counts]
      const seen = this.#seen.get(account.key)
      if (seen === undefined) this.#seen.set(account.key, { account, counts: now, at })
      else {
        seen.counts = now
        seen.at = at
      }
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
