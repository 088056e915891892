import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'

/** How often a working process is looked at, milliseconds. */
const intervalMs = 100

export interface MemoryWatch {
  /** Looks from now on, until `stop`. */
  start(): void
  stop(): void
}

/** Calls back once, when the resident memory of a process passes `maxBytes` while it is watched. */
export const watchMemory = (pid: number | undefined, maxBytes: number, onPassed: (bytes: number) => void): MemoryWatch => {
  let timer: NodeJS.Timeout | undefined
  let looking = false
  const look = async (): Promise<void> => {
    if (looking || pid === undefined) return
    looking = true
    const bytes = await residentBytes(pid).catch(() => 0)
    looking = false
    if (bytes <= maxBytes || timer === undefined) return
    stop()
    onPassed(bytes)
  }
  const stop = (): void => {
    clearInterval(timer)
    timer = undefined
  }
  return {
    start() {
      timer ??= setInterval(look, intervalMs)
    },
    stop,
  }
}

/** Resident memory of a process as the system counts it. */
const residentBytes = async (pid: number): Promise<number> => {
  const kibibytes =
    process.platform === 'linux'
      ? /^VmRSS:\s*(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
      : await new Promise<string>((resolve, reject) =>
          execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, out) => (error === null ? resolve(out) : reject(error))),
        )
  return Number(kibibytes ?? 0) * 1024
}
