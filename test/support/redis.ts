import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'

export interface TestRedis {
  readonly url: string
  readonly port: number
  /** Ends it as a crash does. */
  crash(): Promise<void>
  /** Starts it again, empty, on the same port. */
  start(): Promise<void>
  /** Lets it answer nobody, and then everybody again. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

/** Starts Debian's redis-server on a free port, without persistence. */
export const startRedis = async (): Promise<TestRedis> => {
  const port = await freePort()
  let child: ChildProcess | undefined
  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
      const started = spawn('redis-server', flags, { stdio: ['ignore', 'pipe', 'inherit'] })
      child = started
      started.once('error', () => reject(new Error('redis-server is not installed: apt-get install redis-server')))
      started.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
      started.stdout?.on('data', (text: Buffer) => {
        if (text.includes('Ready to accept connections')) resolve()
      })
    })
  const end = (): Promise<void> =>
    new Promise((resolve) => {
      const ended = child
      child = undefined
      if (ended === undefined) return resolve()
      ended.once('exit', () => resolve())
      ended.kill('SIGKILL')
    })
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    crash: end,
    start,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    stop: end,
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
