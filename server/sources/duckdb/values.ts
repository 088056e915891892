import type {
  DuckDBArrayType,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBIntervalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBType,
  DuckDBUnionType,
  DuckDBUnionValue,
  DuckDBValue,
  DuckDBVariantValue,
} from '@duckdb/node-api'
import { DuckDBTypeId as Id } from '@duckdb/node-api'
import type { CanonicalType } from '../../../contracts/v1/values.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import { embedJson } from '../json-value.ts'
import { quoteName } from '../quote-name.ts'
import { dateText, timestampText } from './date-text.ts'
import { encodeDouble, encodeFloat } from './float-text.ts'
import { keywords } from './keywords.ts'

/** Turns a value that is not null into the JSON text it travels as. */
export type ValueEncoder = (value: DuckDBValue) => string

const integers: readonly Id[] = [Id.TINYINT, Id.SMALLINT, Id.INTEGER, Id.UTINYINT, Id.USMALLINT, Id.UINTEGER]
const bigints: readonly Id[] = [Id.BIGINT, Id.UBIGINT, Id.HUGEINT, Id.UHUGEINT, Id.BIGNUM]
const timestamps: readonly Id[] = [Id.TIMESTAMP, Id.TIMESTAMP_S, Id.TIMESTAMP_MS, Id.TIMESTAMP_NS]

const canonicalById = new Map<Id, CanonicalType>([
  [Id.BOOLEAN, 'boolean'],
  ...integers.map((id): [Id, CanonicalType] => [id, 'integer']),
  ...bigints.map((id): [Id, CanonicalType] => [id, 'bigint']),
  ...timestamps.map((id): [Id, CanonicalType] => [id, 'timestamp']),
  [Id.FLOAT, 'float'],
  [Id.DOUBLE, 'float'],
  [Id.DECIMAL, 'decimal'],
  [Id.VARCHAR, 'text'],
  [Id.UUID, 'uuid'],
  [Id.DATE, 'date'],
  [Id.TIME, 'time'],
  [Id.TIME_NS, 'time'],
  [Id.TIME_TZ, 'timetz'],
  [Id.TIMESTAMP_TZ, 'timestamptz'],
  [Id.INTERVAL, 'interval'],
  [Id.BLOB, 'bytes'],
  [Id.BIT, 'bit'],
  [Id.ENUM, 'enum'],
  [Id.LIST, 'array'],
  [Id.ARRAY, 'array'],
  [Id.STRUCT, 'struct'],
  [Id.MAP, 'map'],
  [Id.UNION, 'union'],
  [Id.VARIANT, 'json'],
])

export const isJson = (type: DuckDBType): boolean => type.typeId === Id.VARCHAR && type.alias === 'JSON'

/** A struct without field names, as row(1, 'a') makes; it travels as an array. */
export const isUnnamed = (type: DuckDBType): type is DuckDBStructType =>
  type.typeId === Id.STRUCT && (type as DuckDBStructType).entryNames.every((name) => name === '')

export const canonicalOf = (type: DuckDBType): CanonicalType => (isJson(type) ? 'json' : (canonicalById.get(type.typeId) ?? 'other'))

/** The type as the engine's own tables tell it; the labels of an enum are no part of it. The driver writes types its own way. */
export const typeName = (type: DuckDBType): string => (type.typeId === Id.ENUM ? 'ENUM' : partName(type))

const partName = (type: DuckDBType): string => {
  switch (type.typeId) {
    case Id.LIST:
      return `${partName((type as DuckDBListType).valueType)}[]`
    case Id.ARRAY: {
      const { length, valueType } = type as DuckDBArrayType
      return `${partName(valueType)}[${length}]`
    }
    case Id.STRUCT: {
      const { entryNames, entryTypes } = type as DuckDBStructType
      return `STRUCT(${isUnnamed(type) ? entryTypes.map(partName).join(', ') : memberNames(entryNames, entryTypes)})`
    }
    case Id.MAP: {
      const { keyType, valueType } = type as DuckDBMapType
      return `MAP(${partName(keyType)}, ${partName(valueType)})`
    }
    case Id.UNION: {
      const { memberTags, memberTypes } = type as DuckDBUnionType
      return `UNION(${memberNames(memberTags, memberTypes)})`
    }
    default:
      return isJson(type) ? 'JSON' : type.toString()
  }
}

const memberNames = (names: readonly string[], types: readonly DuckDBType[]): string =>
  types.map((type, index) => `${nameText(names[index] as string)} ${partName(type)}`).join(', ')

const nameText = (name: string): string => (/^[a-z_][a-z0-9_]*$/i.test(name) && !keywords.has(name.toLowerCase()) ? name : quoteName(name))

/** The canonical type of a type name, for metadata: `DECIMAL(12,2)`, `INTEGER[]`, `STRUCT(a INTEGER)`. */
export const canonicalOfName = (name: string): CanonicalType => {
  if (/\[\d*\]$/.test(name)) return 'array'
  const [head = ''] = name.split('(')
  return entryOf(canonicalByName, head) ?? 'other'
}

const canonicalByName: Readonly<Record<string, CanonicalType>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'integer',
  SMALLINT: 'integer',
  INTEGER: 'integer',
  UTINYINT: 'integer',
  USMALLINT: 'integer',
  UINTEGER: 'integer',
  BIGINT: 'bigint',
  UBIGINT: 'bigint',
  HUGEINT: 'bigint',
  UHUGEINT: 'bigint',
  BIGNUM: 'bigint',
  FLOAT: 'float',
  DOUBLE: 'float',
  DECIMAL: 'decimal',
  VARCHAR: 'text',
  JSON: 'json',
  VARIANT: 'json',
  UUID: 'uuid',
  DATE: 'date',
  TIME: 'time',
  TIME_NS: 'time',
  'TIME WITH TIME ZONE': 'timetz',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP_NS: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
  INTERVAL: 'interval',
  BLOB: 'bytes',
  BIT: 'bit',
  ENUM: 'enum',
  STRUCT: 'struct',
  MAP: 'map',
  UNION: 'union',
}

const quoted: ValueEncoder = (value) => `"${String(value)}"`
const asText: ValueEncoder = (value) => JSON.stringify(String(value))

/** The engine keeps infinite dates as the ends of a 32-bit range, infinite times as the ends of a 64-bit one. */
const infiniteDays = 2_147_483_647
const infiniteCount = 9_223_372_036_854_775_807n

/** A date of the days since 1970. */
export const encodeDays = (days: number): string => {
  if (Math.abs(days) === infiniteDays) return days > 0 ? '"infinity"' : '"-infinity"'
  return `"${dateText(days)}"`
}

/** How the times that count parts of a second since 1970 are written: digits of a second, and `Z` at the end of moments. */
export const momentForms: ReadonlyMap<Id, { readonly digits: 0 | 3 | 6 | 9; readonly end: '' | 'Z' }> = new Map([
  [Id.TIMESTAMP, { digits: 6, end: '' }],
  [Id.TIMESTAMP_S, { digits: 0, end: '' }],
  [Id.TIMESTAMP_MS, { digits: 3, end: '' }],
  [Id.TIMESTAMP_NS, { digits: 9, end: '' }],
  [Id.TIMESTAMP_TZ, { digits: 6, end: 'Z' }],
])

const momentEncoder =
  <Value extends DuckDBValue>(id: Id, countOf: (value: Value) => bigint): ValueEncoder =>
  (value) => {
    const count = countOf(value as Value)
    if (count === infiniteCount) return '"infinity"'
    if (count === -infiniteCount) return '"-infinity"'
    const { digits, end } = momentForms.get(id) as { digits: 0 | 3 | 6 | 9; end: string }
    return `"${timestampText(count, digits)}${end}"`
  }

const encodeTimetz: ValueEncoder = (value) => `"${String(value).replace(/([+-]\d\d)$/, '$1:00')}"`

/** As PostgreSQL's IntervalStyle iso_8601 prints months, days and microseconds. */
const encodeInterval: ValueEncoder = (value) => {
  const { months, days, micros } = value as DuckDBIntervalValue
  const years = Math.trunc(months / 12)
  const part = (amount: number | bigint, unit: string): string => (amount === 0 || amount === 0n ? '' : `${amount}${unit}`)
  const date = part(years, 'Y') + part(months % 12, 'M') + part(days, 'D')
  const hours = micros / 3_600_000_000n
  const minutes = (micros / 60_000_000n) % 60n
  const rest = micros % 60_000_000n
  const sign = rest < 0n ? '-' : ''
  const absolute = rest < 0n ? -rest : rest
  const fraction = String(absolute % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '')
  const seconds = rest === 0n ? '' : `${sign}${absolute / 1_000_000n}${fraction === '' ? '' : `.${fraction}`}S`
  const time = part(hours, 'H') + part(minutes, 'M') + seconds
  return date === '' && time === '' ? '"PT0S"' : `"P${date}${time === '' ? '' : `T${time}`}"`
}

export const encodeBlob = (bytes: Uint8Array): string =>
  `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}"`

const simple = new Map<Id, ValueEncoder>([
  [Id.BOOLEAN, (value) => (value === true ? 'true' : 'false')],
  ...integers.map((id): [Id, ValueEncoder] => [id, String]),
  ...bigints.map((id): [Id, ValueEncoder] => [id, quoted]),
  [Id.TIMESTAMP, momentEncoder(Id.TIMESTAMP, (value: DuckDBTimestampValue) => value.micros)],
  [Id.TIMESTAMP_S, momentEncoder(Id.TIMESTAMP_S, (value: DuckDBTimestampSecondsValue) => value.seconds)],
  [Id.TIMESTAMP_MS, momentEncoder(Id.TIMESTAMP_MS, (value: DuckDBTimestampMillisecondsValue) => value.millis)],
  [Id.TIMESTAMP_NS, momentEncoder(Id.TIMESTAMP_NS, (value: DuckDBTimestampNanosecondsValue) => value.nanos)],
  [Id.TIMESTAMP_TZ, momentEncoder(Id.TIMESTAMP_TZ, (value: DuckDBTimestampTZValue) => value.micros)],
  [Id.FLOAT, (value) => encodeFloat(value as number)],
  [Id.DOUBLE, (value) => encodeDouble(value as number)],
  [Id.DECIMAL, quoted],
  [Id.VARCHAR, JSON.stringify],
  [Id.ENUM, JSON.stringify],
  [Id.UUID, quoted],
  [Id.DATE, (value) => encodeDays((value as DuckDBDateValue).days)],
  [Id.TIME, quoted],
  [Id.TIME_NS, quoted],
  [Id.TIME_TZ, encodeTimetz],
  [Id.INTERVAL, encodeInterval],
  [Id.BLOB, (value) => encodeBlob((value as DuckDBBlobValue).bytes)],
  [Id.BIT, quoted],
])

/** The encoder of a type, made once per column. Structs without field names come as vectors alone, see `valueWriterOf`. */
export const encoderOf = (type: DuckDBType): ValueEncoder => {
  if (isJson(type)) return (value) => embedJson(value as string)
  switch (type.typeId) {
    case Id.LIST:
    case Id.ARRAY: {
      const item = nullable(encoderOf((type as DuckDBListType | DuckDBArrayType).valueType))
      return (value) => `[${(value as DuckDBListValue).items.map(item).join(',')}]`
    }
    case Id.STRUCT: {
      const { entryNames, entryTypes } = type as DuckDBStructType
      const fields = entryNames.map((name, index) => ({
        name,
        key: JSON.stringify(name),
        encode: nullable(encoderOf(entryTypes[index] as DuckDBType)),
      }))
      return (value) => {
        const { entries } = value as DuckDBStructValue
        return `{${fields.map(({ name, key, encode }) => `${key}:${encode(entries[name] as DuckDBValue)}`).join(',')}}`
      }
    }
    case Id.MAP: {
      const { keyType, valueType } = type as DuckDBMapType
      const key = nullable(encoderOf(keyType))
      const item = nullable(encoderOf(valueType))
      return (value) =>
        `[${(value as DuckDBMapValue).entries.map((entry) => `{"key":${key(entry.key)},"value":${item(entry.value)}}`).join(',')}]`
    }
    case Id.UNION: {
      const members = new Map(
        (type as DuckDBUnionType).memberTags.map((tag, index) => [
          tag,
          nullable(encoderOf((type as DuckDBUnionType).memberTypes[index] as DuckDBType)),
        ]),
      )
      return (value) => {
        const { tag, value: member } = value as DuckDBUnionValue
        return `{"tag":${JSON.stringify(tag)},"value":${(members.get(tag) ?? nullable(asText))(member)}}`
      }
    }
    case Id.VARIANT:
      return (value) => {
        const { value: inner, type: innerType } = value as DuckDBVariantValue
        return inner === null ? 'null' : innerType === undefined ? asText(inner) : encoderOf(innerType)(inner)
      }
    default:
      return simple.get(type.typeId) ?? asText
  }
}

export const nullable =
  (encode: ValueEncoder): ValueEncoder =>
  (value) =>
    value === null || value === undefined ? 'null' : encode(value)
