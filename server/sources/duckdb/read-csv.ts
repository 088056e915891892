import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import type { DuckDBConnection } from '@duckdb/node-api'
import { quoteName } from '../quote-name.ts'
import { quoteText } from './quote-text.ts'

/** Files of a table whose form is looked at; the others are read as these are. */
const mostLookedAt = 10

/** More lines than this before the rows are no notes about a table. */
const mostNotes = 20

/**
 * The call that reads CSV files. The engine takes the number of columns that most of a file has from the end of it: one
 * row that is longer than the others, and all before it is passed over as notes, or a line is one column. Where a file
 * reads so, short rows are filled up with NULL, and every row is there.
 */
export const callOfCsv = async (connection: DuckDBConnection, files: readonly string[]): Promise<string> => {
  const list = `[${files.map(quoteText).join(', ')}]`
  for (const file of files.slice(0, mostLookedAt))
    if (await losesRows(connection, file)) return `read_csv(${list}, null_padding = true, parallel = false)`
  return `read_csv(${list})`
}

interface Form {
  readonly skipped: number
  readonly hasHeader: boolean
  readonly delimiter: string
  readonly columns: number
}

const formOf = async (connection: DuckDBConnection, file: string, options = ''): Promise<Form | undefined> => {
  try {
    const sniffed = await connection.runAndReadAll(
      `SELECT SkipRows, HasHeader, Delimiter, len(Columns) FROM sniff_csv(${quoteText(file)}${options})`,
    )
    const [skipped, hasHeader, delimiter, columns] = sniffed.getRows()[0] ?? []
    return { skipped: Number(skipped), hasHeader: hasHeader === true, delimiter: String(delimiter), columns: Number(columns) }
  } catch {
    // Reading it tells what is wrong.
    return undefined
  }
}

const losesRows = async (connection: DuckDBConnection, file: string): Promise<boolean> => {
  const form = await formOf(connection, file)
  if (form === undefined) return false
  const passesOver = form.skipped > 0 && (!form.hasHeader || form.skipped > mostNotes)
  if (!passesOver && form.columns > 1) return false
  const lines = await firstLines(file, Math.max(1, form.skipped))
  const isTable = passesOver ? lines.some((line) => line.includes(form.delimiter)) : /[,;\t|]/.test(lines[0] ?? '')
  if (!isTable) return false
  const filled = await formOf(connection, file, ', null_padding = true')
  return filled !== undefined && filled.skipped === 0 && filled.columns > 1
}

const firstLines = async (file: string, count: number): Promise<string[]> => {
  const lines: string[] = []
  const stream = createReadStream(file)
  const input = file.toLowerCase().endsWith('.gz') ? stream.pipe(createGunzip()) : stream
  try {
    for await (const line of createInterface({ input })) if (lines.push(line) >= count) break
  } catch {
    // What is no such file is told by the engine.
  } finally {
    stream.destroy()
  }
  return lines
}

/**
 * A call that reads integers of more digits than a bigint as what they are, which the engine takes for doubles: as
 * `HUGEINT`, or as text where they are too long for that as well. Undefined where a table has none.
 */
export const withLongIntegers = async (connection: DuckDBConnection, table: string, call: string): Promise<string | undefined> => {
  const described = await connection.runAndReadAll(`DESCRIBE ${quoteName(table)}`)
  const doubles = described.getRows().flatMap(([name, type]) => (type === 'DOUBLE' ? [String(name)] : []))
  if (doubles.length === 0) return undefined
  const isLong = (name: string) =>
    `bool_and(isfinite(${name}) AND trunc(${name}) = ${name}) AND max(abs(${name})) >= ${Number.MAX_SAFE_INTEGER}`
  const long = await rowOf(connection, `SELECT ${doubles.map(quoteName).map(isLong).join(', ')} FROM ${quoteName(table)}`)
  const names = doubles.filter((_, index) => long[index] === true)
  if (names.length === 0) return undefined
  const texts = typed(
    call,
    names.map((name) => [name, 'VARCHAR'] as const),
  )
  const isDigits = (name: string) =>
    `bool_and(regexp_full_match(trim(${name}), '[+-]?[0-9]+')), bool_and(TRY_CAST(${name} AS HUGEINT) IS NOT NULL) FILTER (${name} IS NOT NULL)`
  const found = await rowOf(connection, `SELECT ${names.map(quoteName).map(isDigits).join(', ')} FROM ${texts}`)
  const types = names.flatMap((name, index) =>
    found[2 * index] === true ? [[name, found[2 * index + 1] === true ? 'HUGEINT' : 'VARCHAR'] as const] : [],
  )
  return types.length === 0 ? undefined : typed(call, types)
}

/** A call with the types of some columns. */
const typed = (call: string, types: readonly (readonly [name: string, type: string])[]): string =>
  `${call.slice(0, -1)}, types = {${types.map(([name, type]) => `${quoteText(name)}: ${quoteText(type)}`).join(', ')}})`

const rowOf = async (connection: DuckDBConnection, sql: string): Promise<readonly unknown[]> =>
  (await connection.runAndReadAll(sql)).getRows()[0] ?? []
