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

/** The bytes every door sends: one key order, encoded rows copied as they are. */
export const encodeEnvelope = (envelope: Envelope): string =>
  envelope.success
    ? `{"success":true,"data":${encodeObject(envelope.data)},"warnings":${encodeWarnings(envelope.warnings)},"meta":${JSON.stringify(envelope.meta)}}`
    : JSON.stringify(envelope)

const encodeWarnings = (warnings: readonly Warning[]): string => (warnings.length === 0 ? '[]' : JSON.stringify(warnings))
