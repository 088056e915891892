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

/** How a table of CSV files is read. */
export interface CsvRead {
  /** None of them empty. */
  readonly files: readonly string[]
  /** True: the rows are copied, so that all of them may tell the types. False: the first 20,480 of a file do. */
  readonly loaded: boolean
  /** True: looking at every row to tell the types takes a while, and is done only when what the first rows tell does not hold. */
  readonly large: boolean
}

/** A call that reads CSV files. */
export interface CsvCall {
  readonly call: string
  /** Every row has told the types. */
  readonly isWhole: boolean
}

/**
 * The calls that read CSV files, the best first; one that fails is followed by the next. Of files that are loaded every
 * row tells the types: the engine rounds a fraction that comes after the rows it has looked at in a column of whole
 * numbers, and refuses a word there. It takes the number of columns that most of a file has from the end of it: one
 * row that is longer than the others, and all before it is passed over as notes, or a line is one column. Where a file
 * reads so, short rows are filled up with NULL, and every row is there.
 */
export const callsOfCsv = async (connection: DuckDBConnection, { files, loaded, large }: CsvRead): Promise<readonly CsvCall[]> => {
  const list = `[${files.map(quoteText).join(', ')}]`
  const { options, quote } = await optionsFor(connection, files.slice(0, mostLookedAt))
  // Else quotes in a later file, or further on than is looked at, would be a part of their values.
  if (!loaded || files.length > 1) options.push(...quote)
  const callOf = (...more: readonly string[]): string => `read_csv(${[list, ...options, ...more].join(', ')})`
  const union = 'union_by_name = true'
  // Files that are unified are looked at one by one, so that a date may be read one way here and another way there.
  const first = (await haveMoreColumns(connection, files, callOf(), callOf(union))) ? [union] : []
  const quick = { call: callOf(...first, ...(loaded && files.length === 1 ? quote : [])), isWhole: false }
  const whole = { call: callOf(...first, 'sample_size = -1', 'files_to_sniff = -1'), isWhole: true }
  return [
    ...(loaded ? (large ? [quick, whole] : [whole]) : []),
    { call: callOf(...first), isWhole: false },
    ...(files.length > 1 && first.length === 0 ? [{ call: callOf(union), isWhole: false }] : []),
  ]
}

/** Whether later files have columns that the first one does not have; the engine leaves them out. */
const haveMoreColumns = async (connection: DuckDBConnection, files: readonly string[], call: string, unified: string): Promise<boolean> => {
  const heads = new Set<string | undefined>()
  for (const file of files) heads.add((await firstLines(file, 1))[0])
  if (heads.size < 2) return false
  const columnsOf = async (from: string) => (await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`)).currentRowCount
  try {
    return (await columnsOf(unified)) > (await columnsOf(call))
  } catch {
    // Reading them tells what is wrong.
    return false
  }
}

interface Form {
  readonly skipped: number
  readonly hasHeader: boolean
  readonly delimiter: string
  readonly columns: readonly string[]
  /** The character around values; `none` where no value has one. */
  readonly quote: string
  readonly hasComments: boolean
}

const formOf = async (connection: DuckDBConnection, file: string, options = ''): Promise<Form | undefined> => {
  try {
    const sniffed = await connection.runAndReadAll(
      `SELECT SkipRows, HasHeader, Delimiter, to_json([one.name FOR one IN Columns]), Quote, Comment FROM sniff_csv(${quoteText(file)}${options})`,
    )
    const [skipped, hasHeader, delimiter, columns, quote, comment] = sniffed.getRows()[0] ?? []
    return {
      skipped: Number(skipped),
      hasHeader: hasHeader === true,
      delimiter: String(delimiter),
      columns: JSON.parse(String(columns)) as string[],
      quote: String(quote),
      hasComments: comment !== none,
    }
  } catch {
    // Reading it tells what is wrong.
    return undefined
  }
}

/** What the engine writes for a character that a file does not use. */
const none = '(empty)'

/** What all calls for these files say, and what says that values may be quoted where none has been seen to be. */
const optionsFor = async (connection: DuckDBConnection, files: readonly string[]): Promise<{ options: string[]; quote: string[] }> => {
  let isFilled = false
  let isPlain = false
  const quotes = new Set<string>()
  for (const file of files) {
    const form = await formOf(connection, file)
    if (form === undefined) continue
    isFilled ||= await losesRows(connection, file, form)
    isPlain ||= form.hasComments && (await holdsNoComments(connection, file, form))
    quotes.add(form.quote)
  }
  const isQuotable = quotes.delete(none) && [...quotes].every((quote) => quote === '"')
  return {
    options: [...(isFilled ? ['null_padding = true', 'parallel = false'] : []), ...(isPlain ? ["comment = ''"] : [])],
    quote: isQuotable ? [`quote = '"'`] : [],
  }
}

/** A row that begins with #, such as "#2,x", is a row where the file has the same columns with it. */
const holdsNoComments = async (connection: DuckDBConnection, file: string, form: Form): Promise<boolean> => {
  const plain = await formOf(connection, file, ", comment = ''")
  return plain !== undefined && JSON.stringify(plain.columns) === JSON.stringify(form.columns)
}

const losesRows = async (connection: DuckDBConnection, file: string, form: Form): Promise<boolean> => {
  const passesOver = form.skipped > 0 && (!form.hasHeader || form.skipped > mostNotes)
  if (!passesOver && form.columns.length > 1) return false
  const lines = await firstLines(file, Math.max(1, form.skipped))
  const isTable = passesOver ? lines.some((line) => line.includes(form.delimiter)) : /[,;\t|]/.test(lines[0] ?? '')
  if (!isTable) return false
  const filled = await formOf(connection, file, ', null_padding = true')
  return filled !== undefined && filled.skipped === 0 && filled.columns.length > 1
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

/**
 * What is selected where only the first rows have told the types. The engine would round a fraction that comes later in a
 * column of whole numbers; here the statement that reads it fails, and says why.
 */
export const selectChecked = async (connection: DuckDBConnection, call: string): Promise<string> => {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${call}`)
  const names = described.getRows().flatMap(([name, type]) => (type === 'BIGINT' ? [String(name)] : []))
  if (names.length === 0) return `SELECT * FROM ${call}`
  const texts = names.map((name) => [name, 'VARCHAR'] as const)
  const checked = (name: string): string =>
    `CASE WHEN contains(${name}, '.')
      THEN CASE WHEN CAST(${name} AS DOUBLE) = trunc(CAST(${name} AS DOUBLE)) THEN CAST(${name} AS BIGINT) ELSE error('${fractionFound}') END
      ELSE CAST(nullif(${name}, '') AS BIGINT) END AS ${name}`
  return `SELECT * REPLACE (${names.map(quoteName).map(checked).join(', ')}) FROM ${typed(call, texts)}`
}

const fractionFound = 'A column that has whole numbers at the start of its file has a fraction further on.'
