import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Access } from '../../access/access.ts'
import type { Caller } from '../../access/caller.ts'
import { maxBodyBytes } from './body.ts'
import type { LocalGuard } from './local-only.ts'
import { lookupOf } from './node-headers.ts'

/** An answer that is sent as it is. */
export interface QuickAnswer {
  readonly status: number
  /** Beside the length. */
  readonly headers: Readonly<Record<string, string>>
  /** JSON. */
  readonly body: string | Buffer
  /** Called once the system has taken all of `body`; not when it was never sent. */
  readonly sent?: () => void
}

/** Answers the POST requests of a path that need nothing of the app, whose objects cost more than a short call. */
export interface QuickDoor {
  /** Whether requests with such headers may be answered here. */
  takes(headers: IncomingHttpHeaders): boolean
  /** The answer to a body; undefined when the app must give it. */
  answer(headers: IncomingHttpHeaders, body: string, signal: AbortSignal, caller: Caller): QuickAnswer | Promise<QuickAnswer> | undefined
}

/** Answers a request, or passes it on as it came. */
export type QuickPath = (incoming: IncomingMessage, outgoing: ServerResponse, pass: () => void) => void

export interface QuickPathOptions {
  /** By the path of a request, as it stands there. */
  readonly doors: ReadonlyMap<string, QuickDoor>
  readonly isReady: () => boolean
  /** As the app asks; whoever is refused is passed on, for the app to say so. */
  readonly identify: Access['identify']
  /** Who may not be known is passed on at once, for which the app does the same at every path. */
  readonly mayKnow: Access['mayKnow']
  /** As the app refuses; what is refused is passed on, for the app to say so. */
  readonly refuseForeign: LocalGuard
  /** The answer to a request that failed for a fault of ours. */
  readonly failed: (error: unknown) => QuickAnswer
}

/** Stands before the app and takes what its door answers; everything else, and everything odd, is passed on. */
export const createQuickPath =
  ({ doors, isReady, identify, mayKnow, refuseForeign, failed }: QuickPathOptions): QuickPath =>
  (incoming, outgoing, pass) => {
    const { headers } = incoming
    const given = lookupOf(headers)
    // Before all else, so that it takes no time to tell by that a project is there.
    if (!mayKnow(given)) return pass()
    const door = doors.get(incoming.url ?? '')
    const size = Number(headers['content-length'])
    if (
      door === undefined ||
      incoming.method !== 'POST' ||
      !(size > 0 && size <= maxBodyBytes) ||
      hasRepeated(incoming) ||
      !isReady() ||
      refuseForeign({ headers: given }) !== undefined ||
      !door.takes(headers)
    )
      return pass()
    const answerTo = (body: Buffer, caller: Caller) => {
      const passOn = () => {
        // Where the app's server looks for a body that was read before.
        Object.assign(incoming, { rawBody: body })
        pass()
      }
      // The app's reader leaves a byte order mark out, and refuses what is no text.
      if (body[0] === byteOrderMark || !isUtf8(body)) return passOn()
      const answer = door.answer(headers, body.toString(), signalOf(outgoing), caller)
      if (answer === undefined) passOn()
      else if ('body' in answer) send(outgoing, answer)
      else
        answer.then(
          (given) => send(outgoing, given),
          (error: unknown) => send(outgoing, failed(error)),
        )
    }
    // The body of whoever is refused is not waited for, by the app neither.
    identify(given).then((caller) => readBody(incoming, size, (body) => answerTo(body, caller)), pass)
  }

const byteOrderMark = 0xef

/** Whether a header comes twice: which one counts is for the app to say. */
const hasRepeated = ({ headers, rawHeaders }: IncomingMessage): boolean => {
  let names = 0
  for (const _name in headers) names++
  return names * 2 !== rawHeaders.length
}

/** Calls back with the whole body, at once where it has come already; never, when the client goes away before. */
const readBody = (incoming: IncomingMessage, size: number, onBody: (body: Buffer) => void): void => {
  const begun = incoming.read() as Buffer | null
  if (begun?.length === size) {
    onBody(begun)
    return
  }
  let parts = begun === null ? [] : [begun]
  let read = begun?.length ?? 0
  incoming.on('data', (chunk: Buffer) => {
    parts.push(chunk)
    read += chunk.length
    if (read < size) return
    const body = parts.length === 1 ? chunk : Buffer.concat(parts, read)
    parts = []
    onBody(body)
  })
}

/** Aborted when the client goes away before it has its answer. */
const signalOf = (outgoing: ServerResponse): AbortSignal => {
  const gone = new AbortController()
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) gone.abort()
  })
  return gone.signal
}

const send = (outgoing: ServerResponse, { status, headers, body, sent }: QuickAnswer): void => {
  outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  if (sent !== undefined) outgoing.once('finish', sent)
  outgoing.end(body.length <= shortBody ? body.toString() : body)
}

/** Bytes up to which a body is sent as text: Node writes a text together with its headers, but bytes beside them. */
const shortBody = 4096
