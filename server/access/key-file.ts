import { fchownSync, type Stats } from 'node:fs'
import { open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import * as z from 'zod'
import { Fault } from '../envelope/fault.ts'
import { giveTo, makeFolder, type Owner, replaceAs } from '../operations/keep-owner.ts'
import { takeFile } from '../operations/take-file.ts'
import type { KeptKey } from './api-key.ts'

/** The file of the keys of a project whose settings name none, relative to its folder. */
export const defaultKeysFile = '.dataface/keys.json'

const fileSchema = z.strictObject({
  format: z.literal(1),
  keys: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      scopes: z.array(z.string()),
      created_at: z.iso.datetime(),
      expires_at: z.iso.datetime().optional(),
      revoked_at: z.iso.datetime().optional(),
    }),
  ),
})

/** How long the file is believed to be as it was read, milliseconds: a key that was revoked is refused after that. */
const believedMs = 1_000
/** How long to wait for others that change the file, milliseconds; a lock that was left behind is taken over before. */
const patienceMs = 15_000

/** The keys of a project in a file that only its owner can read. */
export class KeyFile {
  readonly #path: string
  #keys: ReadonlyMap<string, KeptKey> = new Map()
  #stamp = ''
  #readAt = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined
  #failure: Fault | undefined

  constructor(path: string) {
    this.#path = resolve(path)
  }

  /** A key by its id, as the file is, or for one that is known as it was a second ago. Throws NOT_READY when the file cannot be read. */
  async find(id: string): Promise<KeptKey | undefined> {
    const known = this.#keys.get(id)
    if (known !== undefined && performance.now() - this.#readAt <= believedMs) return known
    const underWay = this.#reading
    await (underWay ?? this.#readAgain())
    // One that was under way may have looked before the key was made.
    if (underWay !== undefined && !this.#keys.has(id)) await (this.#reading ?? this.#readAgain())
    return this.#keys.get(id)
  }

  #readAgain(): Promise<void> {
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** Whether a key is known without reading the file. */
  hasRead(id: string): boolean {
    return this.#keys.has(id)
  }

  /** Why the file could not be read when it was last looked at. */
  get failure(): Fault | undefined {
    return this.#failure
  }

  /** All keys, in the order they were made. Throws NOT_READY when the file cannot be read. */
  async list(): Promise<readonly KeptKey[]> {
    await this.#read()
    return [...this.#keys.values()]
  }

  /** Writes what `change` makes of the keys; two commands at once do not undo each other. Throws NOT_READY. */
  async change(change: (keys: readonly KeptKey[]) => readonly KeptKey[]): Promise<void> {
    // What a link leads to is written, and the link stays.
    const path = await realpath(this.#path).catch(() => this.#path)
    const folder = dirname(path)
    const [lock, next] = [`${path}.lock`, `${path}.next`]
    try {
      makeFolder(folder)
      // What is kept there belongs to this installation, not to the project's history.
      await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch(() => {})
      const taken = await takeFile(lock, AbortSignal.timeout(2 * patienceMs), performance.now() + patienceMs)
      if (taken === undefined) throw new Error('others change the file all the time')
      try {
        this.#stamp = ''
        const keys = change(await this.list())
        await writeNew(next, `${JSON.stringify({ format: 1, keys }, null, 2)}\n`, await replacedBy(path))
        if (!taken.isMine()) throw new Error('the change took too long, and another may have begun')
        await rename(next, path)
        this.#stamp = ''
      } finally {
        await taken.release()
      }
    } catch (error) {
      throw error instanceof Fault ? error : unwritable(error)
    }
  }

  async #read(): Promise<void> {
    try {
      await this.#readChanged()
      this.#failure = undefined
    } catch (error) {
      if (error instanceof Fault) this.#failure = error
      throw error
    }
  }

  async #readChanged(): Promise<void> {
    const found = await stat(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw unreadable(error)
    })
    const stamp = found === undefined ? 'none' : `${found.mtimeMs}:${found.size}:${found.ino}`
    if (stamp !== this.#stamp) {
      this.#keys = found === undefined ? new Map() : await this.#parse()
      this.#stamp = stamp
    }
    this.#readAt = performance.now()
  }

  async #parse(): Promise<ReadonlyMap<string, KeptKey>> {
    try {
      const { keys } = fileSchema.parse(JSON.parse(await readFile(this.#path, 'utf8')))
      return new Map(keys.map((key) => [key.id, key as KeptKey]))
    } catch (error) {
      throw unreadable(error)
    }
  }
}

/** The file that another is to replace; for the first one its folder, and who may read it. */
const replacedBy = async (path: string): Promise<Stats | Owner> =>
  (await stat(path).catch(() => undefined)) ?? stat(dirname(path)).then(({ uid, gid }) => ({ uid, gid }))

/** Writes a file that was not there, whatever is, or is linked, at its path, for whoever could read the one that it replaces. */
const writeNew = async (path: string, text: string, replaced: Stats | Owner): Promise<void> => {
  await rm(path, { force: true })
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    if ('mode' in replaced) await replaceAs(file, replaced)
    else giveTo(replaced, (uid, gid) => fchownSync(file.fd, uid, gid))
    await file.sync()
  } finally {
    await file.close()
  }
}

const unreadable = (cause: unknown): Fault =>
  new Fault('NOT_READY', 'The API keys of this project cannot be read.', {
    cause,
    hint: 'Ask the operator of the project, whom `dft doctor` tells why.',
    operatorHint: 'Check the permissions of the file that access.keys_file names, and that it is whole.',
  })

const unwritable = (cause: unknown): Fault =>
  new Fault('NOT_READY', 'The file of the API keys cannot be written.', {
    cause,
    hint: 'Check the permissions of its folder, or name another with access.keys_file.',
    retryable: false,
  })
