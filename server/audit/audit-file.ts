import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { AuditSink } from './audit.ts'
import { BatchedWrites } from './batched-writes.ts'

/** How often it is looked whether the file was moved away, as programs that rotate logs do, milliseconds. */
const lookMs = 1_000

/** Lines at the end of a file. Those that come while one is written go together with the next. */
export class AuditFile implements AuditSink {
  readonly #path: string
  #handle: FileHandle | undefined
  /** Whether what is written next would continue a line that a full disk or a crash broke off. */
  #isTorn = false
  #hasFailed = false
  #lookedAt = Number.NEGATIVE_INFINITY
  readonly #writes = new BatchedWrites((texts) => this.#write(texts.join('')))

  constructor(path: string) {
    this.#path = path
  }

  /** Resolves once the system has taken the line. Rejects with what the system says. */
  append(record: string): Promise<void> {
    return this.#writes.add(`${record}\n`)
  }

  /** Resolves when a line could be written. After a failure an empty one is, which readers pass over: an open file may be on a full disk. */
  probe(): Promise<void> {
    return this.#writes.add(this.#hasFailed ? '\n' : '')
  }

  async close(): Promise<void> {
    await this.#writes.settle()
    await this.#handle?.close()
    this.#handle = undefined
  }

  async #write(text: string): Promise<void> {
    const handle = await this.#opened()
    try {
      await writeWhole(handle, this.#isTorn ? `\n${text}` : text)
      this.#isTorn = false
      this.#hasFailed = false
    } catch (error) {
      // How much of it was taken is looked at before the next.
      this.#handle = undefined
      this.#hasFailed = true
      await handle.close().catch(() => {})
      throw error
    }
  }

  async #opened(): Promise<FileHandle> {
    const now = performance.now()
    if (this.#handle !== undefined && now - this.#lookedAt > lookMs) {
      this.#lookedAt = now
      const [there, open] = await Promise.all([stat(this.#path).catch(() => undefined), this.#handle.stat()])
      if (there?.ino !== open.ino || there.dev !== open.dev) {
        await this.#handle.close()
        this.#handle = undefined
      }
    }
    if (this.#handle === undefined) {
      this.#lookedAt = now
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
      this.#handle = await open(this.#path, 'a', 0o600)
      this.#isTorn = await isTorn(this.#path)
    }
    return this.#handle
  }
}

const writeWhole = async (handle: FileHandle, text: string): Promise<void> => {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten
}

/** Whether a file ends within a line. */
const isTorn = async (path: string): Promise<boolean> => {
  const { size } = await stat(path)
  if (size === 0) return false
  // One that may not be read is taken for torn: an empty line does no harm.
  const file = await open(path, 'r').catch(() => undefined)
  try {
    return (await file?.read(Buffer.alloc(1), 0, 1, size - 1))?.buffer[0] !== lineEnd
  } finally {
    await file?.close()
  }
}

const lineEnd = 0x0a
