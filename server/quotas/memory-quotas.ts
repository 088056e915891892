import { type Account, type Counts, callsAfter, dayMs, hasRoom, type QuotaStore, type Usage } from './quota-store.ts'

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
/** Accounts that are kept; beyond them those that were idle longest go, and begin anew. */
const maxAccounts = 50_000

/** Quotas that one process counts alone. */
export const memoryQuotas = (): QuotaStore => {
  const accounts = new Map<string, Kept>()

  const accountAt = (project: string, { key, quota }: Account, now: number): Kept => {
    const name = `${project} ${key}`
    const day = Math.floor(now / dayMs)
    const found = accounts.get(name) ?? { calls: 0, at: now, running: 0, day, used: none }
    // The one that was used last stands last.
    accounts.delete(name)
    accounts.set(name, found)
    found.calls = callsAfter(found.calls, quota, now - found.at)
    found.at = Math.max(found.at, now)
    if (found.day < day) Object.assign(found, { day, used: none })
    return found
  }

  return {
    take({ project, accounts: own }, now = Date.now()) {
      const found = own.map((account) => accountAt(project, account, now))
      const isAdmitted = own.every(({ quota }, index) => hasRoom(quota, countsOf(found[index] as Kept)))
      if (isAdmitted)
        for (const account of found) {
          account.calls++
          account.running++
        }
      while (accounts.size > maxAccounts && dropIdle(accounts));
      return { isAdmitted, counts: found.map(countsOf), now }
    },
    settle({ project, accounts: own }, usage, now = Date.now()) {
      return own.map((account) => {
        const found = accountAt(project, account, now)
        const { used } = found
        found.running--
        found.used = { rows: used.rows + usage.rows, bytes: used.bytes + usage.bytes, tokens: used.tokens + usage.tokens }
        return countsOf(found)
      })
    },
  }
}

const countsOf = ({ calls, running, used }: Kept): Counts => ({ calls, running, ...used })

/** Forgets one account that nothing runs for; false when there is none. */
const dropIdle = (accounts: Map<string, Kept>): boolean => {
  for (const [name, { running }] of accounts) {
    if (running > 0 || name.endsWith(' project')) continue
    return accounts.delete(name)
  }
  return false
}
