import { realpathSync } from 'node:fs'
import type { DuckDBConnection, DuckDBListValue } from '@duckdb/node-api'
import { Fault } from '../../envelope/fault.ts'
import { quoteText } from './quote-text.ts'

/** What differs between the databases that are locked. */
export interface LockOptions {
  /** Bytes that the engine may use. */
  readonly memoryBytes: number
  readonly threads: number
  /** Bytes that may be spilled to disk. */
  readonly spillBytes: number
  /** A folder for spilled rows, of nobody else's. */
  readonly spill: string
  /** Database files that are open, absolute; the engine allows these by itself. */
  readonly databases: readonly string[]
  /** Declared files that are read in place, absolute. With none, every file is closed, and nothing is spilled. */
  readonly filesInPlace: readonly string[]
  /** False for a database in memory, which has nothing to protect. */
  readonly readOnly: boolean
}

interface Setting {
  readonly name: string
  /** How it is set, as SQL; undefined when it was set as the database was opened, or is the engine's default. */
  readonly sql?: string | undefined
  /** What it must read afterwards, as the engine prints it. */
  readonly reads: (value: string) => boolean
  /** What is told of it; paths and sizes are not, and empty for what keeps nothing out. */
  readonly shown: string
}

const exactly = (name: string, value: string, sql?: string): Setting => ({
  name,
  sql,
  reads: (found) => found.toLowerCase() === value,
  shown: `${name}=${value}`,
})

const mebibyte = 1024 * 1024
const mebibytes = (bytes: number): string => `${Math.floor(bytes / mebibyte)}MiB`

/** A size as the engine prints it, rounded to one digit: `1.4 GiB`. */
const readSize = (printed: string): number => {
  const [, amount = '', unit = ''] = /^([\d.]+) (\w+)$/.exec(printed) ?? []
  const power = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(unit)
  return power === -1 ? Number.POSITIVE_INFINITY : Number(amount) * 1024 ** power
}

const listOf = (value: string): string[] => JSON.parse(value) as string[]

/** The engine follows links where it keeps paths. */
const realPath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

const atMost = (name: string, bytes: number): Setting => ({
  name,
  sql: quoteText(mebibytes(bytes)),
  reads: (found) => readSize(found) <= bytes * 1.05 + mebibyte,
  shown: name,
})

/**
 * Settings in the order that keeps each from undoing the one before; the last one makes them final. `disabled_filesystems`
 * does not read back, so what it does is tried (see `refusalOfFiles`).
 */
const settingsOf = ({ memoryBytes, threads, spillBytes, spill, databases, filesInPlace, readOnly }: LockOptions): readonly Setting[] => {
  // Spilling needs the file system, and is given up where nothing else does.
  const isOpen = filesInPlace.length > 0
  return [
    ...(readOnly ? [exactly('access_mode', 'read_only')] : []),
    atMost('memory_limit', memoryBytes),
    { ...exactly('threads', String(threads), String(threads)), shown: 'threads' },
    {
      name: 'temp_directory',
      sql: quoteText(isOpen ? spill : ''),
      reads: (found) => found === (isOpen ? spill : ''),
      shown: `temp_directory=${isOpen ? 'a folder of its own' : 'none'}`,
    },
    atMost('max_temp_directory_size', spillBytes),
    // What one query spills, another could read as a file. The bundled cipher writes only when told to; it need not
    // withstand more than SQL.
    { ...exactly('force_mbedtls_unsafe', 'true', 'true'), shown: '' },
    exactly('temp_file_encryption', 'true', 'true'),
    { ...exactly('timezone', 'utc', "'UTC'"), shown: '' },
    { ...exactly('errors_as_json', 'true', 'true'), shown: '' },
    exactly('autoload_known_extensions', 'false', 'false'),
    exactly('autoinstall_known_extensions', 'false', 'false'),
    exactly('allow_community_extensions', 'false', 'false'),
    exactly('allow_unsigned_extensions', 'false'),
    exactly('allow_persistent_secrets', 'false', 'false'),
    exactly('allow_unredacted_secrets', 'false'),
    exactly('allow_parser_override_extension', 'default'),
    exactly('enable_logging', '0'),
    {
      name: 'allowed_directories',
      reads: (found) => listOf(found).every((path) => isOpen && realPath(path) === realPath(spill)),
      shown: 'allowed_directories=none',
    },
    {
      name: 'allowed_paths',
      sql: `[${filesInPlace.map(quoteText).join(', ')}]`,
      reads: (found) => {
        const own = databases.map(realPath)
        const declared = new Set(filesInPlace.map(realPath))
        return listOf(found).every((path) => declared.has(realPath(path)) || own.some((file) => realPath(path).startsWith(file)))
      },
      shown: `allowed_paths=${isOpen ? 'the declared files' : 'none'}`,
    },
    exactly('enable_external_access', 'false', 'false'),
    ...(isOpen ? [] : [exactly('disabled_filesystems', 'localfilesystem', "'LocalFileSystem'")]),
    exactly('lock_configuration', 'true', 'true'),
  ]
}

/** What the live engine says of its settings. */
export interface ReadBack {
  /** What holds, `name=value` or `name` each. */
  readonly held: readonly string[]
  /** Names of settings that do not read as they were set. */
  readonly broken: readonly string[]
  readonly readOnly: boolean
}

const readSettings = async (connection: DuckDBConnection): Promise<Map<string, string>> => {
  const result = await connection.runAndReadAll('SELECT name, value FROM system.main.duckdb_settings()')
  const lists = await connection.runAndReadAll(
    "SELECT system.main.current_setting('allowed_directories'), system.main.current_setting('allowed_paths')",
  )
  const [directories, paths] = (lists.getRows()[0] ?? []).map((list) => JSON.stringify((list as DuckDBListValue).items))
  return new Map([
    ...result.getRows().map(([name, value]): [string, string] => [String(name).toLowerCase(), String(value)]),
    ['allowed_directories', String(directories)],
    ['allowed_paths', String(paths)],
  ])
}

/** What the engine says to a statement that looks for a file which is always there; undefined when it finds it. */
const refusalOfFiles = async (connection: DuckDBConnection): Promise<string | undefined> => {
  try {
    await connection.run(`SELECT * FROM system.main.glob(${quoteText(process.execPath)})`)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Reads every setting back from the live engine. */
export const readBack = async (connection: DuckDBConnection, options: LockOptions): Promise<ReadBack> => {
  const values = await readSettings(connection)
  const refusal = await refusalOfFiles(connection)
  if (refusal?.includes('LocalFileSystem has been disabled') === true) values.set('disabled_filesystems', 'localfilesystem')
  const isHeld = ({ name, reads }: Setting): boolean => values.has(name) && reads(values.get(name) as string)
  const settings = settingsOf(options)
  const databases = await connection.runAndReadAll(
    'SELECT system.main.bool_and(readonly) FROM system.main.duckdb_databases() WHERE NOT internal',
  )
  return {
    held: settings
      .filter(isHeld)
      .map(({ shown }) => shown)
      .filter((shown) => shown !== ''),
    broken: [
      ...settings.filter((setting) => !isHeld(setting)).map(({ name }) => name),
      ...(refusal === undefined ? ['files are open'] : []),
    ],
    readOnly: databases.getRows()[0]?.[0] === true,
  }
}

/** Locks an open database. Throws SOURCE_UNAVAILABLE when a setting does not read back as it was set. */
export const lockDown = async (connection: DuckDBConnection, options: LockOptions): Promise<void> => {
  for (const { name, sql } of settingsOf(options)) if (sql !== undefined) await connection.run(`SET GLOBAL ${name} = ${sql}`)
  const { broken, readOnly } = await readBack(connection, options)
  const wrong = [...broken, ...(options.readOnly && !readOnly ? ['a database is not read-only'] : [])]
  if (wrong.length > 0)
    throw new Fault('SOURCE_UNAVAILABLE', 'The engine of this source did not take the settings that lock it, so it is not served.', {
      retryable: false,
      cause: new Error(`settings that do not hold: ${wrong.join(', ')}`),
      hint: 'The operator finds the settings in the log.',
    })
}

/**
 * What a statement could have changed in an engine whose configuration is locked: table functions of the engine reach
 * logging and its parser all the same.
 */
export const readEngineState = async (connection: DuckDBConnection): Promise<string> => {
  const settings = await readSettings(connection)
  const logs = await connection.runAndReadAll('SELECT system.main.count(*) FROM system.main.duckdb_logs()')
  return JSON.stringify([[...settings].sort(([a], [b]) => (a < b ? -1 : 1)), String(logs.getRows()[0]?.[0])])
}

/** Names of functions that change the engine, or run SQL from a string that may name them. */
export const changesEngine = /logging|logs|profiling|parser|checkpoint|query|execute|u&"/i
