import type { Meta, Warning } from '../../contracts/v1/envelope.ts'
import type { ErrorItem } from '../../contracts/v1/errors.ts'
import { encodeObject } from './encoded-json.ts'

export interface Success {
  readonly success: true
  /** Direct values may be `EncodedJson`. */
  readonly data: Readonly<Record<string, unknown>>
  readonly warnings: readonly Warning[]
  readonly meta: Meta
}

export interface Failure {
  readonly success: false
  readonly errors: readonly [ErrorItem, ...ErrorItem[]]
  readonly warnings: readonly Warning[]
  readonly meta: Meta
}

/** The answer of every call through every door; see contracts/v1/envelope.ts. */
export type Envelope = Success | Failure

type Pieces = readonly (string | Buffer)[]

/** What was encoded to be counted, until it is sent. */
const counted = new WeakMap<Success, Pieces>()

/** What an encoded answer ends with: its last member is `meta`. */
const metaEnd = '}}'

const around = ({ warnings, meta }: Success, data: Pieces): Pieces => {
  const pieces = [...data]
  pieces[0] = `{"success":true,"data":${pieces[0]}`
  pieces[pieces.length - 1] += `,"warnings":${encodeWarnings(warnings)},"meta":${JSON.stringify(meta)}}`
  return pieces
}

/** The answer every door sends, as pieces to be joined: one key order, encoded rows copied as they are. */
export const encodePieces = (envelope: Envelope): Pieces => {
  if (!envelope.success) return [JSON.stringify(envelope)]
  const kept = counted.get(envelope)
  if (kept === undefined) return around(envelope, encodeObject(envelope.data))
  counted.delete(envelope)
  return kept
}

/** Bytes of an answer as JSON. `isSent`: whether it will be encoded once more, for which what was encoded here is kept. */
export const countBytes = (envelope: Envelope, isSent: boolean): number => {
  if (!envelope.success) return Buffer.byteLength(JSON.stringify(envelope))
  const pieces = around(envelope, encodeObject(envelope.data))
  if (isSent) counted.set(envelope, pieces)
  return pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0)
}

/** The answer that also says what is left of quotas. What was encoded of it is not encoded again. */
export const withQuota = (envelope: Envelope, quota: NonNullable<Meta['quota']>): Envelope => {
  const told = { ...envelope, meta: { ...envelope.meta, quota } }
  const pieces = envelope.success ? counted.get(envelope) : undefined
  if (told.success && pieces !== undefined) {
    const end = pieces.at(-1) as string
    counted.set(told, [...pieces.slice(0, -1), `${end.slice(0, -metaEnd.length)},"quota":${JSON.stringify(quota)}${metaEnd}`])
  }
  return told
}

/** The answer as text. */
export const encodeEnvelope = (envelope: Envelope): string => encodePieces(envelope).map(String).join('')

/** The answer as an HTTP body: bytes when it is long, else text. */
export const encodeBody = (envelope: Envelope): string | Buffer => {
  const pieces = encodePieces(envelope)
  return pieces.length === 1
    ? (pieces[0] as string)
    : Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)))
}

const encodeWarnings = (warnings: readonly Warning[]): string => (warnings.length === 0 ? '[]' : JSON.stringify(warnings))
