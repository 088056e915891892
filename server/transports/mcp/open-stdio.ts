import { isUtf8 } from 'node:buffer'
import { Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/server'
import type { Fault } from '../../envelope/fault.ts'
import { notUtf8 } from '../http/body.ts'
import type { RpcError } from './read-message.ts'

/** How long requests may still be answered after the input has ended, milliseconds; a query's own time limit is shorter as a rule. */
const graceMs = 30_000

export interface Stdio {
  readonly transport: Transport
  /** Resolves when the input has ended and every request in it is answered, or the time for that is up. */
  readonly whenAnswered: Promise<void>
}

/**
 * Standard input and output as a transport. The transport of the SDK gives up what is in flight when its input ends, so
 * that `dft mcp < requests` would answer nothing; here the end is held back until all is answered. `read` is given each line,
 * or why it is none, and gives what the SDK reads of it, or the answer to a line that goes no further.
 */
export const openStdio = async (read: (line: string | Fault) => { text: string } | { refused: RpcError }): Promise<Stdio> => {
  const { StdioServerTransport } = await import('@modelcontextprotocol/server/stdio')
  const input = wholeLines((line) => {
    const text = line.toString().replace(/\r?\n$/, '')
    if (text.trim() === '') return undefined
    const taken = read(isUtf8(line) ? text : notUtf8())
    if ('text' in taken) return `${taken.text}\n`
    void inner.send(taken.refused as JSONRPCMessage)
    return undefined
  })
  const inner = new StdioServerTransport(input, process.stdout)
  const unanswered = new Set<RequestId>()
  let answered = () => {}

  const settle = (id: RequestId): void => {
    unanswered.delete(id)
    if (unanswered.size === 0) answered()
  }
  const note = (message: JSONRPCMessage): void => {
    if (!('method' in message)) return
    // A subscription has no answer until it ends.
    if ('id' in message && message.method !== 'subscriptions/listen') unanswered.add(message.id)
    if (message.method === 'notifications/cancelled') settle((message.params as { requestId: RequestId }).requestId)
  }
  const transport: Transport = {
    async start() {
      inner.onmessage = (message) => {
        note(message)
        transport.onmessage?.(message)
      }
      inner.onclose = () => transport.onclose?.()
      inner.onerror = (error) => transport.onerror?.(error)
      await inner.start()
      process.stdin.pipe(input, { end: false })
    },
    async send(message) {
      await inner.send(message)
      if (!('method' in message) && message.id !== undefined) settle(message.id)
    },
    async close() {
      await inner.close()
      // An input that is open would keep the process.
      process.stdin.destroy()
    },
  }

  const ended = new Promise<void>((done) => process.stdin.once('end', done).once('close', done))
  const whenAnswered = ended.then(async () => {
    // The last lines may still be in the pipe.
    do await new Promise((done) => setImmediate(done))
    while (input.writableLength > 0 || input.readableLength > 0)
    if (unanswered.size > 0) await Promise.race([new Promise<void>((done) => (answered = done)), sleep(graceMs, undefined, { ref: false })])
  })
  return { transport, whenAnswered }
}

const lineFeed = 10

/** Passes on what `take` makes of each line, once it is whole; what is longer than any message may be is passed on as it comes. */
const wholeLines = (take: (line: Buffer) => string | undefined): Transform => {
  let rest: Buffer[] = []
  let held = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      rest.push(chunk)
      held += chunk.length
      if (held < mostHeld && !chunk.includes(lineFeed)) return done()
      const all = Buffer.concat(rest)
      rest = []
      held = 0
      for (let at = 0; at < all.length; ) {
        const end = all.indexOf(lineFeed, at) + 1
        if (end === 0 && all.length - at < mostHeld) {
          rest.push(all.subarray(at))
          held = all.length - at
          break
        }
        const line = all.subarray(at, end === 0 ? all.length : end)
        const taken = end === 0 ? line : take(line)
        if (taken !== undefined) this.push(taken)
        at += line.length
      }
      done()
    },
  })
}

/** More than the transport of the SDK takes of one message, bytes. */
const mostHeld = 16 * 1024 * 1024
