import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { Fault } from '../../envelope/fault.ts'
import { staleSource } from '../basis.ts'
import { quoteName } from '../quote-name.ts'
import type { Basis } from '../source.ts'
import { type FileTables, makeFileTables, stampFiles } from './files.ts'
import { changesEngine, type LockOptions, lockDown, type ReadBack, readBack, readEngineState } from './lock-down.ts'
import type { ChildConfig, ChildQuery } from './messages.ts'
import { isOverwritten, openDatabaseFile, openUnlocked, removeDatabase, stampOfDatabase, unopened } from './open-file.ts'
import { quoteText } from './quote-text.ts'

/** How long opening waits for a writer to finish, milliseconds. */
const writerPatienceMs = 2_000
/** While a writer has the file, the version before is served, and the new one is looked for this often, milliseconds. */
const writerCheckMs = 500
/** Declared files are looked at for changes at most this often, milliseconds. */
const changeCheckMs = 1_000
/** Connections that are kept ready. */
const readyConnections = 2

type Report = (message: string, fields: Readonly<Record<string, unknown>>) => void

/** One version of the data, open and locked. */
interface Opened {
  readonly instance: DuckDBInstance
  connect(): Promise<DuckDBConnection>
  readonly lock: LockOptions
  readonly files: FileTables
  readonly databaseStamp: string | undefined
  readonly filesStamp: string | undefined
  /** Both, as one. */
  readonly stamp: string
  /** The file itself is read, which others may write meanwhile. */
  readonly holdsFile: boolean
  /** Settings and logs as they were when the database was locked. */
  readonly state: string
  /** Connections that never ran a statement of a caller. */
  readonly ready: DuckDBConnection[]
  /** Names of its macros, whose text a statement does not show; undefined until they are known. */
  macros: readonly string[] | undefined
  /** Runs while it is looked at whether a statement changed the engine; nobody else enters meanwhile. */
  comparing: Promise<void> | undefined
  users: number
  closed: boolean
}

/**
 * The database of a child: opened read-only and locked on first use, and opened anew when its file changes, while calls
 * that run finish on the version they began with. Declared files are loaded into a database file of the child's own.
 */
export class Database {
  readonly #config: ChildConfig
  readonly #report: Report
  /** Called when it was opened for the first time. */
  #onOpened: (() => void) | undefined
  #opened: Opened | undefined
  #opening: Promise<Opened> | undefined
  #release: NodeJS.Timeout | undefined
  #retryAt = 0
  #nextCheck = 0
  #versions = 0

  constructor(config: ChildConfig, report: Report, onOpened?: () => void) {
    this.#config = config
    this.#report = report
    this.#onOpened = onOpened
  }

  /** Runs work of our own, which leaves its connection as it was. Throws as `run` does when the data is not that of `basis`. */
  async use<T>(
    work: (connection: DuckDBConnection, opened: Pick<Opened, 'lock' | 'files' | 'stamp'>) => Promise<T>,
    basis?: Basis,
  ): Promise<T> {
    const opened = await this.#enter(basis)
    try {
      return await this.#verified(opened, () => withReady(opened, (connection) => work(connection, opened)))
    } finally {
      this.#leave(opened)
    }
  }

  /**
   * Runs a statement of a caller on a connection that nobody used before, and nobody will use again. When the statement
   * might have changed the engine itself, the engine is compared with what it was, and replaced when it differs. A version
   * of the data that is not the one the statement was judged upon is not read. `verify` throws when what was read until then
   * does not count.
   */
  async run<T>(
    { sql, basis }: Pick<ChildQuery, 'sql' | 'basis'>,
    work: (connection: DuckDBConnection, verify: () => void) => Promise<T>,
  ): Promise<T> {
    const opened = await this.#enter(basis)
    let connection: DuckDBConnection | undefined
    try {
      return await this.#verified(opened, async () => {
        connection = opened.ready.pop() ?? (await opened.connect())
        return work(connection, () => this.#verify(opened))
      })
    } finally {
      connection?.disconnectSync()
      if (mayChangeEngine(opened, sql)) opened.comparing = this.#compare(opened)
      this.#leave(opened)
      makeReady(opened)
    }
  }

  /** Does work that counts only when nobody wrote the file meanwhile; what it met with, an error too, may come from that. */
  async #verified<T>(opened: Opened, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      this.#verify(opened)
      return result
    } catch (error) {
      this.#verify(opened)
      throw error
    }
  }

  #verify(opened: Opened): void {
    const { path } = this.#config
    if (!opened.holdsFile || path === undefined || opened.databaseStamp === stampOfDatabase(path)) return
    this.#retire(opened)
    throw isOverwritten()
  }

  /** What the live engine says of its settings. */
  prove(): Promise<ReadBack> {
    return this.use((connection, { lock }) => readBack(connection, lock))
  }

  async #enter(basis: Basis | undefined): Promise<Opened> {
    for (;;) {
      const opened = this.#current() ?? (await this.#open())
      if (opened.comparing !== undefined) await opened.comparing
      if (opened.closed || (opened !== this.#opened && this.#opened !== undefined)) continue
      clearTimeout(this.#release)
      opened.users++
      if (basis?.stamp === undefined || basis.stamp === opened.stamp) return opened
      this.#leave(opened)
      throw staleSource()
    }
  }

  #leave(opened: Opened): void {
    opened.users--
    if (opened.users > 0) return
    if (opened !== this.#opened) close(opened)
    else if (opened.holdsFile) this.#release = setTimeout(() => this.#retire(opened), this.#config.releaseAfterMs)
  }

  /** Serves nothing more from it; it closes when nobody uses it. */
  #retire(opened: Opened): void {
    if (opened === this.#opened) this.#opened = undefined
    if (opened.users === 0) close(opened)
  }

  /** Reads the names of macros behind the first call; the engine takes its time to list them. */
  #learnMacros(opened: Opened): void {
    opened.users++
    withReady(opened, readMacros)
      .then(
        (macros) => {
          opened.macros = macros
        },
        () => {},
      )
      .finally(() => this.#leave(opened))
  }

  async #compare(opened: Opened): Promise<void> {
    opened.users++
    try {
      const state = await withReady(opened, readEngineState).catch(() => undefined)
      if (state === opened.state) return
      this.#report('A statement changed the engine, which is replaced.', {})
      this.#retire(opened)
    } finally {
      opened.comparing = undefined
      this.#leave(opened)
    }
  }

  /** What is open, when it is still the newest version. */
  #current(): Opened | undefined {
    const opened = this.#opened
    if (opened === undefined || this.#isNewest(opened)) return opened
    return performance.now() < this.#retryAt ? opened : undefined
  }

  #open(): Promise<Opened> {
    this.#opening ??= this.#openNewest().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  /** Opens the newest version; while a writer has it, what was open before stays. */
  async #openNewest(): Promise<Opened> {
    // What reads the file itself is of no use once that was written.
    if (this.#opened?.holdsFile === true) this.#retire(this.#opened)
    const before = this.#opened
    try {
      const opened = await this.#openLocked(before === undefined ? writerPatienceMs : 0)
      this.#opened = opened
      this.#onOpened?.()
      this.#onOpened = undefined
      if (before !== undefined) this.#retire(before)
      this.#learnMacros(opened)
      return opened
    } catch (error) {
      if (before === undefined || before.closed || !(error instanceof Fault && error.details.retryable === true)) throw error
      this.#retryAt = performance.now() + writerCheckMs
      return before
    }
  }

  async #openLocked(patienceMs: number): Promise<Opened> {
    const { path, files, temp, memoryBytes, threads, spillBytes } = this.#config
    const spill = join(temp, 'spill')
    mkdirSync(spill, { recursive: true })
    const databaseStamp = path === undefined ? undefined : stampOfDatabase(path)
    const file = path === undefined ? undefined : await openDatabaseFile(path, this.#config, patienceMs)
    let instance = file?.instance
    try {
      const built = files === undefined ? undefined : await this.#buildFiles()
      if (built !== undefined) {
        // One file is not open twice.
        instance?.closeSync()
        instance = undefined
        instance = await DuckDBInstance.create(built.file, { access_mode: 'READ_ONLY' })
      }
      instance ??= await DuckDBInstance.create(':memory:')
      const connection = await instance.connect()
      if (file !== undefined && built !== undefined)
        await openUnlocked(file.path, () => connection.run(`ATTACH ${quoteText(file.path)} AS file (READ_ONLY)`)).catch(
          (error: unknown) => {
            throw unopened(file.path, error)
          },
        )
      const databases = [file?.path, built?.file].filter((one) => one !== undefined)
      const filesInPlace = (built?.tables ?? []).filter((table) => !table.loaded).flatMap((table) => table.files)
      const lock = { memoryBytes, threads, spillBytes, spill, databases, filesInPlace, readOnly: databases.length > 0 }
      await lockDown(connection, lock)
      if (file?.isCopy === true) removeDatabase(file.path)
      if (built !== undefined) removeDatabase(built.file)
      // What was opened may be newer than its stamp.
      const isSettled =
        (path === undefined || databaseStamp === stampOfDatabase(path)) && (built === undefined || built.stamp === stampFiles(this.#config))
      connection.disconnectSync()
      const served = instance
      const first = await connect(served, this.#config)
      return {
        instance,
        connect: () => connect(served, this.#config),
        lock,
        files: built ?? { tables: [], unread: [] },
        databaseStamp,
        filesStamp: built?.stamp,
        stamp: createHash('sha256')
          .update(JSON.stringify([databaseStamp, built?.stamp, ...(isSettled ? [] : [randomUUID()])]))
          .digest('base64url'),
        holdsFile: file?.isCopy === false,
        // Of a connection like those that it is compared with: where names are looked up is part of it.
        state: await readEngineState(first),
        ready: [first],
        macros: undefined,
        comparing: undefined,
        users: 0,
        closed: false,
      }
    } catch (error) {
      instance?.closeSync()
      throw error
    }
  }

  /** Makes the child's own database of the declared files. It is then opened read-only like any other. */
  async #buildFiles(): Promise<FileTables & { readonly file: string; readonly stamp: string }> {
    const file = join(this.#config.temp, `files-${++this.#versions}`, 'files.duckdb')
    mkdirSync(dirname(file))
    // Before the files are read, so that a change meanwhile is seen afterwards.
    const stamp = stampFiles(this.#config)
    const instance = await DuckDBInstance.create(file)
    const connection = await instance.connect()
    await connection.run('SET autoinstall_known_extensions = false')
    await connection.run("SET TimeZone = 'UTC'")
    const made = await makeFileTables(connection, this.#config)
    for (const { table, reason } of made.unread) this.#report('A file could not be read and is left out.', { table, reason })
    connection.disconnectSync()
    instance.closeSync()
    return { ...made, file, stamp }
  }

  /** Whether what is open is still the newest version of the data. */
  #isNewest({ databaseStamp, filesStamp }: Opened): boolean {
    const { path, files } = this.#config
    if (path !== undefined && databaseStamp !== stampOfDatabase(path)) return false
    const started = performance.now()
    if (files === undefined || started < this.#nextCheck) return true
    if (stampFiles(this.#config) !== filesStamp) return false
    // Folders of very many files are looked at less often.
    this.#nextCheck = performance.now() + Math.max(changeCheckMs, (performance.now() - started) * 50)
    return true
  }
}

/** A new connection, in which unqualified names mean what the guard takes them for: tables of files, then the schema that is served. */
const connect = async (instance: DuckDBInstance, { path, files, schema }: ChildConfig): Promise<DuckDBConnection> => {
  const connection = await instance.connect()
  const served = [
    ...(files === undefined || path === undefined ? [] : ['files.main']),
    ...(path === undefined ? [] : [`${files === undefined ? '' : 'file.'}${quoteName(schema ?? 'main')}`]),
  ]
  if (served.length === 0 || (served.length === 1 && schema === undefined)) return connection
  try {
    await connection.run(`SET search_path = ${quoteText(served.join(','))}`)
    return connection
  } catch (error) {
    connection.disconnectSync()
    throw new Fault('SOURCE_UNAVAILABLE', 'The schema that this source names does not exist.', {
      retryable: false,
      cause: error,
      hint: 'The operator checks `schema` with `dft doctor`.',
    })
  }
}

/** Runs work that leaves its connection as it was; one that saw an error may hold an aborted transaction. */
const withReady = async <T>(opened: Opened, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
  // Callers take from the other end, so that work of our own finds what it has prepared.
  const connection = opened.ready.shift() ?? (await opened.connect())
  try {
    const result = await work(connection)
    opened.ready.unshift(connection)
    return result
  } catch (error) {
    connection.disconnectSync()
    throw error
  }
}

const makeReady = (opened: Opened): void => {
  if (opened.closed || opened.ready.length >= readyConnections) return
  opened.connect().then(
    (connection) => (opened.closed ? connection.disconnectSync() : opened.ready.push(connection)),
    () => {},
  )
}

const close = (opened: Opened): void => {
  if (opened.closed) return
  opened.closed = true
  for (const connection of opened.ready) connection.disconnectSync()
  opened.instance.closeSync()
}

const mayChangeEngine = ({ macros }: Opened, sql: string): boolean => {
  if (macros === undefined || changesEngine.test(sql)) return true
  const text = sql.toLowerCase()
  return macros.some((name) => text.includes(name))
}

const readMacros = async (connection: DuckDBConnection): Promise<string[]> => {
  const found = await connection.runAndReadAll('SELECT DISTINCT function_name FROM system.main.duckdb_functions() WHERE NOT internal')
  return found.getRows().map(([name]) => String(name).toLowerCase())
}
