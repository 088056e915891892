import { type Account, type Counts, callsAfter, dayMs, perDay, rounding, units } from './quota-store.ts'

/** What this process last heard of some accounts. */
export interface Heard {
  readonly accounts: readonly Account[]
  /** In their order; none before anything was heard. */
  readonly counts: readonly Counts[]
  /** Milliseconds since 1970. */
  readonly at: number
  /** Grows with everything that is heard: more than one comes in a millisecond. */
  readonly turn: number
}

/** The largest share of each limit that any account has used, from 0 to 1; of an account that was heard of twice, what was heard last. */
export const fullestLimits = (all: Iterable<Heard>, now: number): Readonly<Record<string, number>> => {
  const last = new Map<string, { readonly account: Account; readonly counts: Counts; readonly at: number }>()
  for (const { accounts, counts, at } of [...all].sort((one, other) => one.turn - other.turn))
    for (const [index, account] of accounts.entries()) {
      const heard = counts[index]
      if (heard !== undefined) last.set(account.key, { account, counts: heard, at })
    }
  const shares: Record<string, number> = {}
  const tell = (name: string, used: number, limit: number | undefined): void => {
    if (limit !== undefined) shares[name] = Math.max(shares[name] ?? 0, Math.min(1, used / limit))
  }
  for (const { account, counts, at } of last.values()) {
    const { quota } = account
    // A part of a call that came back lets none in.
    tell('calls', Math.ceil(callsAfter(counts.calls, quota, now - at) - rounding), quota.calls_per_minute)
    tell('concurrent', counts.running, quota.concurrent_calls)
    const isToday = Math.floor(at / dayMs) === Math.floor(now / dayMs)
    for (const unit of units) tell(unit, isToday ? counts[unit] : 0, quota[perDay[unit]])
  }
  return shares
}
