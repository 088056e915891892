import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { makeKey } from '../../server/access/api-key.ts'
import { root } from '../support/project-files.ts'
import { type Aim, aimAtLeast, aimAtMost, type Figure, median, medianFigure, printFigures } from './figures.ts'
import { lookupSql, scanSql } from './floors.ts'
import { loadOf, type Target } from './http-targets.ts'

const ports = { off: 45_874, on: 45_875, shared: 45_878, collector: 45_876 }
const names = { off: 'nothing around it', on: 'key, quotas, audit and OTLP', shared: 'the same, counted in Postgres' }
type Which = keyof typeof names

/** Loads are short and in turn, and ratios those of neighbours: the speed of a machine that is shared changes within seconds. */
const rounds = 9

const loads: readonly { readonly load: string; readonly sql: string; readonly connections: number; readonly whichs: readonly Which[] }[] = [
  { load: 'SELECT 1', sql: 'SELECT 1', connections: 1, whichs: ['off', 'on', 'shared'] },
  { load: 'SELECT 1', sql: 'SELECT 1', connections: 16, whichs: ['off', 'on', 'shared'] },
  { load: 'point lookup', sql: lookupSql, connections: 16, whichs: ['off', 'on'] },
  { load: '1,000 x 8', sql: scanSql, connections: 16, whichs: ['off', 'on'] },
]

/** Takes what is exported and keeps nothing of it. */
const collector = `
import { createServer } from 'node:http'
createServer((request, response) => request.resume().on('end', () => response.end())).listen(${ports.collector}, '127.0.0.1')
`

const quota =
  '{ calls_per_minute: 1000000, concurrent_calls: 10000, rows_per_day: 1000000000000, bytes_per_day: 1000000000000, tokens_per_day: 1000000000000 }'
const settings = `access: {}
audit: {}
quotas:
  caller: ${quota}
  project: ${quota}
  tools: { execute_query: ${quota} }
`

/** A project of one Postgres source, with all that may stand around a call, or with nothing of it. */
const projectOf = (more: string, keys: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'dataface-bench-around-'))
  mkdirSync(join(folder, '.dataface'))
  writeFileSync(join(folder, '.dataface/keys.json'), keys)
  writeFileSync(
    join(folder, 'dataface.yml'),
    `name: bench\n${more}sources:\n  pg: { type: postgres, limits: { max_concurrency: 4 }, sslmode: disable, url: "{{ env_var('BENCH_URL') }}" }\n`,
  )
  return folder
}

/** How long a statement that writes a row takes there and back, milliseconds: the median of many. */
const roundTrip = async (url: string): Promise<number> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('SET synchronous_commit = off; CREATE TABLE IF NOT EXISTS counts (key text PRIMARY KEY, calls bigint)')
    const times: number[] = []
    for (let turn = 0; turn < 2_000; turn++) {
      const started = performance.now()
      await client.query('INSERT INTO counts AS c VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET calls = c.calls + 1', ['a'])
      times.push(performance.now() - started)
    }
    return median(times)
  } finally {
    await client.end()
  }
}

/**
 * What authentication, quotas, the record of calls and exported telemetry cost together: the same calls of the same built server with
 * and without them, in turn, counted in memory and in Postgres. Metrics are counted in all. More limits than a server has calls: the
 * bucket is asked, and never refuses. `url` is that of a reader, `owner` of who may make tables.
 */
export const measureAroundCalls = async (
  { url, owner }: { readonly url: string; readonly owner: string },
  seconds: number,
): Promise<{ readonly report: string; readonly aims: readonly Aim[] }> => {
  const { text: key, kept } = makeKey({ name: 'bench', scopes: ['dataface:read'] }, new Date())
  const keys = JSON.stringify({ format: 1, keys: [kept] })
  const start = (folder: string, port: number, env: NodeJS.ProcessEnv = {}): ChildProcess =>
    spawn(process.execPath, [resolve(root, 'dist/main.js'), 'serve', '--project', folder, '--port', String(port)], {
      env: { ...process.env, BENCH_URL: url, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  const otlp = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.collector}` }
  const children = {
    collector: spawn(process.execPath, ['--input-type=module', '-e', collector], { stdio: ['ignore', 'ignore', 'inherit'] }),
    off: start(projectOf('', keys), ports.off),
    on: start(projectOf(settings, keys), ports.on, otlp),
    shared: start(projectOf(settings, keys), ports.shared, { ...otlp, DATAFACE_STATE_URL: owner }),
  }
  const targetOf = (which: Which): Target => ({
    name: names[which],
    port: ports[which],
    path: '/mcp',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-06-18',
      ...(which !== 'off' && { authorization: `Bearer ${key}` }),
    },
    pid: children[which].pid as number,
    body: (sql) =>
      JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'execute_query', arguments: { source: 'pg', sql, limit: 1000, max_tokens: 10_000_000 } },
      }),
  })
  try {
    const all = Object.keys(names) as Which[]
    for (const which of all) await ready(ports[which])
    const targets = all.map(targetOf)
    for (const target of targets) await loadOf(target, { load: 'warm', sql: 'SELECT 1', connections: 16, seconds: 2 })
    const figures = new Map<string, Figure[]>()
    for (let round = 0; round < rounds; round++)
      for (const { load, sql, connections, whichs } of loads) {
        const chosen = whichs.map((which) => targets[all.indexOf(which)] as Target)
        for (const target of round % 2 === 0 ? chosen : chosen.toReversed()) {
          const figure = await loadOf(target, { load, sql, connections, seconds })
          const name = `${target.name} ${load} ${connections}`
          figures.set(name, [...(figures.get(name) ?? []), figure])
        }
      }
    const trip = await roundTrip(owner)
    const of = (which: Which, load: string): readonly Figure[] => figures.get(`${names[which]} ${load}`) ?? []
    /** The median of what is told of two loads that were neighbours. */
    const between = (which: Which, other: Which, load: string, tell: (one: Figure, two: Figure) => number): number =>
      median(of(which, load).map((one, round) => tell(one, of(other, load)[round] as Figure)))
    const later = (one: Figure, two: Figure): number => one.p50Ms - two.p50Ms
    const share = (load: string): number => between('on', 'off', `${load} 16`, (one, two) => one.rate / two.rate)
    return {
      report: printFigures('Around a call', [...figures.values()].map(medianFigure)),
      aims: [
        aimAtMost(
          'authentication, quotas, audit and telemetry, SELECT 1 over MCP HTTP, one client, ms',
          between('on', 'off', 'SELECT 1 1', later),
          0.3,
        ),
        ...['SELECT 1', 'point lookup', '1,000 x 8'].map((load) =>
          aimAtLeast(`rate with them / without, ${load}, 16 clients`, share(load), 0.85),
        ),
        aimAtMost(
          `counted in Postgres, beyond memory, one client / a statement there that writes a row (${trip.toFixed(2)} ms)`,
          between('shared', 'on', 'SELECT 1 1', later) / trip,
          1,
        ),
      ],
    }
  } finally {
    for (const child of Object.values(children)) child.kill('SIGKILL')
  }
}

const ready = async (port: number): Promise<void> => {
  for (let turn = 0; turn < 400; turn++) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    if (answer?.status === 200) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error('a server did not become ready')
}
