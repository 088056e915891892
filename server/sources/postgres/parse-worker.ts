/** The thread in which long texts are parsed, see parse-aside.ts. Answers each text with its facts or its fault. */
import { parentPort } from 'node:worker_threads'
import { Fault } from '../../envelope/fault.ts'
import { readStatement } from './analyze.ts'
import type { ParseReply } from './parse-aside.ts'

parentPort?.on('message', (sql: string) => {
  readStatement(sql).then(
    (facts) => parentPort?.postMessage({ facts } satisfies ParseReply),
    (error: unknown) => {
      if (!(error instanceof Fault)) throw error
      const { code, message, details } = error
      parentPort?.postMessage({ fault: { code, message, details } } satisfies ParseReply)
    },
  )
})
