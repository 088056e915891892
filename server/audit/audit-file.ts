import { closeSync, constants, fchownSync, fstatSync, openSync, readSync, type Stats, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { giveTo, makeFolder } from '../operations/keep-owner.ts'
import type { AuditSink } from './audit.ts'

/** How often it is looked whether the file was moved away, as programs that rotate logs do, milliseconds. */
const lookMs = 1_000

/** A pipe that nobody reads is refused; without this its opening would wait for a reader, and everything else with it. */
const append = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | (constants.O_NONBLOCK ?? 0)

/**
 * Lines at the end of a file. Those of calls that end together are written together, where calls are answered: that takes some 2
 * microseconds, and having a thread do it 20 (decision 0042).
 */
export class AuditFile implements AuditSink {
  readonly #path: string
  #file: number | undefined
  /** Whether what is written next would continue a line that a full disk or a crash broke off. */
  #isTorn = false
  #hasFailed = false
  #lookedAt = Number.NEGATIVE_INFINITY
  /** What is written at the end of this step of the event loop, and that it was. */
  #waiting = ''
  #written: Promise<void> | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Resolves once the system has taken the line. Rejects with what the system says. */
  append(record: string): Promise<void> {
    return this.#add(`${record}\n`)
  }

  /** Resolves when a line could be written. After a failure an empty one is, which readers pass over: an open file may be on a full disk. */
  probe(): Promise<void> {
    return this.#add(this.#hasFailed ? '\n' : '')
  }

  async close(): Promise<void> {
    await this.#written?.catch(() => {})
    this.#close()
  }

  #add(text: string): Promise<void> {
    this.#waiting += text
    this.#written ??= new Promise((resolve, reject) =>
      process.nextTick(() => {
        const all = this.#waiting
        this.#waiting = ''
        this.#written = undefined
        try {
          this.#write(all)
          resolve()
        } catch (error) {
          reject(error)
        }
      }),
    )
    return this.#written
  }

  #write(text: string): void {
    const file = this.#opened()
    try {
      writeWhole(file, this.#isTorn ? `\n${text}` : text)
      this.#isTorn = false
      this.#hasFailed = false
    } catch (error) {
      // How much of it was taken is looked at before the next.
      this.#hasFailed = true
      this.#close()
      throw error
    }
  }

  #opened(): number {
    const now = performance.now()
    if (this.#file !== undefined && now - this.#lookedAt > lookMs) {
      this.#lookedAt = now
      if (!isSame(statSync(this.#path, { throwIfNoEntry: false }), fstatSync(this.#file))) this.#close()
    }
    if (this.#file === undefined) {
      this.#lookedAt = now
      makeFolder(dirname(this.#path))
      this.#file = openToAppend(this.#path)
      this.#isTorn = isTorn(this.#path)
    }
    return this.#file
  }

  #close(): void {
    const file = this.#file
    this.#file = undefined
    if (file !== undefined) closeSync(file)
  }
}

/** A file that is there, or a new one of whoever owns its folder. */
const openToAppend = (path: string): number => {
  try {
    const file = openSync(path, append | constants.O_EXCL, 0o600)
    giveTo(statSync(dirname(path)), (uid, gid) => fchownSync(file, uid, gid))
    return file
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return openSync(path, append, 0o600)
  }
}

const isSame = (one: Stats | undefined, other: Stats): boolean => one?.ino === other.ino && one.dev === other.dev

const writeWhole = (file: number, text: string): void => {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

/** Whether a file ends within a line. */
const isTorn = (path: string): boolean => {
  const { size } = statSync(path)
  if (size === 0) return false
  const last = Buffer.alloc(1)
  try {
    const file = openSync(path, 'r')
    try {
      return readSync(file, last, 0, 1, size - 1) !== 1 || last[0] !== lineEnd
    } finally {
      closeSync(file)
    }
  } catch {
    // One that may not be read is taken for torn: an empty line does no harm.
    return true
  }
}

const lineEnd = 0x0a
