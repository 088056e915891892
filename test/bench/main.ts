/**
 * `npm run bench`: what a call costs, beside the bare driver, a bare Hono route and a peer, all in one run. Rounds of
 * the targets are interleaved, figures are medians, aims are ratios. `--quick` shortens the rounds.
 * `npm run bench -- guard` measures the guard alone, `npm run bench -- boards` boards, `npm run bench -- contracts` what
 * contracts take to generate and check, and what their clients cost, `npm run bench -- around` what stands around a call.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startPostgres } from '../support/global-postgres.ts'
import { root } from '../support/project-files.ts'
import { measureAroundCalls } from './around-calls.ts'
import { measureBoards } from './boards.ts'
import { measureClients } from './clients.ts'
import { measureContracts } from './contracts.ts'
import { type Aim, aimAtLeast, aimAtMost, type Figure, median, medianFigure, printAims, printFigures } from './figures.ts'
import { benchSchema, lookupSql, openFloors, scanSql } from './floors.ts'
import { measureGuard } from './guard.ts'
import { loadOf, startServer, type Target } from './http-targets.ts'
import { measureInProcess } from './in-process.ts'
import { measureColdStart, measureMemory, measureStdio } from './processes.ts'
import { measureStreams, printStreams } from './streams.ts'

const quick = process.argv.includes('--quick')
const rounds = quick ? 2 : 3
const seconds = quick ? 2 : 5

if (process.argv.includes('guard')) {
  const cluster = await startPostgres()
  const { report, aims } = await measureGuard(cluster.url)
  await cluster.stop()
  console.log(report)
  console.log(printAims(aims))
  process.exit(aims.every((aim) => aim.met) ? 0 : 1)
}

if (process.argv.includes('contracts')) {
  const contracts = measureContracts()
  const clients = await measureClients()
  const aims = [...contracts.aims, ...clients.aims]
  console.log([contracts.report, clients.report].join('\n'))
  console.log(printAims(aims))
  process.exit(aims.every((aim) => aim.met) ? 0 : 1)
}

if (process.argv.includes('boards')) {
  const { report, aims } = await measureBoards(rounds * 5)
  console.log(report)
  console.log(printAims(aims))
  process.exit(aims.every((aim) => aim.met) ? 0 : 1)
}

if (process.argv.includes('around')) {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })
  const cluster = await startPostgres(['-c', 'max_connections=100'])
  const { report, aims } = await measureAroundCalls({ url: await benchSchema(cluster.url), owner: cluster.url }, seconds / 2)
  await cluster.stop()
  console.log(report)
  console.log(printAims(aims))
  process.exit(aims.every((aim) => aim.met) ? 0 : 1)
}

execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })
const postgres = await startPostgres(['-c', 'max_connections=100'])
const url = await benchSchema(postgres.url)
const folder = mkdtempSync(join(tmpdir(), 'dataface-bench-'))
writeFileSync(
  join(folder, 'dataface.yml'),
  `name: bench\nsources:\n  pg:\n    type: postgres\n    limits: { max_concurrency: 4 }\n    sslmode: disable\n    url: "{{ env_var('BENCH_URL') }}"\n  duck:\n    type: parquet\n    limits: { max_concurrency: 16 }\n    files: { flights: ${resolve(root, 'node_modules/vega-datasets/data/flights-3m.parquet')} }\n`,
)

const sections: string[] = []
const aims: Aim[] = []
const say = (text: string) => {
  sections.push(text)
  console.log(text)
}
const atLeast = (...aim: Parameters<typeof aimAtLeast>) => aims.push(aimAtLeast(...aim))
const atMost = (...aim: Parameters<typeof aimAtMost>) => aims.push(aimAtMost(...aim))

const targets = await startServer({ folder, postgres: postgres.url, url })
const floors = await openFloors(postgres.url)
try {
  const sqls = { 'SELECT 1': 'SELECT 1', 'point lookup': lookupSql, '1,000 x 8': scanSql }
  const http: Figure[] = []
  // Every target is warm before any is measured.
  for (const target of targets.all as readonly Target[])
    for (const sql of Object.values(sqls)) await loadOf(target, { load: 'warm', sql, connections: 16, seconds })
  for (const [load, sql] of Object.entries(sqls)) {
    for (const connections of [1, 16]) {
      const collected = new Map<string, Figure[]>()
      for (let round = 0; round < rounds; round++)
        for (const target of targets.all as readonly Target[]) {
          const figure = await loadOf(target, { load, sql, connections, seconds })
          collected.set(target.name, [...(collected.get(target.name) ?? []), figure])
        }
      http.push(...[...collected.values()].map(medianFigure))
    }
  }
  say(printFigures('Through HTTP', http))
  const find = (target: string, load: string): Figure => http.find((figure) => figure.target === target && figure.load === load) as Figure
  atLeast(
    'SELECT 1 over MCP HTTP, 16 clients, rate / toolbox',
    find('MCP HTTP, postgres', 'SELECT 1, 16').rate / find('toolbox', 'SELECT 1, 16').rate,
    1,
  )
  for (const clients of [16, 1])
    atMost(
      `SELECT 1 over MCP HTTP, ${clients} client${clients > 1 ? 's' : ''}, p50 / toolbox`,
      find('MCP HTTP, postgres', `SELECT 1, ${clients}`).p50Ms / find('toolbox', `SELECT 1, ${clients}`).p50Ms,
      1,
    )
  atLeast(
    '1,000 x 8 over MCP HTTP, 16 clients, rate / toolbox',
    find('MCP HTTP, postgres', '1,000 x 8, 16').rate / find('toolbox', '1,000 x 8, 16').rate,
    2.5,
  )

  const inProcess = await measureInProcess({ folder, url, floors, sqls, seconds })
  say(printFigures('In one process', inProcess.figures))
  atMost('in-process dispatch beyond the driver, SELECT 1, ms', inProcess.overheadMs, 0.1)
  for (const [load, ratio] of Object.entries(inProcess.duckdbRatios)) atMost(`DuckDB through its process / bare, ${load}`, ratio, 1.6)

  const streams = await measureStreams({ folder, url, rounds })
  say(printStreams(streams))
  const streamOf = (target: string) => streams.find((figure) => figure.target === target) as (typeof streams)[number]
  for (const [form, rate] of [
    ['NDJSON', 0.8],
    ['Arrow', 0.5],
  ] as const) {
    atLeast(
      `1,000,000 rows as ${form} from Postgres, rows/s / bare pg`,
      streamOf(`${form}, postgres`).rowsPerSecond / streamOf('bare pg').rowsPerSecond,
      rate,
    )
    atMost(
      `1,000,000 rows as ${form} from Postgres, peak memory / bare pg`,
      streamOf(`${form}, postgres`).peakMib / streamOf('bare pg').peakMib,
      0.75,
    )
  }

  const list = await targets.listTools(seconds)
  say(printFigures('tools/list', [list]))
  atMost('tools/list, ms', list.p50Ms, 1)

  const around = await measureAroundCalls({ url, owner: postgres.url }, seconds / 2)
  say(around.report)
  aims.push(...around.aims)

  const guard = await measureGuard(postgres.url)
  say(guard.report)
  aims.push(...guard.aims)

  const boards = await measureBoards(rounds * 5)
  say(boards.report)
  aims.push(...boards.aims)

  const stdio = await measureStdio({ folder, url, seconds })
  say(printFigures('Over stdio', stdio))

  const cold = await measureColdStart({ folder, url, runs: quick ? 5 : 9 })
  say(
    `## Cold start over stdio, spawn to first tools/list, ms (median)\n\n| dft mcp | bare SDK server |\n| ---: | ---: |\n| ${cold.ours.toFixed(0)} | ${cold.bare.toFixed(0)} |\n`,
  )
  atMost('cold start over stdio / bare SDK server', cold.ours / cold.bare, 1.5)

  const memory = await measureMemory({ folder, url })
  const mib = (value: number) => value.toFixed(1)
  say(
    `## Memory of the server, MiB\n\n| | after 2,000 calls | after 10,000 calls |\n| --- | ---: | ---: |\n| alive | ${mib(memory.early.alive)} | ${mib(memory.late.alive)} |\n| resident | ${mib(memory.early.resident)} | ${mib(memory.late.resident)} |\n`,
  )
  atMost('memory alive after 10,000 calls / after 2,000', memory.late.alive / memory.early.alive, 1.05)
} finally {
  await floors.close()
  await targets.close()
  await postgres.stop()
}
say(printAims(aims))
console.log(
  `median of ${rounds} rounds of ${seconds} s; node ${process.version}; ratios are of one run (${median([rounds])} rounds interleaved)`,
)
process.exit(aims.every((aim) => aim.met) ? 0 : 1)
