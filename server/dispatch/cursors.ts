import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { Fault } from '../envelope/fault.ts'

/** How long a cursor may be used, seconds. */
const lifetimeS = 3600

/**
 * Cursors without state: the position and an expiry, signed together with the request they continue, so that a cursor
 * used with other arguments, by another caller, or made up, is refused.
 */
export interface Cursors {
  /** A cursor that continues `request` at `position` (any JSON value). */
  seal(request: readonly unknown[], position: unknown): string
  /** The position in a cursor. Throws VALIDATION_ERROR at `cursor` when it does not continue `request`. */
  open(request: readonly unknown[], cursor: string): unknown
}

/** `secret` gives at least 32 bytes; processes that share it accept each other's cursors. What it throws, `seal` and `open` throw. */
export const createCursors = (secret: () => Buffer, now: () => number = Date.now): Cursors => {
  const sign = (request: readonly unknown[], payload: string): string =>
    createHmac('sha256', secret())
      .update(createHash('sha256').update(JSON.stringify(request)).digest())
      .update(payload)
      .digest()
      .subarray(0, 18)
      .toString('base64url')

  return {
    seal(request, position) {
      const payload = Buffer.from(JSON.stringify([Math.floor(now() / 1000) + lifetimeS, position])).toString('base64url')
      return `${payload}.${sign(request, payload)}`
    },
    open(request, cursor) {
      const payload = cursor.slice(0, cursor.indexOf('.'))
      // Texts are compared: decoding would take what is no base64url, or stands behind it, for nothing.
      const given = Buffer.from(cursor)
      const expected = Buffer.from(`${payload}.${sign(request, payload)}`)
      if (given.length !== expected.length || !timingSafeEqual(given, expected))
        throw new Fault('VALIDATION_ERROR', 'The cursor does not continue this request.', {
          path: 'cursor',
          hint: 'Keep every other argument as it was when the cursor was given, or start again without cursor.',
        })
      const [expiry, position] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [number, unknown]
      if (expiry * 1000 < now())
        throw new Fault('VALIDATION_ERROR', 'The cursor has expired.', { path: 'cursor', hint: 'Start again without cursor.' })
      return position
    },
  }
}
