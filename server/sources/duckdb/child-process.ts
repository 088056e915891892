import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Fault } from '../../envelope/fault.ts'
import type { Log } from '../../operations/log.ts'
import { type Frame, readFrames, writeFrame } from './frames.ts'
import type { ChildConfig, Operation, Reply } from './messages.ts'

/** How long a query may overstep its deadline or its cancel before the process is killed, milliseconds. */
const graceMs = 1_000

interface Pending {
  readonly operation: Operation
  readonly resolve: (frame: Frame<Reply>) => void
  readonly reject: (error: unknown) => void
  /** Ran before in a process that ended, so it is not tried again. */
  retried: boolean
  /** Set when this call is what the process is killed for. */
  verdict: Fault | undefined
}

interface Running {
  readonly process: ChildProcess
  readonly socket: Socket
  /** Folder of its own, removed with it. */
  readonly temp: string
  readonly pending: Map<number, Pending>
}

export interface AskOptions {
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** The child's entry: beside this file in the source, beside the bundle when it is built. */
const entry = (): string => fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './duckdb-child.js', import.meta.url))

/**
 * Keeps one child process alive and asks it. A child that dies is replaced on the next call; calls that were in flight
 * in it and did not cause its end are asked again, once.
 */
export class DuckdbProcess {
  readonly #config: Omit<ChildConfig, 'temp'>
  readonly #log: Log
  #running: Running | undefined
  #lastId = 0
  #closed = false

  constructor(config: Omit<ChildConfig, 'temp'>, log: Log) {
    this.#config = config
    this.#log = log
  }

  /** Asks the child. Throws QUERY_TIMEOUT, CANCELLED, or what the child answers. */
  ask(operation: Operation, { signal, timeoutMs }: AskOptions): Promise<Frame<Reply>> {
    if (this.#closed) return Promise.reject(new Fault('NOT_READY', 'The source is closed.'))
    if (signal.aborted) return Promise.reject(new Fault('CANCELLED', 'The call was cancelled.'))
    return new Promise((resolve, reject) => {
      let killer: NodeJS.Timeout | undefined
      const settle =
        <T>(done: (value: T) => void) =>
        (value: T) => {
          clearTimeout(deadline)
          clearTimeout(killer)
          signal.removeEventListener('abort', abort)
          done(value)
        }
      const pending: Pending = { operation, resolve: settle(resolve), reject: settle(reject), retried: false, verdict: undefined }
      const stop = (verdict: Fault) => {
        if (pending.verdict !== undefined) return
        pending.verdict = verdict
        this.#interrupt(pending)
        killer = setTimeout(() => this.#kill(pending), graceMs)
      }
      const abort = () => stop(new Fault('CANCELLED', 'The call was cancelled.'))
      const deadline = setTimeout(
        () =>
          stop(
            new Fault('QUERY_TIMEOUT', 'The query passed its time limit and was cancelled.', {
              hint: 'Filter or aggregate earlier, or select fewer rows.',
            }),
          ),
        timeoutMs,
      )
      signal.addEventListener('abort', abort, { once: true })
      this.#send(pending)
    })
  }

  close(): void {
    this.#closed = true
    const running = this.#running
    if (running === undefined) return
    running.process.kill('SIGKILL')
    // The server may end before it hears of the child's end.
    rmSync(running.temp, { recursive: true, force: true, maxRetries: 3 })
  }

  #send(pending: Pending): void {
    this.#running ??= this.#start()
    const running = this.#running
    running.socket.ref?.()
    const id = ++this.#lastId
    running.pending.set(id, pending)
    writeFrame(running.socket, { id, ...pending.operation })
  }

  #interrupt(pending: Pending): void {
    const running = this.#running
    for (const [target, other] of running?.pending ?? [])
      if (other === pending && running !== undefined) writeFrame(running.socket, { id: ++this.#lastId, op: 'cancel', target })
  }

  #kill(pending: Pending): void {
    const running = this.#running
    if (running === undefined || ![...running.pending.values()].includes(pending)) return
    this.#log('warn', 'A DuckDB query ignored its interrupt; its process is replaced.', {})
    this.#running = undefined
    running.process.kill('SIGKILL')
  }

  #start(): Running {
    const temp = mkdtempSync(join(tmpdir(), 'dataface-duckdb-'))
    const child = spawn(process.execPath, [...process.execArgv, entry()], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      // Nothing of the server's environment, where secrets may lie.
      env: { HOME: temp, TMPDIR: temp, UV_THREADPOOL_SIZE: '16' },
    })
    const running: Running = { process: child, socket: child.stdio[3] as Socket, temp, pending: new Map() }
    readFrames<Reply>(running.socket, (frame) => this.#receive(running, frame))
    running.socket.on('error', () => {})
    child.on('error', (error) => this.#log('error', 'The DuckDB process could not be started.', { error }))
    child.on('close', () => this.#ended(running))
    // The server may end while an idle child is still there; the child then sees its socket close.
    child.unref()
    running.socket.unref?.()
    writeFrame(running.socket, { id: 0, op: 'configure', config: { ...this.#config, temp } })
    return running
  }

  #receive(running: Running, frame: Frame<Reply>): void {
    const { header } = frame
    if (header.id === 0) {
      if ('fields' in header) this.#log('warn', header.log, header.fields)
      return
    }
    const pending = running.pending.get(header.id)
    if (pending === undefined) return
    running.pending.delete(header.id)
    this.#hold(running)
    if (!('ok' in header)) return
    if (header.ok) pending.resolve(frame)
    else if (pending.verdict !== undefined) pending.reject(pending.verdict)
    else {
      const { code, message, retry_after_ms, ...details } = header.error
      pending.reject(
        new Fault(code, message, {
          ...details,
          retryAfterMs: retry_after_ms,
          operatorHint: header.operatorHint,
          missingColumn: header.missingColumn,
          ...(header.log !== undefined && { cause: new Error(header.log) }),
        }),
      )
    }
  }

  #ended(running: Running): void {
    if (this.#running === running) this.#running = undefined
    rmSync(running.temp, { recursive: true, force: true, maxRetries: 3 })
    for (const pending of running.pending.values()) {
      if (pending.verdict !== undefined) pending.reject(pending.verdict)
      else if (this.#closed) pending.reject(new Fault('NOT_READY', 'The server is stopping.'))
      else if (pending.retried)
        pending.reject(new Fault('SOURCE_UNAVAILABLE', 'The engine of this source stopped while it worked on this call.'))
      else {
        pending.retried = true
        this.#send(pending)
      }
    }
  }

  /** Keeps the server alive while a call is in flight, and not longer. */
  #hold(running: Running): void {
    if (running.pending.size === 0) running.socket.unref?.()
  }
}
