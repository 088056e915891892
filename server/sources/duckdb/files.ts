import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { SourceType } from '../../../contracts/v1/tools/list-sources.ts'
import type { ChildConfig } from './messages.ts'

/** CSV and JSON files up to this size are loaded, which makes queries fast; larger ones, and Parquet, are read in place. */
const loadedBytes = 64 * 1024 * 1024

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

export const readDatapackage = (path: string | undefined): readonly Resource[] => {
  if (path === undefined) return []
  return (JSON.parse(readFileSync(path, 'utf8')) as { resources?: readonly Resource[] }).resources ?? []
}

/**
 * Makes one table or view per declared file in the database that the connection has open. A file that cannot be read
 * is left out and reported; the others are served.
 */
export const makeFileTables = async (
  connection: DuckDBConnection,
  config: ChildConfig,
  report: (table: string, error: unknown) => void,
): Promise<FileTable[]> => {
  const resources = readDatapackage(config.datapackage)
  const made: FileTable[] = []
  for (const [name, pattern] of Object.entries(config.files ?? {})) {
    try {
      const found = await connection.runAndReadAll('SELECT file FROM glob($1) ORDER BY 1', [pattern])
      const files = found.getRows().map(([file]) => String(file))
      if (files.length === 0) throw new Error('no such file')
      const format = formatOf(config.type, pattern)
      const loaded = format !== 'parquet' && files.reduce((sum, file) => sum + statSync(file).size, 0) <= loadedBytes
      const list = `[${files.map(quoteText).join(', ')}]`
      await connection.run(`CREATE ${loaded ? 'TABLE' : 'VIEW'} ${quoteName(name)} AS SELECT * FROM ${readers[format]}(${list})`)
      const about = resources.find(
        (resource) => resource.path !== undefined && files.some((file) => basename(file) === basename(resource.path as string)),
      )
      if (loaded && about !== undefined) await refineTypes(connection, name, about)
      const counted =
        format === 'parquet' ? await connection.runAndReadAll(`SELECT sum(num_rows) FROM parquet_file_metadata(${list})`) : undefined
      made.push({ name, files, loaded, about, rows: counted === undefined ? undefined : Number(counted.getRows()[0]?.[0]) })
    } catch (error) {
      report(name, error)
    }
  }
  return made
}

type Format = 'csv' | 'json' | 'parquet'

const readers: Readonly<Record<Format, string>> = { csv: 'read_csv', json: 'read_json', parquet: 'read_parquet' }

const formatOf = (type: SourceType, path: string): Format => {
  if (type === 'csv' || type === 'json' || type === 'parquet') return type
  const extension = /\.([a-z0-9]+)(?:\.gz|\.zst)?$/i.exec(path)?.[1]?.toLowerCase()
  if (extension === 'parquet' || extension === 'pq') return 'parquet'
  if (extension === 'json' || extension === 'ndjson' || extension === 'jsonl' || extension === 'geojson') return 'json'
  return 'csv'
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
    const wanted = typeByField[field.type ?? '']
    if (wanted === undefined || wanted === 'VARCHAR' || columns.get(field.name) !== 'VARCHAR') continue
    const column = quoteName(field.name)
    const check = await connection.runAndReadAll(
      `SELECT count(*) FILTER (${column} IS NOT NULL AND TRY_CAST(${column} AS ${wanted}) IS NULL) = 0 FROM ${quoteName(table)}`,
    )
    if (check.getRows()[0]?.[0] === true) await connection.run(`ALTER TABLE ${quoteName(table)} ALTER ${column} TYPE ${wanted}`)
  }
}

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`
