import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { entryBeside } from '../../envelope/entry-beside.ts'
import type { RecordedSpan } from '../recorded-span.ts'

/** What the thread is started with. */
export interface ExporterStart {
  readonly version: string
  /** What the server is, as attributes. */
  readonly resource: Readonly<Record<string, string>>
}

export interface ExporterRequest {
  readonly spans: readonly RecordedSpan[]
  /** Whether none come after these. */
  readonly isLast: boolean
}

export type ExporterReply = { readonly taken: number } | { readonly failed: string }

export interface SpanExport {
  /** Never waits: what the thread cannot take in time is dropped. */
  take(span: RecordedSpan): void
  /** Sends what is left. */
  close(): Promise<void>
}

/** Spans that go to the thread together, and how long one may wait for others, milliseconds. */
const [batchSize, waitMs] = [128, 50]
/** Spans on their way to the thread, beyond which others are dropped. */
const maxUnderWay = 16_384

/** Exports spans in a thread of its own. `onLost` is told why some were not sent. */
export const exportSpans = (start: ExporterStart, onLost: (reason: Error) => void): SpanExport => {
  const worker = new Worker(entryBeside(import.meta.url, 'export-worker'), { workerData: start })
  worker.unref()
  let waiting: RecordedSpan[] = []
  let underWay = 0
  let timer: NodeJS.Timeout | undefined
  let hasEnded = false

  const send = (isLast = false): void => {
    clearTimeout(timer)
    timer = undefined
    underWay += waiting.length
    worker.postMessage({ spans: waiting, isLast } satisfies ExporterRequest)
    waiting = []
  }
  worker.on('message', (reply: ExporterReply) => {
    if ('taken' in reply) underWay -= reply.taken
    else onLost(new Error(reply.failed))
  })
  worker.on('error', onLost)
  worker.on('exit', () => {
    hasEnded = true
  })
  return {
    take(span) {
      if (hasEnded || underWay > maxUnderWay) return onLost(new Error('There were more than can be exported.'))
      waiting.push(span)
      if (waiting.length >= batchSize) send()
      else timer ??= setTimeout(send, waitMs).unref()
    },
    async close() {
      if (hasEnded) return
      worker.ref()
      const ended = once(worker, 'exit')
      send(true)
      await ended
    },
  }
}
