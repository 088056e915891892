import * as z from 'zod'

/**
 * The canonical column types and how a value of each travels as JSON, the same from every database.
 * Values travel by type, never by size: a 64-bit integer is a string even when it is 1. SQL NULL is JSON null.
 */
export const canonicalTypes = {
  boolean: 'true or false',
  integer: 'a number; integers of up to 32 bits, signed or not',
  bigint: 'a string of digits; integers of 64 bits and more',
  decimal: 'a string with the scale kept ("12.50"); also "NaN", "Infinity", "-Infinity"',
  float: 'a number; "NaN", "Infinity" and "-Infinity" as strings',
  text: 'a string',
  uuid: 'a string, lower case with dashes',
  date: 'a string, ISO 8601: "2026-01-31"; also "infinity", "-infinity"; years before 1 as "-0043-03-15"',
  time: 'a string, "12:34:56.5", fraction only where there is one',
  timetz: 'a string with its offset: "12:34:56+02:00"',
  timestamp: 'a string without zone: "2026-01-31T12:34:56.5"; also "infinity", "-infinity"',
  timestamptz: 'a string in UTC: "2026-01-31T12:34:56.5Z"; also "infinity", "-infinity"',
  interval: 'a string, ISO 8601 duration: "P1Y2M3DT4H5M6.5S", zero as "PT0S"',
  bytes: 'a string, base64 with padding',
  json: 'the JSON value itself, read and written anew; a number that a double cannot hold exactly becomes a string',
  array: 'an array of values of the element type',
  struct: "an object of the fields; where they have no names, as in DuckDB's row(1, 'a'), an array of their values",
  map: 'an array of {"key", "value"} objects, in order',
  union: 'an object {"tag", "value"}',
  enum: 'a string, one of the labels',
  bit: 'a string of 0 and 1',
  other: 'a string: the text form of the database',
} as const

/** What a `json` value does not keep of its text. */
export const jsonIsWrittenAnew =
  'A `json` value is equal to the one in the database and need not have its text: white space goes, `1.50` is `1.5` and `-0` is `0`, of several members of one name the last stays, and members whose names are whole numbers come first. Cast it to text in SQL for the text itself.'

export type CanonicalType = keyof typeof canonicalTypes

export const canonicalTypeSchema = z.enum(Object.keys(canonicalTypes) as [CanonicalType, ...CanonicalType[]])

/** One value of a result, some JSON. Its form follows from the canonical type of its column. */
export const cellSchema = z.unknown()

/** A column of a result or of a table. */
export const columnSchema = z.object({
  name: z.string(),
  type: canonicalTypeSchema.describe('Canonical type; decides the JSON form of the values.'),
  database_type: z.string().describe('The type as the database writes it, e.g. `numeric(12,2)` or `INTEGER[]`.'),
})

export type Column = z.infer<typeof columnSchema>
