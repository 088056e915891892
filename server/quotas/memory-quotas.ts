import { RecentMap } from '../envelope/recent-map.ts'
import { type Account, addUsage, type Counts, callsAfter, dayMs, hasRoom, type QuotaStore, type Usage, unitsPassed } from './quota-store.ts'

/** What is kept of an account. */
interface Kept {
  calls: number
  /** When `calls` was so many, milliseconds since 1970. */
  at: number
  running: number
  /** Days since 1970 that `used` is of. */
  day: number
  used: Usage
}

const none: Usage = { rows: 0, bytes: 0, tokens: 0 }
/** Accounts that are kept; beyond them those go that were not asked for lately, and begin anew. */
const maxAccounts = 50_000

/** Quotas that one process counts alone. */
export const memoryQuotas = (): QuotaStore => {
  const accounts = new RecentMap<Kept>(maxAccounts, ({ running }, name) => running > 0 || name.endsWith(' project'))

  const accountAt = (project: string, { key, quota }: Account, now: number): Kept => {
    const day = Math.floor(now / dayMs)
    const found = accounts.getOrMake(`${project} ${key}`, () => ({ calls: 0, at: now, running: 0, day, used: none }))
    found.calls = callsAfter(found.calls, quota, now - found.at)
    found.at = Math.max(found.at, now)
    if (found.day < day) {
      found.day = day
      found.used = none
    }
    return found
  }

  return {
    take({ project, accounts: own }, now = Date.now()) {
      const found = own.map((account) => accountAt(project, account, now))
      const before = found.map(countsOf)
      if (!own.every(({ quota }, index) => hasRoom(quota, before[index] as Counts))) return { isAdmitted: false, counts: before, now }
      for (const account of found) {
        account.calls++
        account.running++
      }
      return { isAdmitted: true, counts: found.map(countsOf), now }
    },
    settle({ project, accounts: own }, usage, { isGiven, isLast }, now = Date.now()) {
      const found = own.map((account) => accountAt(project, account, now))
      const isWithin = isGiven || own.every(({ quota }, index) => unitsPassed(quota, (found[index] as Kept).used, usage).length === 0)
      for (const account of found) {
        if (isLast) account.running--
        if (isWithin) account.used = addUsage(account.used, usage)
      }
      return { isWithin, counts: found.map(countsOf), now }
    },
  }
}

const countsOf = ({ calls, running, used: { rows, bytes, tokens } }: Kept): Counts => ({ calls, running, rows, bytes, tokens })
