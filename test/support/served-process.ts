import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { root } from './project-files.ts'

export interface ServedProcess {
  /** `http://127.0.0.1:4321`. */
  readonly url: string
  readonly child: ChildProcess
  /** What was written to standard error so far. */
  readonly errors: () => string
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>
}

/**
 * `dft serve` as a process of its own that listens; its sources may not have been asked yet. It has a session of its own as a
 * service has, since Linux shares processors out by session: in ours it would have a part of what our work has.
 */
export const startServed = async (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<ServedProcess> => {
  const child = spawn(process.execPath, [...flags, join(root, 'server/cli/main.ts'), 'serve', ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  // Ctrl-C does not reach it there.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  let [out, err] = ['', '']
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      const found = /http:\/\/[\d.]+:\d+(?=\/)/.exec(out)?.[0]
      if (found !== undefined) resolve(found)
    })
    void ended.then((code) => reject(new Error(`dft serve ended with ${code}: ${err}`)))
  })
  return { url, child, errors: () => err, ended }
}
