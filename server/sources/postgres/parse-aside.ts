import { Worker } from 'node:worker_threads'
import type { ErrorCode } from '../../../contracts/v1/errors.ts'
import { entryBeside } from '../../envelope/entry-beside.ts'
import { Fault, type FaultDetails } from '../../envelope/fault.ts'
import { Admission } from '../admission.ts'
import type { StatementFacts } from '../source.ts'

export type ParseReply =
  | { readonly facts: StatementFacts }
  | { readonly fault: { readonly code: ErrorCode; readonly message: string; readonly details: FaultDetails } }

/** How long one text may take, milliseconds: honest ones of the greatest length take a tenth of that. */
const parseMs = 2_000
/** How long the thread may take to start beside that, on a machine that is busy. */
const startMs = 10_000

let worker: Worker | undefined
/** Texts are parsed one after the other, and few wait: each may take all of its time. */
const turns = new Admission(1)

/**
 * Reads a statement in a thread of its own: a long text takes the grammar long, and one made for it takes it for ever,
 * while nobody else may wait. Throws what `readStatement` throws, SQL_REJECTED when it takes too long, RATE_LIMITED when
 * too many such texts wait, and the signal's reason.
 */
export const parseAside = async (sql: string, signal: AbortSignal): Promise<StatementFacts> => {
  const turn = turns.enter('', signal)
  if (turn !== undefined) await turn
  try {
    return await parse(sql)
  } finally {
    turns.leave()
  }
}

const parse = (sql: string): Promise<StatementFacts> => {
  const limitMs = worker === undefined ? startMs + parseMs : parseMs
  worker ??= startWorker()
  const thread = worker
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      clearTimeout(timer)
      thread.off('message', answer).off('error', fail)
      outcome()
    }
    const answer = (reply: ParseReply) =>
      settle(() => {
        if ('facts' in reply) resolve(reply.facts)
        else reject(new Fault(reply.fault.code, reply.fault.message, reply.fault.details))
      })
    const fail = (cause: unknown) =>
      settle(() => {
        worker = undefined
        thread.terminate()
        reject(
          new Fault('SQL_REJECTED', 'The statement takes too long to parse.', {
            path: 'sql',
            hint: 'Write it shorter and flatter.',
            cause,
          }),
        )
      })
    const timer = setTimeout(fail, limitMs)
    thread.on('message', answer).on('error', fail)
    thread.postMessage(sql)
  })
}

const startWorker = (): Worker => {
  const started = new Worker(entryBeside(import.meta.url, 'parse-worker'))
  started.unref()
  return started
}
