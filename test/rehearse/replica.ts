import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { waitUntil } from './wait-until.ts'

/** How long a start may take on a busy machine, milliseconds. */
const startMs = 60_000

/** One `dft serve` on a port of its own. */
export class Replica {
  readonly port: number
  readonly url: string
  #child: ChildProcess | undefined
  #log = ''

  constructor(port: number) {
    this.port = port
    this.url = `http://127.0.0.1:${port}`
  }

  /** What it has written to standard error, the end of it. */
  get log(): string {
    return this.#log
  }

  /** As `systemctl status` would say it. */
  get state(): string {
    return this.#child?.exitCode === null && this.#child.signalCode === null ? 'active (running)' : 'inactive (dead)'
  }

  /** Starts the release that lies in a folder, and waits until it takes calls. */
  async start(release: string, args: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<void> {
    const child = spawn(process.execPath, [join(release, 'server/cli/main.ts'), 'serve', ...args, '--port', String(this.port), '--json'], {
      cwd: release,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-100_000)
    })
    const isReady = async (): Promise<boolean> => {
      if (child.exitCode !== null) throw new Error(`a replica did not start:\n${this.#log}`)
      return fetch(`${this.url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
    }
    await waitUntil('a replica is ready', startMs, isReady)
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }
}
