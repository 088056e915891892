import type { DuckDBDecimalType, DuckDBType, DuckDBVector } from '@duckdb/node-api'
import { DuckDBTypeId as Id } from '@duckdb/node-api'
import { timestampText } from './date-text.ts'
import { encodeDouble, encodeFloat } from './float-text.ts'
import { textReaderOf } from './read-texts.ts'
import { encodeDays, isJson, momentForms } from './values.ts'

/** The JSON text of the value in a row. */
export type CellReader = (row: number) => string

/** What the driver's vectors keep inside. Where a version of it keeps something else, values are read one by one. */
interface Inside {
  readonly items?: unknown
  readonly dataView?: unknown
  readonly validity?: { readonly data?: unknown; readonly offset?: unknown }
}

/**
 * Reads a column of one chunk. Texts, numbers, dates and times are written straight from the engine's memory; the objects that
 * the driver makes of them cost more than the text. Any other value is read by `readAny`.
 */
export const readerOf = (vector: DuckDBVector, type: DuckDBType, readAny: CellReader): CellReader => {
  const inside = vector as unknown as Inside
  const isValid = validityOf(inside)
  if (isValid === undefined) return readAny
  const read = directReader(inside, type, vector.itemCount, isValid, readAny)
  if (read === undefined || isValid === always) return read ?? readAny
  return (row) => (isValid(row) ? read(row) : 'null')
}

type IsValid = (row: number) => boolean

const always: IsValid = () => true

/** Tells the rows that are not null; undefined where the driver keeps it in another way. */
const validityOf = ({ validity }: Inside): IsValid | undefined => {
  const { data, offset } = validity ?? {}
  if (offset !== 0) return undefined
  if (data === null) return always
  if (!(data instanceof BigUint64Array)) return undefined
  const bits = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return (row) => (((bits[row >> 3] as number) >> (row & 7)) & 1) === 1
}

/** Reads values that are not null; undefined for what it cannot read. */
const directReader = (
  { items, dataView }: Inside,
  type: DuckDBType,
  count: number,
  isValid: IsValid,
  readAny: CellReader,
): CellReader | undefined => {
  switch (type.typeId) {
    case Id.VARCHAR:
      return dataView instanceof DataView && !isJson(type) ? textReaderOf(dataView, isValid, readAny) : undefined
    case Id.BOOLEAN:
      return dataView instanceof DataView && dataView.byteLength === count
        ? (row) => (dataView.getUint8(row) === 0 ? 'false' : 'true')
        : undefined
    case Id.TINYINT:
    case Id.SMALLINT:
    case Id.INTEGER:
    case Id.UTINYINT:
    case Id.USMALLINT:
    case Id.UINTEGER:
      return isSmallIntegers(items) ? (row) => String(items[row]) : undefined
    case Id.FLOAT:
      return items instanceof Float32Array ? (row) => encodeFloat(items[row] as number) : undefined
    case Id.DOUBLE:
      return items instanceof Float64Array ? (row) => encodeDouble(items[row] as number) : undefined
    case Id.DATE:
      return items instanceof Int32Array ? (row) => encodeDays(items[row] as number) : undefined
    case Id.BIGINT:
      return items instanceof BigInt64Array ? ofSafe(items, (number) => `"${number}"`, readAny) : undefined
    case Id.DECIMAL: {
      const { scale } = type as DuckDBDecimalType
      const write = (number: number): string => `"${decimalText(number, scale)}"`
      if (!(dataView instanceof DataView)) return undefined
      switch (dataView.byteLength / count) {
        case 2:
          return (row) => write(dataView.getInt16(row * 2, true))
        case 4:
          return (row) => write(dataView.getInt32(row * 4, true))
        case 8:
          return ofSafe(dataView, write, readAny)
        default:
          return undefined
      }
    }
    default: {
      const form = momentForms.get(type.typeId)
      if (form === undefined || !(items instanceof BigInt64Array)) return undefined
      return ofSafe(items, (number) => `"${timestampText(number, form.digits)}${form.end}"`, readAny)
    }
  }
}

type SmallIntegers = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array

const isSmallIntegers = (items: unknown): items is SmallIntegers =>
  ArrayBuffer.isView(items) && !(items instanceof DataView) && !(items instanceof BigInt64Array) && !(items instanceof BigUint64Array)

/** Reads 64-bit integers: those that a number holds exactly by `write`, the others by `readAny`. */
const ofSafe = (
  { buffer, byteOffset, byteLength }: ArrayBufferView,
  write: (number: number) => string,
  readAny: CellReader,
): CellReader => {
  const words = new Int32Array(buffer, byteOffset, byteLength / 4)
  return (row) => {
    const high = words[row * 2 + 1] as number
    if (high >= safeHigh || high < -safeHigh) return readAny(row)
    return write(high * 2 ** 32 + ((words[row * 2] as number) >>> 0))
  }
}

const safeHigh = 2 ** 20

/** A decimal of its digits, with as many after the point as `scale` says. */
const decimalText = (scaled: number, scale: number): string => {
  if (scale === 0) return String(scaled)
  const digits = String(Math.abs(scaled)).padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${scaled < 0 ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`
}
