import { plainText } from '../row-lines.ts'
import { maxConvertedBytes } from '../row-writer.ts'
import type { PostgresType } from './types.ts'
import type { TextEncoder } from './values.ts'

type LookUp = (oid: number) => PostgresType | undefined

/** The start of a value that is not converted to its end. */
export interface LongValue {
  readonly text: string
  /** Size of all of it in UTF-8; undefined where only converting it would tell. */
  readonly whole: number | undefined
}

/** Makes a LongValue of the field of `size` bytes whose start stands in `source` from `start` to `end`. */
export type LongValueReader = (source: Buffer, start: number, end: number, size: number) => LongValue

/** The reader of fields longer than `maxConvertedBytes`. A JSON value is shown as the database writes it. */
export const longValueReader = (
  type: PostgresType | undefined,
  encode: TextEncoder,
  lookUp: LookUp,
  maxCellBytes: number,
): LongValueReader => {
  const most = maxConvertedBytes(maxCellBytes)
  const wholeOf = wholeSizeOf(type, lookUp)
  return (source, start, end, size) => ({
    text: plainText(encode(source.toString('utf8', start, Math.min(end, start + most)), maxCellBytes)),
    whole: wholeOf(size),
  })
}

/** Those that are arrays and objects in JSON. */
const unsized: ReadonlySet<string | undefined> = new Set(['map', 'json'])

const wholeSizeOf = (type: PostgresType | undefined, lookUp: LookUp): ((size: number) => number | undefined) => {
  if (type?.base !== undefined) return wholeSizeOf(lookUp(type.base), lookUp)
  if (type?.element !== undefined || type?.fields !== undefined || unsized.has(type?.canonical)) return () => undefined
  // Two digits and a mark in front of them to base64.
  if (type?.canonical === 'bytes') return (size) => Math.ceil((size - 2) / 2 / 3) * 4
  return (size) => size
}
