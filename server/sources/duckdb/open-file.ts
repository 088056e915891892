import { closeSync, constants, existsSync, mkdirSync, openSync, readSync, rmSync, type Stats, statSync } from 'node:fs'
import { copyFile, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { Fault } from '../../envelope/fault.ts'
import type { ChildConfig } from './messages.ts'

/** A database file that is open read-only. */
export interface OpenFile {
  readonly instance: DuckDBInstance
  /** The path that was opened. */
  readonly path: string
  /** True for a copy of our own, which nobody can name and nobody writes; false where the file itself is read. */
  readonly isCopy: boolean
}

/** Changes when a database file is replaced, or was written; undefined when it is not there. */
export const stampOfDatabase = (path: string): string | undefined => {
  const file = stampOf(path)
  return file === undefined ? undefined : `${file} ${stampOf(`${path}.wal`)}`
}

const stampOf = (path: string): string | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? undefined : `${stat.ino}:${stat.mtimeMs}:${stat.size}`
}

/** How long a file must have been left alone to be copied: clocks of file systems tick slowly. Milliseconds. */
const settlingMs = 25

let copies = 0

/**
 * Opens a database file for reading, as a copy where that is cheap, which nobody changes. No lock is kept on the file, so
 * that a writer is never refused; a copy counts when nobody wrote meanwhile. Its name is to be removed once it is locked down. A file that a writer has open is waited for. Throws SOURCE_UNAVAILABLE.
 */
export const openDatabaseFile = async (
  path: string,
  { temp, copiedBytes }: Pick<ChildConfig, 'temp' | 'copiedBytes'>,
  patienceMs: number,
): Promise<OpenFile> => {
  const until = performance.now() + patienceMs
  for (;;) {
    const stamp = stampOfDatabase(path)
    if (stamp === undefined) throw isMissing(path)
    const isSettled = Math.abs(Date.now() - statSync(path).mtimeMs) > settlingMs
    if (isSettled && !(await isBeingWritten(path))) {
      const copy = await copyDatabase(path, temp, copiedBytes)
      if (copy === undefined) {
        const instance = await openUnlocked(path, () => openReadOnly(path)).catch((error: unknown) => {
          // One that a writer has begun with meanwhile may not be whole.
          if (stamp === stampOfDatabase(path)) throw error
        })
        if (instance !== undefined) return { instance, path, isCopy: false }
      } else if (stamp === stampOfDatabase(path) && !(await isBeingWritten(path)))
        return { instance: await openReadOnly(copy), path: copy, isCopy: true }
      else removeDatabase(copy)
    }
    if (performance.now() > until + (isSettled ? 0 : 500)) throw isBusy()
    await sleep(isSettled ? 50 + Math.random() * 100 : settlingMs)
  }
}

/**
 * Opens a file with the engine, and gives up the lock that it takes, again and again while it opens, so that a writer can have the
 * file at any time. POSIX takes the locks of a process from a file when the process closes it, by whichever descriptor. What is
 * read counts only when the stamp of the file is still the same afterwards.
 */
export const openUnlocked = async <T>(path: string, open: () => Promise<T>): Promise<T> => {
  let isOpening = true
  const opening = open().finally(() => {
    isOpening = false
  })
  // It is waited for below.
  opening.catch(() => {})
  while (isOpening) {
    releaseLock(path)
    await nextTurn()
  }
  releaseLock(path)
  return opening
}

const releaseLock = (path: string): void => {
  try {
    closeSync(openSync(path, 'r'))
  } catch {
    // One that is gone keeps nobody out.
  }
}

/** Another process has written to a file while it was read. */
export const isOverwritten = (): Fault => isBusy(new Error('the file was written while it was read'))

/** Removes a database of our own; one that is open stays usable, except where the system does not allow it. */
export const removeDatabase = (path: string): void => {
  for (const file of [path, `${path}.wal`])
    try {
      rmSync(file, { force: true })
    } catch {
      // Removed with the folder it is in.
    }
}

/** Undefined when the file is too large to copy, and the file system does not copy by reference. */
const copyDatabase = async (path: string, temp: string, copiedBytes: number): Promise<string | undefined> => {
  // The engine names a database after its file.
  const copy = join(temp, `copy-${++copies}`, basename(path))
  mkdirSync(dirname(copy))
  try {
    const mode = statSync(path).size <= copiedBytes ? constants.COPYFILE_FICLONE : constants.COPYFILE_FICLONE_FORCE
    await copyFile(path, copy, mode)
    if (existsSync(`${path}.wal`)) await copyFile(`${path}.wal`, `${copy}.wal`)
    return copy
  } catch (error) {
    if (!existsSync(path)) throw isMissing(path)
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw unopened(path, error)
    removeDatabase(copy)
    return undefined
  }
}

const openReadOnly = async (path: string): Promise<DuckDBInstance> => {
  try {
    return await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' })
  } catch (error) {
    throw unopened(path, error)
  }
}

/** Why a database file cannot be opened. The engine gives one error type for every reason, so the file is looked at. */
export const unopened = (path: string, cause: unknown): Fault => {
  if (!existsSync(path)) return isMissing(path, cause)
  if (isDatabase(path) && /lock/i.test(String(cause))) return isBusy(cause)
  return new Fault('SOURCE_UNAVAILABLE', 'The file of this source is not a database this version can open.', {
    retryable: false,
    cause: new Error(`${basename(path)}: ${cause instanceof Error ? cause.message : String(cause)}`),
    hint: 'The operator checks the file with `dft doctor`.',
    operatorHint: 'Name a DuckDB file that may be read; a CSV, JSON or Parquet file belongs under files.',
  })
}

const isMissing = (path: string, cause: unknown = new Error(`there is no ${path}`)): Fault =>
  new Fault('SOURCE_UNAVAILABLE', 'The file of this source does not exist.', {
    retryable: false,
    cause,
    hint: 'The operator checks `path` with `dft doctor`.',
    operatorHint: 'Correct path, which starts from the folder of the project; that of a dbt project is made by its first run.',
  })

const isBusy = (cause?: unknown): Fault =>
  new Fault('SOURCE_UNAVAILABLE', 'Another process is writing to the file of this source.', {
    retryable: true,
    retryAfterMs: 1_000,
    cause,
    hint: 'Retry when it has finished.',
    operatorHint: 'Wait for it, or end the process that holds the file.',
  })

/** Whether a process has the file open for writing: such a process holds a lock on it. */
const isBeingWritten = async (path: string): Promise<boolean> => {
  if (process.platform === 'linux') {
    // Reading the list takes no lock that could refuse a writer.
    const locks = await readFile('/proc/locks', 'utf8').catch(() => undefined)
    if (locks !== undefined) return isListed(locks, statSync(path, { throwIfNoEntry: false }))
  }
  try {
    const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' })
    instance.closeSync()
    return false
  } catch {
    return isDatabase(path)
  }
}

/** Whether /proc/locks has a lock for writing on a file: `1: POSIX  ADVISORY  WRITE 4711 fe:00:131072 0 EOF`. */
const isListed = (locks: string, file: Stats | undefined): boolean => {
  if (file === undefined) return false
  const hex = (value: number): string => value.toString(16).padStart(2, '0')
  const device = `${hex((file.dev >> 8) & 0xfff)}:${hex((file.dev & 0xff) | ((file.dev >> 12) & 0xfff00))}`
  return [...locks.matchAll(/ WRITE +-?\d+ ([\da-f]+:[\da-f]+):(\d+) /g)].some(
    // File systems in layers show another device here than stat(2) does, one without a major number.
    ([, shown, inode]) => inode === String(file.ino) && (shown === device || shown?.startsWith('00:') === true),
  )
}

/** Whether the file starts as a database file does, so that what keeps us out is a writer. DuckDB: "DUCK" at byte 8. */
const isDatabase = (path: string): boolean => {
  try {
    const file = openSync(path, 'r')
    const head = Buffer.alloc(12)
    readSync(file, head, 0, 12, 0)
    closeSync(file)
    return head.toString('latin1', 8, 12) === 'DUCK'
  } catch {
    return false
  }
}
