import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { Fault } from '../../envelope/fault.ts'
import type { UnreadPart } from '../source.ts'
import { readEngineError } from './errors.ts'
import { type FileTable, type FileTables, makeFileTables, quoteName, quoteText, stampFiles } from './files.ts'
import type { ChildConfig } from './messages.ts'

/** How long opening waits for a writer to finish, milliseconds. */
const writerPatienceMs = 2_000
/** Declared files are looked at for changes at most this often, milliseconds. */
const changeCheckMs = 1_000

type Report = (message: string, fields: Readonly<Record<string, unknown>>) => void

/**
 * The database of a child: opened read-only and locked on first use, closed when idle so that a writer can have the
 * file, opened again on the next use. Declared files are loaded into a database file of the child's own first.
 */
export class Database {
  readonly #config: ChildConfig
  readonly #report: Report
  #opening: Promise<DuckDBInstance> | undefined
  #instance: DuckDBInstance | undefined
  #idle: DuckDBConnection[] = []
  #used = 0
  #release: NodeJS.Timeout | undefined
  #built: (FileTables & { readonly stamp: string }) | undefined
  #nextCheck = 0

  constructor(config: ChildConfig, report: Report) {
    this.#config = config
    this.#report = report
  }

  /** Tables made from declared files. */
  get fileTables(): readonly FileTable[] {
    return this.#built?.tables ?? []
  }

  /** Declared files that could not be read. */
  get unread(): readonly UnreadPart[] {
    return this.#built?.unread ?? []
  }

  /** Runs `work` on a connection that nobody else uses meanwhile. */
  async use<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    clearTimeout(this.#release)
    this.#used++
    let connection: DuckDBConnection | undefined
    try {
      this.#dropWhenChanged()
      const instance = await this.#open()
      connection = this.#idle.pop()
      if (connection === undefined) {
        connection = await instance.connect()
        await enterSchema(connection, this.#config)
      }
      const result = await work(connection)
      this.#idle.push(connection)
      return result
    } catch (error) {
      // A connection that saw an error may hold an aborted transaction.
      connection?.disconnectSync()
      throw error
    } finally {
      this.#used--
      if (this.#used === 0 && this.#config.path !== undefined) this.#release = setTimeout(() => this.#close(), this.#config.releaseAfterMs)
    }
  }

  #close(): void {
    if (this.#used > 0) return
    for (const connection of this.#idle) connection.disconnectSync()
    this.#idle = []
    this.#instance?.closeSync()
    this.#instance = undefined
    this.#opening = undefined
  }

  #open(): Promise<DuckDBInstance> {
    this.#opening ??= this.#openLocked().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #openLocked(): Promise<DuckDBInstance> {
    const { path, files } = this.#config
    const file = files === undefined ? path : await this.#buildFiles()
    const instance = await openReadOnly(file ?? ':memory:')
    const connection = await instance.connect()
    try {
      if (files !== undefined && path !== undefined)
        await connection.run(`ATTACH ${quoteText(path)} AS file (READ_ONLY)`).catch((error: unknown) => {
          throw unopened(path, error)
        })
      await lockDown(connection, this.#config.temp, this.fileTables)
      await enterSchema(connection, this.#config)
    } catch (error) {
      connection.disconnectSync()
      instance.closeSync()
      throw error
    }
    this.#idle.push(connection)
    this.#instance = instance
    return instance
  }

  /** Makes the child's own database of the declared files. It is then opened read-only like any other. */
  async #buildFiles(): Promise<string> {
    const file = join(this.#config.temp, 'files.duckdb')
    if (this.#built !== undefined && existsSync(file)) return file
    rmSync(file, { force: true })
    const instance = await DuckDBInstance.create(file)
    const connection = await instance.connect()
    await connection.run('SET autoinstall_known_extensions = false')
    await connection.run("SET TimeZone = 'UTC'")
    // Before the files are read, so that a change meanwhile is seen afterwards.
    const stamp = stampFiles(this.#config)
    const made = await makeFileTables(connection, this.#config)
    for (const { table, reason } of made.unread) this.#report('A file could not be read and is left out.', { table, reason })
    connection.disconnectSync()
    instance.closeSync()
    this.#built = { ...made, stamp }
    return file
  }

  /** Files that changed, came or went are read again, when nobody is using the old rows. */
  #dropWhenChanged(): void {
    const started = performance.now()
    if (this.#built === undefined || this.#used > 1 || started < this.#nextCheck) return
    const changed = stampFiles(this.#config) !== this.#built.stamp
    // Folders of very many files are looked at less often.
    this.#nextCheck = performance.now() + Math.max(changeCheckMs, (performance.now() - started) * 50)
    if (!changed) return
    this.#used--
    this.#close()
    this.#used++
    this.#built = undefined
  }
}

/** Opens a file; one that another process is writing is waited for, with jitter. */
const openReadOnly = async (path: string): Promise<DuckDBInstance> => {
  const until = performance.now() + writerPatienceMs
  for (;;) {
    try {
      return await DuckDBInstance.create(path, path === ':memory:' ? {} : { access_mode: 'READ_ONLY' })
    } catch (error) {
      // Only a lock goes away by itself.
      if (!isLocked(path) || performance.now() > until) throw unopened(path, error)
      await sleep(50 + Math.random() * 100)
    }
  }
}

/** Why a database file cannot be opened. The engine gives one error type for every reason, so the file is looked at. */
const unopened = (path: string, cause: unknown): Fault => {
  if (!existsSync(path))
    return new Fault('SOURCE_UNAVAILABLE', 'The file of this source does not exist.', {
      retryable: false,
      cause,
      hint: 'The operator checks `path` with `dft doctor`.',
      operatorHint: 'Correct path in the project file, from whose folder it starts.',
    })
  if (isLocked(path))
    return new Fault('SOURCE_UNAVAILABLE', 'Another process is writing to the file of this source.', {
      retryable: true,
      retryAfterMs: 1_000,
      cause,
      hint: 'Retry when it has finished.',
      operatorHint: 'Wait for it, or end the process that holds the file.',
    })
  return new Fault('SOURCE_UNAVAILABLE', 'The file of this source is not a database this version can open.', {
    retryable: false,
    cause: new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`),
    hint: 'The operator checks the file with `dft doctor`.',
    operatorHint: 'Name a DuckDB file that may be read; a CSV, JSON or Parquet file belongs under files.',
  })
}

/** Whether the file starts as a database file does, so that what keeps us out is a writer. DuckDB: "DUCK" at byte 8. */
const isLocked = (path: string): boolean => {
  try {
    const { openSync, readSync, closeSync } = process.getBuiltinModule('node:fs')
    const fd = openSync(path, 'r')
    const head = Buffer.alloc(12)
    readSync(fd, head, 0, 12, 0)
    closeSync(fd)
    return head.toString('latin1', 8, 12) === 'DUCK'
  } catch {
    return false
  }
}

/** Lets unqualified names mean what the guard takes them for: the tables of the files, then the schema that is served. */
const enterSchema = async (connection: DuckDBConnection, { path, files, schema }: ChildConfig): Promise<void> => {
  const served = [
    ...(files === undefined || path === undefined ? [] : ['files.main']),
    ...(path === undefined ? [] : [`${files === undefined ? '' : 'file.'}${quoteName(schema ?? 'main')}`]),
  ]
  if (served.length === 1 && schema === undefined) return
  try {
    if (served.length > 0) await connection.run(`SET search_path = ${quoteText(served.join(','))}`)
  } catch (error) {
    throw new Fault('SOURCE_UNAVAILABLE', 'The schema that this source names does not exist.', {
      retryable: false,
      cause: error,
      hint: 'The operator checks `schema` with `dft doctor`.',
    })
  }
}

/** Settings in the order that keeps each from undoing the one before; the last one makes them final. */
const lockDown = async (connection: DuckDBConnection, temp: string, tables: readonly FileTable[]): Promise<void> => {
  const spill = join(temp, 'spill')
  mkdirSync(spill, { recursive: true })
  const read = tables.filter((table) => !table.loaded).flatMap((table) => table.files)
  const settings: readonly (readonly [name: string, value: string])[] = [
    ['memory_limit', quoteText(`${Math.max(256, Math.floor(totalmem() / 4 / 1024 / 1024))}MiB`)],
    ['threads', String(Math.min(4, availableParallelism()))],
    ['temp_directory', quoteText(spill)],
    ['max_temp_directory_size', "'4GiB'"],
    ['TimeZone', "'UTC'"],
    ['errors_as_json', 'true'],
    ['autoload_known_extensions', 'false'],
    ['autoinstall_known_extensions', 'false'],
    ['allow_community_extensions', 'false'],
    ['allow_persistent_secrets', 'false'],
    ['allowed_paths', `[${read.map(quoteText).join(', ')}]`],
    ['enable_external_access', 'false'],
    ['lock_configuration', 'true'],
  ]
  for (const [name, value] of settings) await connection.run(`SET GLOBAL ${name} = ${value}`)
  const proof = await readLocks(connection)
  if (!proof.locked) throw new Error('The engine did not take the settings that lock it.')
}

/** What the live engine says of its locks. */
export const readLocks = async (connection: DuckDBConnection): Promise<{ locked: boolean; readOnly: boolean }> => {
  const result = await connection.runAndReadAll(`
    SELECT current_setting('lock_configuration') AND NOT current_setting('enable_external_access')
       AND NOT current_setting('autoload_known_extensions') AND NOT current_setting('autoinstall_known_extensions'),
      (SELECT bool_and(readonly) FROM duckdb_databases() WHERE NOT internal)`)
  const [locked, readOnly] = result.getRows()[0] ?? []
  return { locked: locked === true, readOnly: readOnly === true }
}

/** Whether an error says that a connection was interrupted. */
export const isInterrupt = (error: unknown): boolean => readEngineError(error)?.exception_type === 'INTERRUPT'
