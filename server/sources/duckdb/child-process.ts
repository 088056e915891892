import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entryBeside } from '../../envelope/entry-beside.ts'
import { Fault } from '../../envelope/fault.ts'
import type { Log } from '../../operations/log.ts'
import type { Query } from '../source.ts'
import { type Frame, readFrames, writeFrame } from './frames.ts'
import type { ChildConfig, Operation, Part, Reply } from './messages.ts'
import { enterStart, leaveStart } from './start-gate.ts'
import { watchMemory } from './watch-memory.ts'

/**
 * How long after its deadline, or its cancel, a call waits for the engine to stop, and when the process is killed that
 * did not, milliseconds. Killing costs the calls beside, and takes its time, so the caller does not wait for it.
 */
const [patienceMs, graceMs] = [500, 1_000]

/**
 * How long a process may take to start and to open its data before it is killed for a call that waits, milliseconds. Until
 * then no statement of a caller runs in it, and the next process would only begin anew.
 */
const openingMs = 120_000

/** Hears what comes before the answer; `grant` lets one more part be sent. */
export type OnPart = (frame: Frame<Part>, grant: () => void) => void

interface Pending {
  readonly operation: Operation
  readonly resolve: (frame: Frame<Reply>) => void
  readonly reject: (error: unknown) => void
  readonly onPart: OnPart | undefined
  readonly onRows: Query['onRows']
  /** Set once parts were given on, which cannot be taken back: it is then not asked again. */
  hasParts: boolean
  /** Gives the call its whole time again, once: it lost time to another's fault. */
  readonly restart: () => void
  /** The process that works on it; undefined while it waits to be asked again. */
  running: Running | undefined
  id: number
  /** Set when this call is to end, and when the process is killed for it. */
  verdict: Fault | undefined
  /** Kills the process when it does not obey. */
  killer: NodeJS.Timeout | undefined
}

interface Running {
  readonly process: ChildProcess
  readonly socket: Socket
  /** Folder of its own, removed with it. */
  readonly temp: string
  readonly pending: Map<number, Pending>
  /** Works on one call at a time that may have ended another process. */
  readonly isolated: boolean
  readonly startedAt: number
  /** Whether it may run a statement of a caller by now. */
  isOpen: boolean
  /** Lets the next process start; undefined once it did. */
  onUp: (() => void) | undefined
  readonly memory: ReturnType<typeof watchMemory>
  /** Why we killed it. */
  killedFor: 'call' | 'memory' | undefined
  /** Called when it has ended and its calls were dealt with. */
  onEnd: () => void
}

export interface AskOptions {
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly onRows?: Query['onRows']
}

export interface DuckdbProcessOptions {
  readonly config: Omit<ChildConfig, 'temp'>
  /** Resident memory at which the process is killed, bytes. */
  readonly residentBytes: number
  readonly log: Log
}

/**
 * Keeps one child process alive and asks it. A child that ends is replaced on the next call. Calls that were in flight in
 * it are asked again: all at once when it is known which call it was killed for, else each in a process of its own, so
 * that only the call that ends processes fails.
 */
export class DuckdbProcess {
  readonly #options: DuckdbProcessOptions
  #running: Running | undefined
  /** Resolves when it is the turn of the next process to start. */
  #turn: Promise<void> | undefined
  readonly #alive = new Set<Running>()
  /** Calls that are asked alone, one after the other. */
  #alone: Promise<void> = Promise.resolve()
  #lastId = 0
  #closed = false

  constructor(options: DuckdbProcessOptions) {
    this.#options = options
  }

  /** Asks the child. Throws QUERY_TIMEOUT, CANCELLED, RESULT_TOO_LARGE, or what the child answers. */
  ask(operation: Operation, { signal, timeoutMs, onRows }: AskOptions, onPart?: OnPart): Promise<Frame<Reply>> {
    if (this.#closed) return Promise.reject(new Fault('NOT_READY', 'The source is closed.'))
    if (signal.aborted) return Promise.reject(cancelled())
    return new Promise((resolve, reject) => {
      let patience: NodeJS.Timeout | undefined
      let restarted = false
      const settle =
        <T>(done: (value: T) => void) =>
        (value: T) => {
          clearTimeout(deadline)
          clearTimeout(patience)
          signal.removeEventListener('abort', abort)
          done(value)
        }
      const stop = (verdict: Fault) => {
        if (pending.verdict !== undefined) return
        pending.verdict = verdict
        if (pending.running === undefined) return pending.reject(verdict)
        writeFrame(pending.running.socket, { id: ++this.#lastId, op: 'cancel', target: pending.id })
        patience = setTimeout(() => pending.reject(verdict), patienceMs)
        pending.killer = setTimeout(() => this.#killFor(pending), graceMs)
      }
      const abort = () => stop(cancelled())
      const startDeadline = () => setTimeout(() => stop(timedOut()), timeoutMs)
      let deadline = startDeadline()
      const pending: Pending = {
        operation,
        resolve: settle(resolve),
        reject: settle(reject),
        onPart,
        onRows,
        hasParts: false,
        restart() {
          if (restarted) return
          restarted = true
          clearTimeout(deadline)
          deadline = startDeadline()
        },
        running: undefined,
        id: 0,
        verdict: undefined,
        killer: undefined,
      }
      signal.addEventListener('abort', abort, { once: true })
      if (this.#running !== undefined) this.#send(this.#running, pending)
      else void this.#startInTurn().then(() => this.#sendOrRefuse(pending))
    })
  }

  /** Starts the process that all ask, unless there is one. */
  #startInTurn(): Promise<void> {
    this.#turn ??= (enterStart() ?? Promise.resolve()).then(() => {
      this.#turn = undefined
      if (this.#running === undefined && !this.#closed) this.#running = this.#start(false, leaveStart)
      else leaveStart()
    })
    return this.#turn
  }

  #sendOrRefuse(pending: Pending): void {
    if (pending.verdict !== undefined) return
    if (this.#closed) pending.reject(new Fault('NOT_READY', 'The server is stopping.'))
    else {
      this.#running ??= this.#start(false)
      this.#send(this.#running, pending)
    }
  }

  close(): void {
    this.#closed = true
    for (const running of this.#alive) {
      running.process.kill('SIGKILL')
      // The server may end before it hears of the child's end.
      rmSync(running.temp, { recursive: true, force: true, maxRetries: 3 })
    }
  }

  #send(running: Running, pending: Pending): void {
    running.socket.ref?.()
    running.memory.start()
    pending.running = running
    pending.id = ++this.#lastId
    running.pending.set(pending.id, pending)
    writeFrame(running.socket, { id: pending.id, ...pending.operation })
  }

  #killFor(pending: Pending): void {
    const { running } = pending
    if (running === undefined) return
    if (!running.isOpen && performance.now() - running.startedAt < openingMs) {
      pending.killer = setTimeout(() => this.#killFor(pending), graceMs)
      return
    }
    this.#options.log('warn', 'A DuckDB query ignored its interrupt; its process is replaced.', {})
    this.#kill(running, 'call')
  }

  #kill(running: Running, reason: NonNullable<Running['killedFor']>): void {
    running.killedFor ??= reason
    if (this.#running === running) this.#running = undefined
    running.process.kill('SIGKILL')
  }

  #start(isolated: boolean, onUp?: () => void): Running {
    const temp = realpathSync(mkdtempSync(join(tmpdir(), 'dataface-duckdb-')))
    const child = spawn(process.execPath, [...process.execArgv, entryBeside(import.meta.url, 'duckdb-child')], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      // Nothing of the server's environment, where secrets may lie.
      env: { HOME: temp, TMPDIR: temp, TZ: 'UTC', UV_THREADPOOL_SIZE: '16' },
    })
    const { config, residentBytes, log } = this.#options
    const memory = watchMemory(child.pid, residentBytes, (bytes) => {
      log('warn', 'A DuckDB process passed its memory limit and is replaced.', { bytes })
      this.#kill(running, 'memory')
    })
    const running: Running = {
      process: child,
      socket: child.stdio[3] as Socket,
      temp,
      pending: new Map(),
      isolated,
      startedAt: performance.now(),
      isOpen: false,
      onUp,
      memory,
      killedFor: undefined,
      onEnd: () => {},
    }
    this.#alive.add(running)
    readFrames<Reply>(running.socket, (frame) => this.#receive(running, frame))
    running.socket.on('error', () => {})
    child.on('error', (error) => {
      log('error', 'The DuckDB process could not be started.', { error })
      isUp(running)
    })
    child.on('close', () => this.#ended(running))
    // The server may end while an idle child is still there; the child then sees its socket close.
    child.unref()
    running.socket.unref?.()
    writeFrame(running.socket, { id: 0, op: 'configure', config: { ...config, temp } })
    return running
  }

  #receive(running: Running, frame: Frame<Reply>): void {
    const { header } = frame
    isUp(running)
    if ('opened' in header) {
      running.isOpen = true
      return
    }
    if (header.id === 0) {
      if ('fields' in header) this.#options.log('warn', header.log, header.fields)
      return
    }
    const pending = running.pending.get(header.id)
    if (pending === undefined) return
    if ('rowsRead' in header) {
      pending.onRows?.(header.rowsRead)
      return
    }
    if (!('ok' in header)) {
      pending.hasParts = true
      if (!('log' in header))
        pending.onPart?.({ header, body: frame.body }, () =>
          writeFrame(running.socket, { id: ++this.#lastId, op: 'credit', target: header.id }),
        )
      return
    }
    running.pending.delete(header.id)
    clearTimeout(pending.killer)
    this.#rest(running)
    if (pending.verdict !== undefined) pending.reject(pending.verdict)
    else if (header.ok) pending.resolve(frame)
    else {
      const { code, message, retry_after_ms, ...details } = header.error
      pending.reject(
        new Fault(code, message, {
          ...details,
          retryAfterMs: retry_after_ms,
          operatorHint: header.operatorHint,
          missingColumn: header.missingColumn,
          isStale: header.isStale,
          ...(header.log !== undefined && { cause: new Error(header.log) }),
        }),
      )
    }
  }

  #ended(running: Running): void {
    if (this.#running === running) this.#running = undefined
    this.#alive.delete(running)
    isUp(running)
    running.memory.stop()
    rmSync(running.temp, { recursive: true, force: true, maxRetries: 3 })
    for (const pending of running.pending.values()) {
      pending.running = undefined
      clearTimeout(pending.killer)
      if (pending.verdict !== undefined) pending.reject(pending.verdict)
      else if (this.#closed) pending.reject(new Fault('NOT_READY', 'The server is stopping.'))
      else if (pending.hasParts) pending.reject(running.killedFor === 'memory' ? tooMuchMemory() : broken())
      else if (running.isolated) pending.reject(running.killedFor === 'memory' ? tooMuchMemory() : endsTheEngine())
      else {
        pending.restart()
        if (running.killedFor !== 'call') this.#askAlone(pending)
        else {
          this.#running ??= this.#start(false)
          this.#send(this.#running, pending)
        }
      }
    }
    running.onEnd()
  }

  /** Asks again in a process that nobody else uses, and that ends afterwards. */
  #askAlone(pending: Pending): void {
    this.#alone = this.#alone.then(
      () =>
        new Promise((done) => {
          if (pending.verdict !== undefined || this.#closed) {
            pending.reject(pending.verdict ?? new Fault('NOT_READY', 'The server is stopping.'))
            return done()
          }
          const running = this.#start(true)
          running.onEnd = done
          this.#send(running, pending)
        }),
    )
  }

  /** Keeps the server alive while a call is in flight, and not longer. */
  #rest(running: Running): void {
    if (running.pending.size > 0) return
    running.socket.unref?.()
    running.memory.stop()
    if (running.isolated) running.process.kill('SIGKILL')
  }
}

/** It has started, or never will. */
const isUp = (running: Running): void => {
  running.onUp?.()
  running.onUp = undefined
}

const cancelled = (): Fault => new Fault('CANCELLED', 'The call was cancelled.')

const timedOut = (): Fault =>
  new Fault('QUERY_TIMEOUT', 'The query passed its time limit and was cancelled.', {
    hint: 'Filter or aggregate earlier, or select fewer rows.',
  })

const tooMuchMemory = (): Fault =>
  new Fault('RESULT_TOO_LARGE', 'The query needs more memory than it may use.', {
    path: 'sql',
    hint: 'Filter or aggregate earlier, or select fewer rows or shorter values.',
  })

const broken = (): Fault =>
  new Fault('SOURCE_UNAVAILABLE', 'The engine of this source stopped while it sent rows.', { retryAfterMs: 1_000 })

const endsTheEngine = (): Fault =>
  new Fault('SQL_ERROR', 'The engine of this source stopped at this statement, twice.', {
    path: 'sql',
    hint: 'Write the query in another way.',
  })
