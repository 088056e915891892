import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { SourceType } from '../../../contracts/v1/tools/list-sources.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import { quoteName } from '../quote-name.ts'
import type { UnreadPart } from '../source.ts'
import { checkContent, checkIsJson, checkIsWhole, formatOf, WrongFormatError } from './file-format.ts'
import type { ChildConfig } from './messages.ts'
import { quoteText } from './quote-text.ts'
import { type CsvCall, callsOfCsv, selectChecked, withLongIntegers } from './read-csv.ts'
import { callOfParquet } from './read-parquet.ts'

/** CSV and JSON files up to this size are loaded, which makes queries fast; larger ones, and Parquet, are read in place. */
const loadedBytes = 64 * 1024 * 1024

/** A CSV file up to this size is looked at as a whole in a moment; a compressed one may be many times as large. */
const quickBytes = 8 * 1024 * 1024

const isCompressed = (file: string): boolean => /\.(?:gz|zst)$/i.test(file)

/** One table of a file source after it was made. */
export interface FileTable {
  readonly name: string
  readonly files: readonly string[]
  /** True: rows were copied when the source was opened. */
  readonly loaded: boolean
  readonly about: Resource | undefined
  /** Rows that a Parquet file says it holds. */
  readonly rows: number | undefined
}

/** What a Frictionless Data Package says of one file; see its "Data Resource" and "Table Schema". */
export interface Resource {
  readonly path?: string
  readonly description?: string
  readonly schema?: {
    readonly fields?: readonly { readonly name: string; readonly type?: string; readonly description?: string }[]
    readonly primaryKey?: string | readonly string[]
    readonly foreignKeys?: readonly {
      readonly fields: string | readonly string[]
      readonly reference: { readonly resource: string; readonly fields: string | readonly string[] }
    }[]
  }
  readonly name?: string
}

const readDatapackage = (path: string | undefined): readonly Resource[] => {
  if (path === undefined) return []
  return (JSON.parse(readFileSync(path, 'utf8')) as { resources?: readonly Resource[] }).resources ?? []
}

/** What became of the declared files. */
export interface FileTables {
  readonly tables: readonly FileTable[]
  readonly unread: readonly UnreadPart[]
}

/**
 * Makes one table or view per declared file in the database that the connection has open. A file that cannot be read
 * is left out, with the reason; the others are served.
 */
export const makeFileTables = async (connection: DuckDBConnection, config: ChildConfig): Promise<FileTables> => {
  const unread: UnreadPart[] = []
  let resources: readonly Resource[] = []
  try {
    resources = readDatapackage(config.datapackage)
  } catch (error) {
    unread.push(describeUnread(config.datapackage as string, error))
  }
  const tables: FileTable[] = []
  for (const [name, pattern] of Object.entries(config.files ?? {})) {
    try {
      tables.push(await makeFileTable(connection, name, pattern, config.type, resources))
    } catch (error) {
      unread.push({ table: name, ...describeUnread(pattern, error) })
    }
  }
  return { tables, unread }
}

const makeFileTable = async (
  connection: DuckDBConnection,
  name: string,
  pattern: string,
  type: SourceType,
  resources: readonly Resource[],
): Promise<FileTable> => {
  const format = formatOf(type, pattern)
  const found = await connection.runAndReadAll('SELECT file FROM glob($1) ORDER BY 1', [pattern])
  const matched = found.getRows().map(([file]) => String(file))
  if (matched.length === 0) throw new NoFileError(noFileReason(pattern))
  const size = matched.reduce((sum, file) => sum + statSync(file).size, 0)
  // The engine would make up a column, of one among others too.
  if (size === 0) throw new Error(matched.length === 1 ? 'the file is empty' : 'all its files are empty')
  const files = matched.filter((file) => statSync(file).size > 0)
  checkContent(files, format, type)
  if (format === 'json') checkIsWhole(files)
  const loaded = format !== 'parquet' && size <= loadedBytes
  const list = `[${files.map(quoteText).join(', ')}]`
  try {
    const calls =
      format === 'csv'
        ? await callsOfCsv(connection, { files, loaded, large: size > quickBytes || files.some(isCompressed) })
        : [{ call: format === 'parquet' ? await callOfParquet(connection, list) : callOfJson(files, loaded), isWhole: true }]
    const call = await runFirst(calls, async (from, isWhole) => {
      const selected = isWhole ? `SELECT * FROM ${from}` : await selectChecked(connection, from)
      await connection.run(`CREATE ${loaded ? 'TABLE' : 'VIEW'} ${quoteName(name)} AS ${selected}`)
    })
    const exact = format === 'csv' && loaded ? await withLongIntegers(connection, name, call) : undefined
    if (exact !== undefined) await connection.run(`CREATE OR REPLACE TABLE ${quoteName(name)} AS SELECT * FROM ${exact}`)
  } catch (error) {
    if (format === 'json') checkIsJson(files, type)
    throw error
  }
  const about = resources.find(
    (resource) => resource.path !== undefined && files.some((file) => basename(file) === basename(resource.path as string)),
  )
  if (loaded && about !== undefined) await refineTypes(connection, name, about)
  const counted =
    format === 'parquet' ? await connection.runAndReadAll(`SELECT sum(num_rows) FROM parquet_file_metadata(${list})`) : undefined
  return { name, files, loaded, about, rows: counted === undefined ? undefined : Number(counted.getRows()[0]?.[0]) }
}

/** Of files that are loaded, every value tells the types, see `callsOfCsv`. */
const callOfJson = (files: readonly string[], loaded: boolean): string => {
  const list = `[${files.map(quoteText).join(', ')}]`
  return loaded ? `read_json(${list}, sample_size = -1, maximum_sample_files = ${files.length})` : `read_json(${list})`
}

/** The first call that can be run. Where none can, the last one has failed for what is plainest to say. */
const runFirst = async (calls: readonly CsvCall[], run: (call: string, isWhole: boolean) => Promise<unknown>): Promise<string> => {
  const failed: unknown[] = []
  for (const { call, isWhole } of calls) {
    try {
      await run(call, isWhole)
      return call
    } catch (error) {
      failed.push(error)
    }
  }
  throw failed.at(-1)
}

class NoFileError extends Error {}

/** Why a file could not be read, with its name, and without the lines of data that the engine quotes. */
const describeUnread = (path: string, error: unknown): Pick<UnreadPart, 'reason' | 'hint'> => {
  const said = error instanceof Error ? error.message : String(error)
  // What the engine has tried, and the settings it would take, help nobody here.
  const short = (said.split(/\n\n|\nThe search space used was/, 1)[0] as string)
    .split('\n')
    .filter((line) => !line.startsWith('Original Line:'))
    .join(' ')
    .trim()
  return {
    reason: short.includes(path) ? short : `${path}: ${short}`,
    hint:
      error instanceof WrongFormatError
        ? error.hint
        : error instanceof NoFileError || (error as NodeJS.ErrnoException).code === 'ENOENT'
          ? 'Correct the path in the project file, from whose folder it starts, or put the file there.'
          : /not utf-8 encoded/.test(said)
            ? 'Save the file as UTF-8; it is read again when it changes.'
            : 'Repair or replace the file; it is read again when it changes.',
  }
}

const noFileReason = (pattern: string): string => {
  const found = statSync(pattern, { throwIfNoEntry: false })
  if (found?.isDirectory() === true) return `${pattern} is a folder; name its files by a glob such as ${join(pattern, '*.csv')}`
  return magic.test(pattern) ? `no file matches ${pattern}` : `there is no ${pattern}`
}

const magic = /[*?[]/

/** Changes when a declared file does, or another file comes to be matched by a glob. */
export const stampFiles = ({ files = {}, datapackage }: Pick<ChildConfig, 'files' | 'datapackage'>): string =>
  [...Object.values(files).flatMap(filesLike), ...(datapackage === undefined ? [] : [datapackage])]
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false })
      return `${file}:${stat === undefined ? 'gone' : `${stat.mtimeMs}:${stat.size}`}`
    })
    .join()

/** The files that a pattern may match. Some more than the engine finds do no harm: they are compared and never read. */
const filesLike = (pattern: string): string[] => {
  const start = pattern.search(magic)
  if (start === -1 || existsSync(pattern)) return [pattern]
  const folder = dirname(`${pattern.slice(0, start)}x`)
  const end = /[^*?\]/]*$/.exec(pattern)?.[0] ?? ''
  try {
    return readdirSync(folder, { recursive: pattern.slice(start).includes('/'), encoding: 'utf8' })
      .filter((name) => name.endsWith(end))
      .sort()
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

const typeByField: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  datetime: 'TIMESTAMP',
  time: 'TIME',
}

/** Gives columns that were read as text the type the data package names, where every value converts. */
const refineTypes = async (connection: DuckDBConnection, table: string, { schema }: Resource): Promise<void> => {
  const described = await connection.runAndReadAll(`DESCRIBE ${quoteName(table)}`)
  const columns = new Map(described.getRows().map(([name, type]) => [String(name), String(type)]))
  for (const field of schema?.fields ?? []) {
    const wanted = entryOf(typeByField, String(field.type))
    if (wanted === undefined || wanted === 'VARCHAR' || columns.get(field.name) !== 'VARCHAR') continue
    const column = quoteName(field.name)
    const check = await connection.runAndReadAll(
      `SELECT count(*) FILTER (${column} IS NOT NULL AND TRY_CAST(${column} AS ${wanted}) IS NULL) = 0 FROM ${quoteName(table)}`,
    )
    if (check.getRows()[0]?.[0] === true) await connection.run(`ALTER TABLE ${quoteName(table)} ALTER ${column} TYPE ${wanted}`)
  }
}
