import { open, rename, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** A file that is older was left by a process that died, milliseconds; whoever made it uses it for half of that at most. */
const abandonedMs = 10_000
/** How long one waits for another. */
const patienceMs = 3_000
const lookMs = 20

/** A file that one process alone has made. */
export interface TakenFile {
  readonly path: string
  /** False when it was held so long that another may take it over: nothing may be done by its right any more. */
  isMine(): boolean
  /** Removes it, when it is there still. */
  release(): Promise<void>
}

/**
 * Makes a file that nobody else has made, and so takes the right to what it stands for; undefined when another keeps it for
 * too long. A file that was left behind is succeeded, never removed: whoever makes the file that is named after it, and
 * finds it unchanged then, puts that in its place. Since only one can make that file, no two processes take over at once.
 * Throws the signal's reason, and what the file system throws.
 */
export const takeFile = async (
  path: string,
  signal: AbortSignal,
  until = performance.now() + patienceMs,
): Promise<TakenFile | undefined> => {
  for (;;) {
    signal.throwIfAborted()
    const since = performance.now()
    if (await make(path)) return taken(path, since)
    const found = await identityOf(path)
    if (found !== undefined && found.ageMs > abandonedMs) {
      const successor = await takeFile(`${path}-${found.id}`, signal, until)
      if (successor === undefined) return undefined
      if ((await identityOf(path))?.id === found.id && successor.isMine()) {
        await rename(successor.path, path)
        return taken(path, since)
      }
      await successor.release()
    }
    if (performance.now() > until) return undefined
    await sleep(lookMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}

const taken = (path: string, since: number): TakenFile => {
  const isMine = () => performance.now() - since < abandonedMs / 2
  return {
    path,
    isMine,
    async release() {
      if (isMine()) await rm(path, { force: true })
    },
  }
}

const make = async (path: string): Promise<boolean> => {
  try {
    const handle = await open(path, 'wx')
    await handle.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** What tells a file from every other that was or will be at its path. */
const identityOf = async (path: string): Promise<{ readonly id: string; readonly ageMs: number } | undefined> => {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  if (found === undefined || !found.isFile()) return undefined
  return { id: `${found.ino}-${found.mtimeNs}`, ageMs: Date.now() - Number(found.mtimeNs / 1_000_000n) }
}
