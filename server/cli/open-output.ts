import { createWriteStream, statSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
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
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory() === true) throw new UsageError(`"${path}" is a folder.`, 'Name a file with -o.')
  // What is no plain file, such as a named pipe, cannot be replaced by one.
  const isReplaced = found === undefined || found.isFile()
  const written = isReplaced ? `${path}.part` : path
  const file = createWriteStream(written)
  await new Promise<void>((resolve, reject) => {
    file.once('open', () => resolve())
    file.once('error', (error) => reject(new UsageError(`"${path}" cannot be written: ${error.message}`)))
  })
  let isFinished = false
  const end = () => new Promise<void>((resolve) => file.end(() => resolve()))
  return {
    write: (piece) => new Promise((resolve, reject) => file.write(piece, (error) => (error == null ? resolve() : reject(error)))),
    async finish() {
      await end()
      if (isReplaced) await rename(written, path)
      isFinished = true
    },
    async close() {
      if (isFinished) return
      await end()
      if (isReplaced) await rm(written, { force: true })
    },
  }
}
