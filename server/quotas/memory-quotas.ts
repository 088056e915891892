import { RecentMap } from '../envelope/recent-map.ts'
import {
  type Account,
  type CountedCall,
  type Counts,
  callsAfter,
  dayMs,
  hasRoom,
  isSettled,
  isWithinDay,
  type QuotaStore,
} from './quota-store.ts'

/** What is kept of an account. */
interface Kept extends Counts {
  calls: number
  running: number
  rows: number
  bytes: number
  tokens: number
  /** When `calls` was so many, milliseconds since 1970. */
  at: number
  /** Days since 1970 that `rows`, `bytes` and `tokens` are of. */
  day: number
}

/** Accounts of a project that are kept; beyond them those go that were not asked for lately, and begin anew. */
const maxAccounts = 50_000

/** Quotas that one process counts alone. The counts that it gives are those that it counts in. */
export const memoryQuotas = (): QuotaStore => {
  const projects = new Map<string, RecentMap<Kept>>()
  const accountsOf = (project: string): RecentMap<Kept> => {
    let accounts = projects.get(project)
    if (accounts === undefined) {
      accounts = new RecentMap<Kept>(maxAccounts, ({ running }, key) => running > 0 || key === 'project')
      projects.set(project, accounts)
    }
    return accounts
  }

  /** The accounts of a call as they are now. */
  const keptOf = ({ project, accounts }: CountedCall, now: number): readonly Kept[] => {
    const kept = accountsOf(project)
    return accounts.map((account) => keptAt(kept, account, now))
  }

  return {
    take(call, now = Date.now()) {
      const found = keptOf(call, now)
      const isAdmitted = call.accounts.every(({ quota }, index) => hasRoom(quota, found[index] as Kept))
      if (isAdmitted)
        for (let index = 0; index < found.length; index++) {
          const account = found[index] as Kept
          account.calls++
          if (isSettledAt(call, index)) account.running++
        }
      return { isAdmitted, counts: found, now }
    },
    settle(call, usage, { isGiven, isLast }, now = Date.now()) {
      const found = keptOf(call, now)
      const isWithin = isGiven || call.accounts.every(({ quota }, index) => isWithinDay(quota, found[index] as Kept, usage))
      for (let index = 0; index < found.length; index++) {
        const account = found[index] as Kept
        if (isLast && isSettledAt(call, index)) account.running--
        if (!isWithin) continue
        account.rows += usage.rows
        account.bytes += usage.bytes
        account.tokens += usage.tokens
      }
      return { isWithin, counts: found, now }
    },
  }
}

/** Whether the end of a call is told for one of its accounts: only then may it be counted as one that runs. */
const isSettledAt = ({ accounts }: CountedCall, index: number): boolean => isSettled((accounts[index] as Account).quota)

/** An account as time has left it. */
const keptAt = (kept: RecentMap<Kept>, { key, quota }: Account, now: number): Kept => {
  const day = Math.floor(now / dayMs)
  const found = kept.getOrMake(key, () => ({ calls: 0, running: 0, rows: 0, bytes: 0, tokens: 0, at: now, day }))
  found.calls = callsAfter(found.calls, quota, now - found.at)
  found.at = Math.max(found.at, now)
  if (found.day < day) {
    found.day = day
    found.rows = found.bytes = found.tokens = 0
  }
  return found
}
