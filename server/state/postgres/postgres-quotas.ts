import type { Client } from 'pg'
import { type CountedCall, type Counts, isSettled } from '../../quotas/quota-store.ts'
import type { SharedCounts, SharedTaken } from '../leased-quotas.ts'
import type { Link } from '../link.ts'

/** Operations of one statement: what more there is waits for the next. */
const maxBatch = 200

/** How long what can wait does wait for something to go with, milliseconds. */
const waitMs = 10

/** What the database says of an operation: the counts of each account in turn. */
type Answer = Omit<SharedTaken, 'counts'> & Readonly<Record<keyof Counts, readonly number[]>>

interface Waiting {
  readonly operation: object
  readonly at: number | undefined
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** Quotas counted by a function of the database. Calls that come while one is asked for go together with the next. */
export const postgresQuotas = (link: Link<Client>): SharedCounts => {
  let waiting: Waiting[] = []
  let isBusy = false
  let timer: NodeJS.Timeout | undefined

  const send = async (): Promise<void> => {
    isBusy = true
    clearTimeout(timer)
    timer = undefined
    while (waiting.length > 0) {
      // Those that are of another time, in tests, are asked for on their own.
      const at = waiting[0]?.at
      const end = waiting.findIndex((one, index) => index === maxBatch || one.at !== at)
      const batch = end === -1 ? waiting : waiting.slice(0, end)
      waiting = end === -1 ? [] : waiting.slice(end)
      try {
        const operations = JSON.stringify(batch.map(({ operation }) => operation))
        const { rows } = await link.use((client) =>
          client.query<{ answers: readonly Answer[] }>({
            text: 'SELECT dataface.count_calls($1, $2) AS answers',
            values: [operations, at ?? null],
          }),
        )
        const answers = rows[0]?.answers ?? []
        for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    isBusy = false
  }

  const ask = (kind: string, { id, project, accounts }: CountedCall, more: object, at?: number, canWait = false): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const told = accounts.map(({ key, quota }) => ({ key, ...quota, is_settled: isSettled(quota) }))
      waiting.push({ operation: { kind, call: id, project, accounts: told, ...more }, at, resolve, reject })
      if (isBusy) return
      if (canWait) timer ??= setTimeout(() => void send(), waitMs)
      else void send()
    })

  return {
    async take(call, now) {
      const answer = await ask('take', call, {}, now)
      return { ...answer, counts: countsOf(answer) }
    },
    async settle(call, usage, { isGiven, isLast }, now) {
      const answer = await ask('settle', call, { ...usage, is_given: isGiven, is_last: isLast }, now)
      return { isWithin: answer.isAdmitted, counts: countsOf(answer), now: answer.now }
    },
    end: (call, usage, now) => ask('end', call, usage, now, true),
    async renew(calls) {
      await Promise.all(calls.map((call) => ask('renew', call, {})))
    },
  }
}

const countsOf = ({ calls, running, rows, bytes, tokens }: Answer): readonly Counts[] =>
  calls.map((count, index) => {
    const at = (counts: readonly number[]): number => counts[index] ?? 0
    return { calls: count, running: at(running), rows: at(rows), bytes: at(bytes), tokens: at(tokens) }
  })
