import { readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { makeKey } from '../../server/access/api-key.ts'
import type { AnyEnvelope } from '../support/doors.ts'
import { startServed } from '../support/served-process.ts'

/** What a server holds while nothing is asked of it. */
export interface Held {
  /** Bytes that are alive once garbage is collected. */
  readonly aliveBytes: number
  /** Open files and sockets. */
  readonly handles: number
  /** Sessions of its login that run a statement or hold a transaction. */
  readonly busySessions: number
}

export interface StressServer {
  readonly url: string
  readonly folder: string
  readonly pid: number
  held(): Promise<Held>
  stop(): Promise<void>
}

/** On SIGUSR2, collects garbage and prints the bytes that are alive. */
const memoryProbe = `process.on('SIGUSR2', async () => {
  for (let turn = 0; turn < 3; turn++) { gc(); await new Promise((done) => setTimeout(done, 20)) }
  const { heapUsed, external } = process.memoryUsage()
  process.stderr.write('alive=' + (heapUsed + external) + '\\n')
})`

/** Serves a folder with these files; one that holds several projects when `projects` says so. `database` is asked for sessions. */
export const startStressServer = async (files: Readonly<Record<string, string>>, database: string): Promise<StressServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'dataface-stress-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  const flags = ['--expose-gc', '--import', `data:text/javascript,${encodeURIComponent(memoryProbe)}`]
  const served = await startServed(['--project', folder, '--port', '0'], { DB: database, DATAFACE_DRAIN_SECONDS: '0' }, flags)
  const pid = served.child.pid as number
  return {
    url: served.url,
    folder,
    pid,
    async held() {
      const before = served.errors().length
      served.child.kill('SIGUSR2')
      for (;;) {
        const alive = /alive=(\d+)/.exec(served.errors().slice(before))?.[1]
        if (alive !== undefined)
          return {
            aliveBytes: Number(alive),
            handles: readdirSync(`/proc/${pid}/fd`).length,
            busySessions: await countBusy(database),
          }
        await new Promise((done) => setTimeout(done, 20))
      }
    },
    async stop() {
      served.child.kill('SIGTERM')
      await served.ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const countBusy = async (database: string): Promise<number> => {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  const { rowCount } = await client.query(
    "SELECT 1 FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid() AND state <> 'idle'",
  )
  await client.end()
  return rowCount ?? 0
}

/** Calls a tool. */
export type Caller = (tool: string, input: unknown, signal: AbortSignal) => Promise<AnyEnvelope>

/** A caller over REST with a connection of its own. */
export const restCaller = (url: string, headers: Readonly<Record<string, string>> = {}): Caller => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return async (tool, input, signal) => JSON.parse(await post(`${url}/api/v1/${tool}`, headers, input, agent, signal)) as AnyEnvelope
}

/** A session over MCP with a connection of its own. */
export const mcpSession = async (url: string, headers: Readonly<Record<string, string>> = {}): Promise<Caller> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const all = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25', ...headers }
  let id = 0
  const send = async (method: string, params: unknown, signal: AbortSignal): Promise<unknown> => {
    const text = await post(`${url}/mcp`, all, { jsonrpc: '2.0', id: ++id, method, params }, agent, signal)
    return JSON.parse(text.startsWith('{') ? text : (/^data: (.+)$/m.exec(text)?.[1] ?? '')) as unknown
  }
  const clientInfo = { name: 'stress', version: '1' }
  await send('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }, AbortSignal.timeout(60_000))
  return async (tool, input, signal) => {
    const { result, error } = (await send('tools/call', { name: tool, arguments: input }, signal)) as {
      result?: { structuredContent?: AnyEnvelope }
      error?: { data?: AnyEnvelope }
    }
    const answer = result?.structuredContent ?? error?.data
    if (answer === undefined) throw new Error('an answer without an envelope')
    return answer
  }
}

const post = (url: string, headers: Readonly<Record<string, string>>, body: unknown, agent: Agent, signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, signal, headers: { 'content-type': 'application/json', ...headers } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve(text)).on('error', reject)
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })

/** A file of keys, and the header of the caller that each name stands for. */
export const keysFor = (
  ...names: string[]
): { readonly file: string; readonly headers: Readonly<Record<string, Record<string, string>>> } => {
  const made = names.map((name) => ({ name, ...makeKey({ name, scopes: ['dataface:write'] }, new Date()) }))
  return {
    file: JSON.stringify({ format: 1, keys: made.map(({ kept }) => kept) }),
    headers: Object.fromEntries(made.map(({ name, text }) => [name, { authorization: `Bearer ${text}` }])),
  }
}
