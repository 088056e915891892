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

/** What was encoded last: an answer is encoded to be counted, and once more, soon after, to be sent. */
let last: { readonly data: Success['data']; readonly pieces: readonly (string | Buffer)[] } | undefined

const encodeData = (data: Success['data']): readonly (string | Buffer)[] => {
  const known = last?.data === data ? last.pieces : undefined
  const pieces = known ?? encodeObject(data)
  last = known === undefined ? { data, pieces } : undefined
  return pieces
}

/** The answer every door sends, as pieces to be joined: one key order, encoded rows copied as they are. */
export const encodePieces = (envelope: Envelope): readonly (string | Buffer)[] => {
  if (!envelope.success) return [JSON.stringify(envelope)]
  const pieces = [...encodeData(envelope.data)]
  pieces[0] = `{"success":true,"data":${pieces[0]}`
  pieces[pieces.length - 1] += `,"warnings":${encodeWarnings(envelope.warnings)},"meta":${JSON.stringify(envelope.meta)}}`
  return pieces
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
