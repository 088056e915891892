import { type ChildProcess, fork } from 'node:child_process'
import type { ResvgRenderOptions } from '@resvg/resvg-js'
import { entryBeside } from '../../envelope/entry-beside.ts'
import { Fault } from '../../envelope/fault.ts'

export interface PaintRequest {
  readonly svg: string
  readonly options: ResvgRenderOptions
}

export type PaintReply = { readonly png: Uint8Array } | { readonly error: string }

/** Processes that wait to be asked; each paints one picture at a time, so that none ends for another. */
const idle: ChildProcess[] = []

/**
 * Paints an SVG as PNG in a process of its own: the engine ends its process over some pictures, and that must not be the one
 * that serves. Throws RESULT_TOO_LARGE for a picture that it cannot paint.
 */
export const paintAside = async (request: PaintRequest): Promise<Uint8Array> => {
  const painter = idle.pop() ?? startPainter()
  const reply = await ask(painter, request)
  idle.push(painter)
  if ('png' in reply) return reply.png
  throw new Error(reply.error)
}

const ask = (painter: ChildProcess, request: PaintRequest): Promise<PaintReply> =>
  new Promise((resolve, reject) => {
    const settle = (outcome: () => void): void => {
      painter.off('message', answer).off('exit', fail).off('error', fail)
      painter.unref()
      painter.channel?.unref()
      outcome()
    }
    const answer = (reply: unknown): void => settle(() => resolve(reply as PaintReply))
    const fail = (cause: unknown): void =>
      settle(() => {
        painter.kill('SIGKILL')
        reject(
          new Fault('RESULT_TOO_LARGE', 'The picture cannot be painted.', {
            hint: 'Ask for svg, for one chart, or for text; something may be drawn far outside the picture.',
            ...(cause instanceof Error && { cause }),
          }),
        )
      })
    painter.on('message', answer).on('exit', fail).on('error', fail)
    painter.ref()
    painter.channel?.ref()
    painter.send(request, (error) => {
      if (error !== null) fail(error)
    })
  })

const startPainter = (): ChildProcess => {
  const started = fork(entryBeside(import.meta.url, 'paint-child'), {
    // Nothing of the server's environment, where secrets may lie.
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  })
  // One that ends while nobody asks it is not asked again.
  started.on('exit', () => idle.splice(0, idle.length, ...idle.filter((one) => one !== started)))
  started.on('error', () => {})
  return started
}
