/** The thread in which boards are drawn, see render-aside.ts. Answers each with its rendering, or with why there is none. */
import { parentPort } from 'node:worker_threads'
import { Fault } from '../../envelope/fault.ts'
import { unpackBoard } from '../encoded-rows.ts'
import type { RenderReply, RenderRequest } from './render-aside.ts'
import { renderBoard } from './render-board.ts'

parentPort?.on('message', ({ board, options }: RenderRequest) => {
  renderBoard(unpackBoard(board), options).then(
    (rendering) => parentPort?.postMessage({ rendering } satisfies RenderReply),
    (error: unknown) => {
      if (!(error instanceof Fault)) {
        parentPort?.postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies RenderReply)
        return
      }
      const { code, message, details } = error
      parentPort?.postMessage({ fault: { code, message, details: { ...details, cause: undefined } } } satisfies RenderReply)
    },
  )
})
