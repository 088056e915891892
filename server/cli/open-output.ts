import { randomUUID } from 'node:crypto'
import { constants, rmSync } from 'node:fs'
import { type FileHandle, lstat, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Fault } from '../envelope/fault.ts'
import { UsageError } from './command.ts'
import type { Terminal } from './terminal.ts'

/** Where the rows of a result go. */
export interface Output {
  /** Resolves when the piece was taken, so that a slow reader holds up the database and not the memory. */
  write(piece: string | Uint8Array): Promise<void>
  /** All was written. */
  finish(): Promise<void>
  /** Removes what was written, unless it is finished. */
  close(): Promise<void>
}

/** Standard output, or a file that is there only once all was written to it. Throws `UsageError` where none can be. */
export const openOutput = async (path: string | undefined, terminal: Terminal): Promise<Output> => {
  if (path === undefined) return { write: terminal.send, finish: async () => {}, close: async () => {} }
  try {
    return await openFile(path)
  } catch (error) {
    if (error instanceof UsageError) throw error
    // Without the name of the file that would have been written first.
    const why = (error as Error).message.replace(/, \w+ '.*'$/s, '')
    throw new UsageError(`"${path}" cannot be written: ${why}.`, 'Name a file in a folder that is there and may be written to.')
  }
}

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants

const openFile = async (path: string): Promise<Output> => {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() === true) throw new UsageError(`"${path}" is a folder.`, 'Name a file with -o.')
  // What is no plain file, such as a named pipe, cannot be replaced by one.
  const isReplaced = found === undefined || found.isFile()
  const target = isReplaced ? await followLinks(resolve(path)) : path
  if (/^dataface\.ya?ml$/.test(basename(target)))
    throw new UsageError(`"${path}" is the file of a project, which is not replaced by rows.`, 'Name another file with -o.')
  // Nobody can put a file or a link there first, since nobody knows the name.
  const written = isReplaced ? join(dirname(target), `.dft-${randomUUID()}.part`) : target
  const file = isReplaced
    ? await open(written, O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), found === undefined ? 0o666 : 0o600)
    : await open(written, 'w')
  const removeNow = () => rmSync(written, { force: true })
  if (isReplaced) process.once('exit', removeNow)
  let isOpen = true
  const end = async (): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    await file.close()
  }
  let isFinished = false
  const output: Output = {
    write: (piece) => asFault(path, () => writeWhole(file, piece)),
    finish: () =>
      asFault(path, async () => {
        await end()
        if (isReplaced) await rename(written, target)
        isFinished = true
        process.off('exit', removeNow)
      }),
    async close() {
      if (isFinished) return
      await end().catch(() => {})
      if (isReplaced) await rm(written, { force: true })
      process.off('exit', removeNow)
    },
  }
  try {
    if (isReplaced && found !== undefined) await file.chmod(found.mode & 0o777)
  } catch (error) {
    await output.close()
    throw error
  }
  return output
}

/** The path that links lead to, also where nothing is there yet. */
const followLinks = async (path: string): Promise<string> => {
  try {
    return await realpath(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const found = await lstat(path).catch(() => undefined)
    return found?.isSymbolicLink() === true ? followLinks(resolve(dirname(path), await readlink(path))) : path
  }
}

const writeWhole = async (file: FileHandle, piece: string | Uint8Array): Promise<void> => {
  const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten
}

/** A disk that is full, say, is told to the caller and is no fault of ours. */
const asFault = async (path: string, work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    throw new Fault('VALIDATION_ERROR', `"${path}" cannot be written: ${(error as Error).message}`, {
      path: 'output',
      hint: 'Make room there, or name another file with -o.',
    })
  }
}
