import {
  Binary,
  Bool,
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  makeData,
  TimeMicrosecond,
  TimeNanosecond,
  TimestampMicrosecond,
  TimestampNanosecond,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow'
import { readDate, readTime, readTimestamp } from './read-time.ts'

/** Makes the Arrow form of a column from values as they travel in JSON. */
export interface ColumnBuilder {
  readonly type: DataType
  /** Whether its text is JSON. */
  readonly isJson?: boolean
  /** Throws `Unfit` for a value that the type cannot hold. */
  build(values: readonly unknown[]): Data
}

/** A value that the Arrow type of its column cannot hold. */
export class Unfit extends Error {
  readonly value: unknown
  constructor(value: unknown) {
    super('A value does not fit its Arrow type.')
    this.value = value
  }
}

/** Which values are there, a bit each; none when all are. Arrow columnar format, "Validity bitmaps". */
const validityOf = (values: readonly unknown[]): { nullCount: number; nullBitmap: Uint8Array | undefined } => {
  let nullCount = 0
  let nullBitmap: Uint8Array | undefined
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== null) continue
    nullBitmap ??= new Uint8Array((values.length + 7) >> 3).fill(255)
    nullBitmap[i >> 3] = (nullBitmap[i >> 3] as number) & ~(1 << (i & 7))
    nullCount++
  }
  return { nullCount, nullBitmap }
}

type Numbers = Int32Array | Uint32Array | Float32Array | Float64Array

/** Types of a fixed width, one value after the other; null leaves a zero. */
const fixed = (type: DataType, make: (length: number) => Numbers, read: (value: unknown) => number): ColumnBuilder => ({
  type,
  build(values) {
    const data = make(values.length)
    for (let i = 0; i < values.length; i++) if (values[i] !== null) data[i] = read(values[i])
    return makeData({ type, length: values.length, data, ...validityOf(values) } as never)
  },
})

/** Writes a whole number in little-endian words of 32 bits, `count` of them; a safe integer costs no bigint. */
const writeWhole = (words: Int32Array, at: number, count: number, value: number | bigint): void => {
  if (typeof value === 'number') {
    const high = Math.floor(value / 2 ** 32)
    words[at] = value - high * 2 ** 32
    words[at + 1] = high
    for (let i = 2; i < count; i++) words[at + i] = value < 0 ? -1 : 0
  } else for (let i = 0; i < count; i++) words[at + i] = Number(BigInt.asIntN(32, value >> BigInt(32 * i)))
}

/** Whole numbers of 64 bits. */
const wide = (
  type: DataType,
  view: (buffer: ArrayBuffer) => BigInt64Array | BigUint64Array,
  read: (value: unknown) => number | bigint,
): ColumnBuilder => ({
  type,
  build(values) {
    const words = new Int32Array(values.length * 2)
    for (let i = 0; i < values.length; i++) if (values[i] !== null) writeWhole(words, i * 2, 2, read(values[i]))
    return makeData({ type, length: values.length, data: view(words.buffer), ...validityOf(values) } as never)
  },
})

const readNumber = (value: unknown): number => {
  if (typeof value !== 'number') throw new Unfit(value)
  return value
}
/** Also "NaN", "Infinity" and "-Infinity". */
const readFloat = (value: unknown): number => (typeof value === 'number' ? value : Number(readText(value)))
const readText = (value: unknown): string => {
  if (typeof value !== 'string') throw new Unfit(value)
  return value
}
const readInteger = (value: unknown): number | bigint => {
  if (typeof value === 'number') return value
  const digits = readText(value)
  return digits.length < 16 ? Number(digits) : BigInt(digits)
}
const signed = (buffer: ArrayBuffer) => new BigInt64Array(buffer)
const unsigned = (buffer: ArrayBuffer) => new BigUint64Array(buffer)

export const int32 = (): ColumnBuilder => fixed(new Int32(), (length) => new Int32Array(length), readNumber)
export const uint32 = (): ColumnBuilder => fixed(new Uint32(), (length) => new Uint32Array(length), readNumber)
export const int64 = (): ColumnBuilder => wide(new Int64(), signed, readInteger)
export const uint64 = (): ColumnBuilder => wide(new Uint64(), unsigned, readInteger)
export const float32 = (): ColumnBuilder => fixed(new Float32(), (length) => new Float32Array(length), readFloat)
export const float64 = (): ColumnBuilder => fixed(new Float64(), (length) => new Float64Array(length), readFloat)
export const date = (): ColumnBuilder =>
  fixed(
    new DateDay(),
    (length) => new Int32Array(length),
    (value) => readDate(readText(value)),
  )

type Precision = 'microseconds' | 'nanoseconds'
const digitsOf = (precision: Precision): number => (precision === 'nanoseconds' ? 9 : 6)

export const time = (precision: Precision): ColumnBuilder =>
  wide(precision === 'nanoseconds' ? new TimeNanosecond() : new TimeMicrosecond(), signed, (value) =>
    readTime(readText(value), digitsOf(precision)),
  )

/** `zone`: null for timestamps without one. */
export const timestamp = (precision: Precision, zone: 'UTC' | null): ColumnBuilder =>
  wide(precision === 'nanoseconds' ? new TimestampNanosecond(zone) : new TimestampMicrosecond(zone), signed, (value) => {
    const instant = readTimestamp(readText(value), digitsOf(precision))
    if (instant === undefined) throw new Unfit(value)
    return instant
  })

/** A decimal without its point, as a whole number of units of the last digit. */
const readDecimal = (value: unknown, scale: number): number | bigint => {
  const text = readText(value)
  const point = text.indexOf('.')
  const places = point === -1 ? 0 : text.length - point - 1
  const digits = (point === -1 ? text : text.slice(0, point) + text.slice(point + 1)) + '0'.repeat(Math.max(0, scale - places))
  // NaN and Infinity end in letters.
  if (places > scale || text.charCodeAt(text.length - 1) > 57) throw new Unfit(text)
  return digits.length < 16 ? Number(digits) : BigInt(digits)
}

/** Decimal128. */
export const decimal = (precision: number, scale: number): ColumnBuilder => {
  const type = new Decimal(scale, precision, 128)
  return {
    type,
    build(values) {
      const words = new Int32Array(values.length * 4)
      for (let i = 0; i < values.length; i++) if (values[i] !== null) writeWhole(words, i * 4, 4, readDecimal(values[i], scale))
      return makeData({ type, length: values.length, data: new Uint32Array(words.buffer), ...validityOf(values) })
    },
  }
}

export const boolean = (): ColumnBuilder => {
  const type = new Bool()
  return {
    type,
    build(values) {
      const data = new Uint8Array((values.length + 7) >> 3)
      for (let i = 0; i < values.length; i++) if (values[i] === true) data[i >> 3] = (data[i >> 3] as number) | (1 << (i & 7))
      return makeData({ type, length: values.length, data, ...validityOf(values) })
    },
  }
}

/** Values of their own lengths, one after the other, and where each begins. */
const joined = (parts: readonly Buffer[]): { data: Uint8Array; valueOffsets: Int32Array } => {
  const valueOffsets = new Int32Array(parts.length + 1)
  for (let i = 0; i < parts.length; i++) valueOffsets[i + 1] = (valueOffsets[i] as number) + (parts[i] as Buffer).length
  return { data: Buffer.concat(parts), valueOffsets }
}

const joinedTexts = (texts: readonly string[]): { data: Uint8Array; valueOffsets: Int32Array } => {
  const text = texts.join('')
  const data = Buffer.from(text)
  if (data.length !== text.length) return joined(texts.map((one) => Buffer.from(one)))
  const valueOffsets = new Int32Array(texts.length + 1)
  for (let i = 0; i < texts.length; i++) valueOffsets[i + 1] = (valueOffsets[i] as number) + (texts[i] as string).length
  return { data, valueOffsets }
}

const texts = (isJson: boolean, write: (value: unknown) => string): ColumnBuilder => {
  const type = new Utf8()
  return {
    type,
    isJson,
    build: (values) =>
      makeData({
        type,
        length: values.length,
        ...joinedTexts(values.map((value) => (value === null ? '' : write(value)))),
        ...validityOf(values),
      }),
  }
}

export const text = (): ColumnBuilder => texts(false, readText)
/** The JSON text of any value. */
export const json = (): ColumnBuilder => texts(true, JSON.stringify)

const noBytes = Buffer.alloc(0)

export const bytes = (): ColumnBuilder => {
  const type = new Binary()
  return {
    type,
    build: (values) =>
      makeData({
        type,
        length: values.length,
        ...joined(values.map((value) => (value === null ? noBytes : Buffer.from(readText(value), 'base64')))),
        ...validityOf(values),
      }),
  }
}

export const list = (element: ColumnBuilder): ColumnBuilder => {
  const type = new List(new Field('item', element.type, true))
  return {
    type,
    build(values) {
      const valueOffsets = new Int32Array(values.length + 1)
      const items: unknown[] = []
      for (let i = 0; i < values.length; i++) {
        const value = values[i]
        if (Array.isArray(value)) for (const item of value) items.push(item)
        else if (value !== null) throw new Unfit(value)
        valueOffsets[i + 1] = items.length
      }
      return makeData({ type, length: values.length, valueOffsets, child: element.build(items), ...validityOf(values) })
    },
  }
}
