import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ErrorCode } from '../../../contracts/v1/errors.ts'
import { entryBeside } from '../../envelope/entry-beside.ts'
import { Fault, type FaultDetails } from '../../envelope/fault.ts'
import { Admission } from '../../sources/admission.ts'
import type { BoundBoard, GroupNode, LayoutNode } from '../compiled-board.ts'
import { type PackedBoard, packBoard } from '../encoded-rows.ts'
import type { Rendering, RenderOptions } from './render-board.ts'

export interface RenderRequest {
  readonly board: PackedBoard
  readonly options: RenderOptions
}

export type RenderReply =
  | { readonly rendering: Rendering }
  | { readonly error: string }
  | { readonly fault: { readonly code: ErrorCode; readonly message: string; readonly details: FaultDetails } }

/** How long a board waits for its turn, milliseconds. */
const patienceMs = 20_000
/** How long charts are drawn for a picture, milliseconds: those that are left then say so. */
const drawMs = 20_000
/** How long one picture may take, milliseconds: a chart that takes so long is not waited for. */
const renderMs = 30_000
/** Of the heap of a thread. */
const heapMegabytes = 1024

/** One core is left to the calls that draw nothing. */
const threads = Math.max(1, Math.min(4, availableParallelism() - 1))
/** Boards that are run and drawn at once: each has its rows in memory, and most of them wait for their queries. */
const boardsAtOnce = 16 * threads

const tooMany = (): Fault =>
  new Fault('RATE_LIMITED', 'Too many boards are drawn at once.', {
    retryAfterMs: 2_000,
    hint: 'Retry after a short wait, or ask for fewer boards at once.',
  })

const waiting = { refusal: tooMany, patienceMs }
const boards = new Admission(boardsAtOnce, waiting)
const turns = new Admission(threads, waiting)
const idle: Worker[] = []

/**
 * Does work that runs a board and draws it, when it is its turn: few at once, each caller in turn. Throws RATE_LIMITED when
 * too many wait, or one waits too long, and the signal's reason.
 */
export const takingTurn = async <T>(caller: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
  const turn = boards.enter(caller, signal)
  if (turn !== undefined) await turn
  try {
    // A board whose rows are kept waits for nothing: calls that came meanwhile are heard first.
    await setImmediate()
    return await work()
  } finally {
    boards.leave()
  }
}

/**
 * As `renderBoard`, in a thread of its own: a picture takes a fraction of a second in which nobody else may wait. The bytes
 * are the same. Throws RESULT_TOO_LARGE for a board that takes too long or too much memory to draw, and the signal's reason.
 */
export const renderAside = async (board: BoundBoard, options: RenderOptions, signal: AbortSignal): Promise<Rendering> => {
  const turn = turns.enter('', signal)
  if (turn !== undefined) await turn
  const thread = idle.pop() ?? startThread()
  try {
    const reply = await ask(thread, board, options, signal)
    idle.push(thread)
    if ('rendering' in reply) return reply.rendering
    if ('error' in reply) throw new Error(reply.error)
    const { code, message, details } = reply.fault
    throw new Fault(code, message, details)
  } finally {
    turns.leave()
  }
}

/** The thread's answer. A thread that does not answer in time, or is not waited for any more, is ended. */
const ask = (thread: Worker, board: BoundBoard, options: RenderOptions, signal: AbortSignal): Promise<RenderReply> =>
  new Promise((resolve, reject) => {
    const settle = (outcome: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      thread.off('message', answer).off('error', fail).unref()
      outcome()
    }
    const answer = (reply: RenderReply): void => settle(() => resolve(reply))
    const end = (error: unknown): void =>
      settle(() => {
        void thread.terminate()
        reject(error)
      })
    const giveUp = (): void => end(signal.reason)
    const fail = (cause?: unknown): void => end(tooLarge(cause))
    const timer = setTimeout(fail, renderMs)
    thread.on('message', answer).on('error', fail).ref()
    signal.addEventListener('abort', giveUp, { once: true })
    if (signal.aborted) {
      giveUp()
      return
    }
    const { packed, transfer } = packBoard({ ...board, root: withoutPlaces(board.root) })
    thread.postMessage(
      { board: packed, options: { ...options, drawMs: Math.min(drawMs, options.drawMs ?? drawMs) } } satisfies RenderRequest,
      transfer,
    )
  })

const tooLarge = (cause: unknown): Fault =>
  new Fault('RESULT_TOO_LARGE', 'The board takes too long, or too much memory, to draw.', {
    hint: 'Ask for one chart, aggregate in the queries, or ask for the format json.',
    cause,
  })

const startThread = (): Worker => {
  const started = new Worker(entryBeside(import.meta.url, 'render-worker'), { resourceLimits: { maxOldGenerationSizeMb: heapMegabytes } })
  // One that ends while nobody asks it is not asked again.
  started.on('error', () => idle.splice(0, idle.length, ...idle.filter((one) => one !== started)))
  return started
}

/** A layout without what tells where it was written: that is code, and nothing is drawn of it. */
const withoutPlaces = <Node extends LayoutNode>(node: Node): Node => {
  if (node.kind === 'chart') return node
  const { layout } = node as GroupNode
  const inner =
    layout === undefined
      ? undefined
      : layout.direction === 'grid' || layout.direction === 'tabs'
        ? { ...layout, items: layout.items.map((item) => ({ ...item, node: withoutPlaces(item.node as LayoutNode) })) }
        : { ...layout, items: layout.items.map(withoutPlaces) }
  return { ...node, locate: undefined, ...(inner !== undefined && { layout: inner }) }
}
