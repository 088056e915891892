import type { Client } from 'pg'
import { type CountedCall, isSettled, type Settled, type Taken } from '../../quotas/quota-store.ts'
import type { SharedCounts } from '../leased-quotas.ts'
import type { Link } from '../link.ts'

/** Operations of one statement: what more there is waits for the next. */
const maxBatch = 200

interface Waiting {
  readonly operation: object
  readonly at: number | undefined
  resolve(answer: Taken): void
  reject(error: unknown): void
}

/** Quotas counted by a function of the database. Calls that come while one is asked for go together with the next. */
export const postgresQuotas = (link: Link<Client>): SharedCounts => {
  let waiting: Waiting[] = []
  let isBusy = false

  const send = async (): Promise<void> => {
    isBusy = true
    while (waiting.length > 0) {
      // Those that are of another time, in tests, are asked for on their own.
      const at = waiting[0]?.at
      const end = waiting.findIndex((one, index) => index === maxBatch || one.at !== at)
      const batch = end === -1 ? waiting : waiting.slice(0, end)
      waiting = end === -1 ? [] : waiting.slice(end)
      try {
        const operations = JSON.stringify(batch.map(({ operation }) => operation))
        const { rows } = await link.use((client) =>
          client.query<{ answers: readonly Taken[] }>({
            text: 'SELECT dataface.count_calls($1, $2) AS answers',
            values: [operations, at ?? null],
          }),
        )
        const answers = rows[0]?.answers ?? []
        for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Taken)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    isBusy = false
  }

  const ask = (kind: string, { id, project, accounts }: CountedCall, more: object, at?: number): Promise<Taken> =>
    new Promise((resolve, reject) => {
      const told = accounts.map(({ key, quota }) => ({ key, ...quota, is_settled: isSettled(quota) }))
      waiting.push({ operation: { kind, call: id, project, accounts: told, ...more }, at, resolve, reject })
      if (!isBusy) void send()
    })

  return {
    take: (call, now) => ask('take', call, {}, now),
    async settle(call, usage, { isGiven, isLast }, now): Promise<Settled> {
      const { isAdmitted: isWithin, ...settled } = await ask('settle', call, { ...usage, is_given: isGiven, is_last: isLast }, now)
      return { isWithin, ...settled }
    },
    async renew(calls) {
      await Promise.all(calls.map((call) => ask('renew', call, {})))
    },
  }
}
