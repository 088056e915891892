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

type Pieces = (string | Buffer)[]

/** What was encoded to be counted, without `metaEnd`, until it is sent. */
const counted = new WeakMap<Success, Pieces>()

/** What an encoded answer ends with: its last member is `meta`. */
const metaEnd = '}}'

/** A text for the last piece, which is one always. */
const append = (pieces: Pieces, text: string): Pieces => {
  pieces[pieces.length - 1] += text
  return pieces
}

/** All but `metaEnd`. */
const encodeSuccess = ({ data, warnings, meta }: Success): Pieces => {
  const pieces = encodeObject(data)
  pieces[0] = `{"success":true,"data":${pieces[0]}`
  return append(pieces, `,"warnings":${encodeWarnings(warnings)},"meta":${JSON.stringify(meta).slice(0, -1)}`)
}

/** The answer every door sends, as pieces to be joined: one key order, encoded rows copied as they are. */
export const encodePieces = (envelope: Envelope): readonly (string | Buffer)[] => {
  if (!envelope.success) return [JSON.stringify(envelope)]
  const kept = counted.get(envelope)
  counted.delete(envelope)
  return append(kept ?? encodeSuccess(envelope), metaEnd)
}

/** Bytes of an answer as JSON. `isSent`: whether it will be encoded once more, for which what was encoded here is kept. */
export const countBytes = (envelope: Envelope, isSent: boolean): number => {
  if (!envelope.success) return Buffer.byteLength(JSON.stringify(envelope))
  const pieces = encodeSuccess(envelope)
  if (isSent) counted.set(envelope, pieces)
  return pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), metaEnd.length)
}

/** The answer that also says what is left of quotas. What was encoded of it is not encoded again. */
export const withQuota = (envelope: Envelope, quota: NonNullable<Meta['quota']>): Envelope => {
  const meta = { ...envelope.meta, quota }
  if (!envelope.success) return { ...envelope, meta }
  const told: Success = { success: true, data: envelope.data, warnings: envelope.warnings, meta }
  const pieces = counted.get(envelope)
  if (pieces === undefined) return told
  counted.delete(envelope)
  counted.set(told, append(pieces, `,"quota":${JSON.stringify(quota)}`))
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
