import type { CanonicalType, Column } from '../../../contracts/v1/values.ts'
import { entryOf } from '../entry-of.ts'
import {
  boolean,
  bytes,
  type ColumnBuilder,
  date,
  decimal,
  float32,
  float64,
  int32,
  int64,
  json,
  list,
  text,
  time,
  timestamp,
  uint32,
  uint64,
} from './column-builders.ts'

/** The Arrow type of every column; the table is in docs/streaming.md. */
export const builderOf = ({ type, database_type }: Pick<Column, 'type' | 'database_type'>): ColumnBuilder => {
  // "timestamp(3) without time zone" is like any other timestamp.
  const name = database_type.toLowerCase().replace(/\(\d+\)/g, '')
  switch (type) {
    case 'boolean':
      return boolean()
    case 'integer':
      return int32Names.has(name) ? int32() : uint32Names.has(name) ? uint32() : int64()
    case 'bigint':
      return uint64Names.has(name) ? uint64() : wideNames.has(name) ? text() : int64()
    case 'decimal':
      return decimalOf(name)
    case 'float':
      return name === 'real' || name === 'float' ? float32() : float64()
    case 'date':
      return date()
    case 'time':
      return time(name.endsWith('_ns') ? 'nanoseconds' : 'microseconds')
    case 'timestamp':
      return timestamp(name.endsWith('_ns') ? 'nanoseconds' : 'microseconds', null)
    case 'timestamptz':
      return timestamp('microseconds', 'UTC')
    case 'bytes':
      return bytes()
    case 'array':
      return arrayOf(database_type)
    case 'json':
    case 'struct':
    case 'map':
    case 'union':
      return json()
    case 'text':
    case 'uuid':
    case 'timetz':
    case 'interval':
    case 'enum':
    case 'bit':
    case 'other':
      return text()
  }
}

const int32Names: ReadonlySet<string> = new Set(['smallint', 'integer', 'tinyint', 'utinyint', 'usmallint'])
const uint32Names: ReadonlySet<string> = new Set(['uinteger', 'oid', 'xid', 'cid'])
const uint64Names: ReadonlySet<string> = new Set(['ubigint', 'xid8'])
/** Wider than 64 bits, and wider than the 38 digits of a Decimal128. */
const wideNames: ReadonlySet<string> = new Set(['hugeint', 'uhugeint', 'bignum'])

/** Text when the type sets no scale, or one that a Decimal128 has not. */
const decimalOf = (name: string): ColumnBuilder => {
  const [, precision = 0, scale = -1] = /^(?:numeric|decimal)\((\d+),(\d+)\)$/.exec(name)?.map(Number) ?? []
  return precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision ? decimal(precision, scale) : text()
}

const arrayOf = (databaseType: string): ColumnBuilder => {
  const element = /^(.+)\[\d*\]$/s.exec(databaseType)?.[1]
  if (element === undefined) return json()
  const type = element.endsWith(']') ? 'array' : entryOf(elementTypes, element.toLowerCase().replace(/\(.*$/s, '').trim())
  return type === undefined ? json() : list(builderOf({ type, database_type: element }))
}

/** Canonical types of the elements that lists are made of; lists of anything else are JSON. */
const elementTypes: Readonly<Record<string, CanonicalType>> = {
  boolean: 'boolean',
  tinyint: 'integer',
  utinyint: 'integer',
  smallint: 'integer',
  usmallint: 'integer',
  integer: 'integer',
  uinteger: 'integer',
  oid: 'integer',
  bigint: 'bigint',
  ubigint: 'bigint',
  hugeint: 'bigint',
  uhugeint: 'bigint',
  numeric: 'decimal',
  decimal: 'decimal',
  real: 'float',
  float: 'float',
  double: 'float',
  'double precision': 'float',
  text: 'text',
  varchar: 'text',
  'character varying': 'text',
  character: 'text',
  uuid: 'uuid',
  date: 'date',
  time: 'time',
  'time without time zone': 'time',
  timestamp: 'timestamp',
  timestamp_s: 'timestamp',
  timestamp_ms: 'timestamp',
  timestamp_ns: 'timestamp',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  bytea: 'bytes',
  blob: 'bytes',
  json: 'json',
  jsonb: 'json',
}
