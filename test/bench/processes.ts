import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { root } from '../support/project-files.ts'
import { type Figure, median } from './figures.ts'

interface Options {
  readonly folder: string
  readonly url: string
}

type Child = ChildProcessByStdio<Writable, Readable, null>

/** A JSON-RPC peer on the standard streams of a process. */
const talkTo = (child: Child) => {
  const waiting = new Map<number, (answer: unknown) => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as { id: number }
    waiting.get(message.id)?.(message)
    waiting.delete(message.id)
  })
  let lastId = 0
  return (method: string, params: unknown): Promise<unknown> =>
    new Promise((done) => {
      const id = ++lastId
      waiting.set(id, done)
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    })
}

const initialize = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } }

const startOurs = ({ folder, url }: Options, flags: readonly string[] = [], stderr: 'inherit' | 'pipe' = 'inherit'): Child =>
  spawn(process.execPath, [...flags, resolve(root, 'dist/main.js'), 'mcp', '--project', folder], {
    env: { ...process.env, BENCH_URL: url },
    stdio: ['pipe', 'pipe', stderr],
  }) as Child

/** A server of the SDK with one tool and nothing else. */
const bareServer = `
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import * as z from 'zod'
serveStdio(() => {
  const server = new McpServer({ name: 'echo', version: '1.0.0' }, { capabilities: { tools: {} } })
  server.registerTool('echo', { description: 'Echoes.', inputSchema: z.object({ text: z.string() }) }, () => ({ content: [{ type: 'text', text: '1' }] }))
  return server
})
`
const startBare = (): Child =>
  spawn(process.execPath, ['--input-type=module', '-e', bareServer], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] }) as Child

const timeStart = async (start: () => Child): Promise<number> => {
  const started = performance.now()
  const child = start()
  const send = talkTo(child)
  await send('initialize', initialize)
  await send('tools/list', {})
  const took = performance.now() - started
  child.kill('SIGKILL')
  return took
}

/** Spawn to the answer of the first tools/list, ours and a bare SDK server in turn. */
export const measureColdStart = async ({ runs, ...options }: Options & { runs: number }): Promise<{ ours: number; bare: number }> => {
  const ours: number[] = []
  const bare: number[] = []
  for (let i = 0; i <= runs; i++) {
    const [one, other] = [await timeStart(() => startOurs(options)), await timeStart(startBare)]
    if (i > 0) {
      ours.push(one)
      bare.push(other)
    }
  }
  return { ours: median(ours), bare: median(bare) }
}

/** Calls over stdio with 16 in flight. */
export const measureStdio = async ({ seconds, ...options }: Options & { seconds: number }): Promise<Figure[]> => {
  const figures: Figure[] = []
  for (const [target, start, params] of [
    ['dft mcp, postgres', () => startOurs(options), { name: 'execute_query', arguments: { source: 'pg', sql: 'SELECT 1' } }],
    ['bare SDK server, no database', startBare, { name: 'echo', arguments: { text: 'x' } }],
  ] as const) {
    const child = start()
    const send = talkTo(child)
    await send('initialize', initialize)
    for (let i = 0; i < 500; i++) await send('tools/call', params)
    const times: number[] = []
    const until = performance.now() + seconds * 1000
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        while (performance.now() < until) {
          const started = performance.now()
          await send('tools/call', params)
          times.push(performance.now() - started)
        }
      }),
    )
    child.kill('SIGKILL')
    times.sort((a, b) => a - b)
    figures.push({
      target,
      load: 'SELECT 1, 16',
      rate: times.length / seconds,
      p50Ms: median(times),
      p99Ms: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
    })
  }
  return figures
}

/** On SIGUSR2, collects garbage and prints the bytes that are alive and those that are resident. */
const memoryProbe = `process.on('SIGUSR2', () => {
  gc()
  gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  process.stderr.write(JSON.stringify({ alive: heapUsed + external, resident: rss }) + '\\n')
})`

interface Memory {
  readonly alive: number
  readonly resident: number
}

/** Memory of a server after 2,000 and after 10,000 calls over stdio, MiB: what is alive after a collection, and what is resident. */
export const measureMemory = async (options: Options): Promise<{ early: Memory; late: Memory }> => {
  const child = startOurs(options, ['--expose-gc', '--import', `data:text/javascript,${encodeURIComponent(memoryProbe)}`], 'pipe')
  const { stderr } = child as unknown as { stderr: Readable }
  const send = talkTo(child)
  await send('initialize', initialize)
  const params = { name: 'execute_query', arguments: { source: 'pg', sql: 'SELECT * FROM lookup ORDER BY id LIMIT 50' } }
  const callUntil = async (from: number, to: number) => {
    for (let i = from; i < to; i += 8) await Promise.all(Array.from({ length: 8 }, () => send('tools/call', params)))
  }
  const measure = async (): Promise<Memory> => {
    child.kill('SIGUSR2')
    const [line] = (await once(stderr, 'data')) as [Buffer]
    const { alive, resident } = JSON.parse(String(line)) as Memory
    return { alive: alive / 1024 / 1024, resident: resident / 1024 / 1024 }
  }
  await callUntil(0, 2_000)
  const early = await measure()
  await callUntil(2_000, 10_000)
  const late = await measure()
  child.kill('SIGKILL')
  return { early, late }
}
