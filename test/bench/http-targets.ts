import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../support/project-files.ts'
import type { Figure } from './figures.ts'
import { lookupSql, scanSql } from './floors.ts'

const run = promisify(execFile)

/** A server that answers a query by one HTTP request. */
export interface Target {
  readonly name: string
  readonly port: number
  readonly path: string
  readonly headers: Record<string, string>
  readonly pid: number
  body(sql: string): string
}

/** What DuckDB is asked in place of a table of Postgres. */
const duckdbSqls: Readonly<Record<string, string>> = { [lookupSql]: 'SELECT * FROM flights LIMIT 1', [scanSql]: 'SELECT * FROM flights' }

const json = { 'content-type': 'application/json' }
const mcp = { ...json, accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-06-18' }
const callTool = (name: string, args: unknown) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } })

const ports = { dataface: 45_871, toolbox: 45_872, hono: 45_873, dbhub: 45_877 }

/** Fetched by npm when it is measured: it brings the drivers of every database and cloud, which nothing else here needs. */
const dbhub = '@bytebase/dbhub@1.4.0'

/** CPU time of a process and its threads so far, microseconds. */
const cpuOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** Loads one target from a process of its own. */
export const loadOf = async (
  target: Target,
  { load, sql, connections, seconds }: { load: string; sql: string; connections: number; seconds: number },
): Promise<Figure> => {
  const order = { port: target.port, path: target.path, headers: target.headers, body: target.body(sql), connections, seconds, expect: '1' }
  const before = cpuOf(target.pid)
  const { stdout } = await run(process.execPath, [resolve(import.meta.dirname, 'load-client.ts'), JSON.stringify(order)])
  const result = JSON.parse(stdout) as { calls: number; rate: number; p50: number; p99: number; bytesPerCall: number }
  const warm = Math.min(1, seconds * 0.25)
  const calls = result.rate * (seconds + warm)
  return {
    target: target.name,
    load: `${load}, ${connections}`,
    rate: result.rate,
    p50Ms: result.p50,
    p99Ms: result.p99,
    bytesPerCall: result.bytesPerCall,
    cpuUs: (cpuOf(target.pid) - before) / calls,
  }
}

/** Starts the built server, two peers, and a bare Hono route that answers a constant. */
export const startServer = async ({ folder, postgres, url: reader }: { folder: string; postgres: string; url: string }) => {
  const url = new URL(postgres)
  const node = process.execPath
  const children: ChildProcess[] = [
    spawn(node, [resolve(root, 'dist/main.js'), 'serve', '--project', folder, '--port', String(ports.dataface)], {
      env: { ...process.env, BENCH_URL: reader },
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
    }),
    spawn(
      resolve(root, 'node_modules/.bin/toolbox'),
      ['--prebuilt', 'postgres', '--port', String(ports.toolbox), '--disable-version-check', '--log-level', 'ERROR'],
      {
        env: {
          ...process.env,
          POSTGRES_HOST: url.hostname,
          POSTGRES_PORT: url.port,
          POSTGRES_DATABASE: 'postgres',
          POSTGRES_USER: url.username,
          POSTGRES_PASSWORD: url.password,
        },
        stdio: 'ignore',
        detached: true,
      },
    ),
    spawn(node, ['--input-type=module', '-e', honoRoute], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], detached: true }),
    spawn('npx', ['--yes', dbhub, '--transport', 'http', '--port', String(ports.dbhub), '--dsn', `${postgres}?sslmode=disable`], {
      cwd: folder,
      stdio: 'ignore',
      detached: true,
    }),
  ]
  const [dataface, toolbox, hono, dbhubLauncher] = children.map((child) => child.pid as number) as [number, number, number, number]
  await Promise.all([
    waitFor(`http://127.0.0.1:${ports.dataface}/readyz`),
    waitFor(`http://127.0.0.1:${ports.toolbox}/`),
    waitFor(`http://127.0.0.1:${ports.hono}/`),
    waitFor(`http://127.0.0.1:${ports.dbhub}/`, 180),
  ])
  const ours = (name: string, source: string): Target => ({
    name,
    port: ports.dataface,
    path: '/mcp',
    headers: mcp,
    pid: dataface,
    body: (sql) =>
      callTool('execute_query', {
        source,
        sql: source === 'duck' ? (duckdbSqls[sql] ?? sql) : sql,
        limit: 1000,
        max_tokens: 10_000_000,
      }),
  })
  const list: Target = { ...ours('tools/list', 'pg'), body: () => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }) }
  return {
    all: [
      ours('MCP HTTP, postgres', 'pg'),
      ours('MCP HTTP, duckdb', 'duck'),
      {
        name: 'REST, postgres',
        port: ports.dataface,
        path: '/api/v1/execute_query',
        headers: json,
        pid: dataface,
        body: (sql) => JSON.stringify({ source: 'pg', sql, limit: 1000, max_tokens: 10_000_000 }),
      },
      {
        name: 'toolbox',
        port: ports.toolbox,
        path: '/mcp',
        headers: mcp,
        pid: workerOf(toolbox),
        body: (sql) => callTool('execute_sql', { sql }),
      },
      {
        name: 'dbhub',
        port: ports.dbhub,
        path: '/mcp',
        headers: mcp,
        pid: workerOf(dbhubLauncher),
        body: (sql) => callTool('execute_sql', { sql }),
      },
      { name: 'bare Hono route', port: ports.hono, path: '/', headers: json, pid: hono, body: (sql) => JSON.stringify({ sql }) },
    ] satisfies Target[],
    listTools: (seconds: number) => loadOf(list, { load: 'tools/list', sql: '', connections: 1, seconds }),
    close: async () => {
      // The peer is a process of its launcher's: each is ended with its group.
      for (const child of children) process.kill(-(child.pid as number), 'SIGKILL')
    },
  }
}

const honoRoute = `
import { Hono } from 'hono'
import { serve } from '@hono/node-server'
const app = new Hono()
app.all('/', (context) => context.json({ rows: [[1]] }))
serve({ fetch: app.fetch, port: ${ports.hono}, hostname: '127.0.0.1' })
`

/** The process that a launcher ends up in: the last of its line. */
const workerOf = (launcher: number): number => {
  const [child] = readFileSync(`/proc/${launcher}/task/${launcher}/children`, 'utf8').trim().split(' ')
  return child ? workerOf(Number(child)) : launcher
}

const waitFor = async (url: string, seconds = 10): Promise<void> => {
  for (let i = 0; i < seconds * 20; i++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error(`${url} did not come up`)
}
