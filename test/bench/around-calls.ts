import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { makeKey } from '../../server/access/api-key.ts'
import { root } from '../support/project-files.ts'
import { type Aim, aimAtLeast, aimAtMost, type Figure, medianFigure, printFigures } from './figures.ts'
import { loadOf, type Target } from './http-targets.ts'

const ports = { off: 45_874, on: 45_875, collector: 45_876 }
const names = { off: 'nothing around it', on: 'key, quotas, audit and OTLP' }

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

/**
 * What authentication, quotas in memory, the record of calls and exported telemetry cost together: the same calls of the
 * same built server with and without them, in turn. Metrics are counted in both. More limits than a server has calls: the bucket is asked, and never refuses.
 */
export const measureAroundCalls = async (
  url: string,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<{ readonly report: string; readonly aims: readonly Aim[] }> => {
  const { text: key, kept } = makeKey({ name: 'bench', scopes: ['dataface:read'] }, new Date())
  const keys = JSON.stringify({ format: 1, keys: [kept] })
  const start = (folder: string, port: number, env: NodeJS.ProcessEnv = {}): ChildProcess =>
    spawn(process.execPath, [resolve(root, 'dist/main.js'), 'serve', '--project', folder, '--port', String(port)], {
      env: { ...process.env, BENCH_URL: url, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  const children = {
    collector: spawn(process.execPath, ['--input-type=module', '-e', collector], { stdio: ['ignore', 'ignore', 'inherit'] }),
    off: start(projectOf('', keys), ports.off),
    on: start(projectOf(settings, keys), ports.on, { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.collector}` }),
  }
  const targetOf = (which: 'off' | 'on'): Target => ({
    name: names[which],
    port: ports[which],
    path: '/mcp',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-06-18',
      ...(which === 'on' && { authorization: `Bearer ${key}` }),
    },
    pid: children[which].pid as number,
    body: (sql) =>
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'execute_query', arguments: { source: 'pg', sql } } }),
  })
  try {
    for (const port of [ports.off, ports.on]) await ready(port)
    const targets = [targetOf('off'), targetOf('on')]
    for (const target of targets) await loadOf(target, { load: 'warm', sql: 'SELECT 1', connections: 16, seconds })
    const figures = new Map<string, Figure[]>()
    for (let round = 0; round < rounds; round++)
      for (const connections of [1, 16])
        for (const target of targets) {
          const figure = await loadOf(target, { load: 'SELECT 1', sql: 'SELECT 1', connections, seconds })
          const name = `${target.name} ${connections}`
          figures.set(name, [...(figures.get(name) ?? []), figure])
        }
    const of = (which: 'off' | 'on', connections: number): Figure => medianFigure(figures.get(`${names[which]} ${connections}`) ?? [])
    return {
      report: printFigures('Around a call', [...figures.values()].map(medianFigure)),
      aims: [
        aimAtMost(
          'authentication, quotas, audit and telemetry, SELECT 1 over MCP HTTP, one client, ms',
          of('on', 1).p50Ms - of('off', 1).p50Ms,
          0.3,
        ),
        aimAtLeast('rate with them / without, 16 clients', of('on', 16).rate / of('off', 16).rate, 0.85),
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
