import { UsageError } from './command.ts'

/** More than this is neither a query nor a board; bytes. */
const maxBytes = 1024 * 1024

/** The text on standard input; `what` names it in the message when it is too long. */
export const readStandardInput = async (what: string, signal: AbortSignal): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  const stop = () => process.stdin.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const chunk of process.stdin) {
      size += (chunk as Buffer).length
      if (size > maxBytes) throw new UsageError(`The ${what} on standard input is longer than 1 MB.`)
      chunks.push(chunk as Buffer)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
  signal.throwIfAborted()
  return Buffer.concat(chunks).toString('utf8')
}
