import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../support/project-files.ts'
import { median } from './figures.ts'

/** What one way to move a million rows did. */
interface StreamFigure {
  readonly target: string
  readonly rowsPerSecond: number
  /** Most resident memory of its processes, MiB. */
  readonly peakMib: number
  /** Bytes received, where there is a wire. */
  readonly bytes?: number
}

export const streamedRows = 1_000_000

const sqls = {
  postgres: `SELECT scan.* FROM scan, generate_series(1, ${streamedRows / 1000}) g`,
  duckdb: `SELECT * FROM flights LIMIT ${streamedRows}`,
} as const
type Database = keyof typeof sqls

const port = 45_874
const flights = resolve(root, 'node_modules/vega-datasets/data/flights-3m.parquet')

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

/** Most resident memory so far of a process and its children, MiB. */
const peakOf = (pid: number): number => {
  const own = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
  return childrenOf(pid).reduce((sum, child) => sum + peakOf(child), own)
}

/** Forgets the most so far. proc(5), clear_refs. */
const forgetPeak = (pid: number): void => {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  for (const child of childrenOf(pid)) forgetPeak(child)
}

/** The drivers as their manuals show them: pg gives all rows at once, DuckDB chunk by chunk. */
const bare: Readonly<Record<Database, string>> = {
  postgres: `
import pg from 'pg'
const client = new pg.Client({ connectionString: process.env.BENCH_URL })
await client.connect()
process.stdout.write('ready\\n')
const started = performance.now()
const { rows } = await client.query({ text: process.env.BENCH_SQL, rowMode: 'array' })
process.stdout.write(JSON.stringify({ rows: rows.length, ms: performance.now() - started }) + '\\n')
setInterval(() => {}, 1000)`,
  duckdb: `
import { DuckDBInstance } from '@duckdb/node-api'
const connection = await (await DuckDBInstance.create(':memory:')).connect()
await connection.run("CREATE VIEW flights AS FROM '${flights}'")
process.stdout.write('ready\\n')
const started = performance.now()
const result = await connection.stream(process.env.BENCH_SQL)
let rows = 0
for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) rows += chunk.getRows().length
process.stdout.write(JSON.stringify({ rows, ms: performance.now() - started }) + '\\n')
setInterval(() => {}, 1000)`,
}

/** The lines that a process prints, one after the other. */
const linesOf = (child: ChildProcess): (() => Promise<string>) => {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return async () => {
    while (!text.includes('\n')) await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')
    const end = text.indexOf('\n')
    const line = text.slice(0, end)
    text = text.slice(end + 1)
    return line
  }
}

const measureBare = async (database: Database, url: string): Promise<StreamFigure> => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', bare[database]], {
    cwd: root,
    env: { ...process.env, BENCH_URL: url, BENCH_SQL: sqls[database] },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const next = linesOf(child)
  await next()
  const { rows, ms } = JSON.parse(await next()) as { rows: number; ms: number }
  if (rows !== streamedRows) throw new Error(`the bare driver gave ${rows} rows`)
  const peakMib = peakOf(child.pid as number)
  child.kill('SIGKILL')
  return { target: `bare ${database === 'postgres' ? 'pg' : 'duckdb'}`, rowsPerSecond: (rows / ms) * 1000, peakMib }
}

/** A server of its own for each figure, so that its memory is that of one stream. */
const measureStream = async (database: Database, form: 'NDJSON' | 'Arrow', folder: string, url: string): Promise<StreamFigure> => {
  const child = spawn(process.execPath, [resolve(root, 'dist/main.js'), 'serve', '--project', folder, '--port', String(port), '--json'], {
    env: { ...process.env, BENCH_URL: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await linesOf(child)()
  const ask = (sql: string) =>
    fetch(`http://127.0.0.1:${port}/api/v1/execute_query`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: form === 'NDJSON' ? 'application/x-ndjson' : 'application/vnd.apache.arrow.stream',
      },
      body: JSON.stringify({ source: database === 'postgres' ? 'pg' : 'duck', sql }),
    })
  // The engine compiles the parser of the guard once more after its first use, for which it takes half a gigabyte for a moment.
  await (await ask(`SELECT * FROM (${sqls[database]}) AS rows LIMIT 1`)).arrayBuffer()
  await sleep(3_000)
  forgetPeak(child.pid as number)
  const started = performance.now()
  const response = await ask(sqls[database])
  let bytes = 0
  let tail = Buffer.alloc(0)
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    bytes += chunk.length
    tail = Buffer.concat([tail, chunk]).subarray(-4096)
  }
  const ms = performance.now() - started
  if (!tail.includes(`"row_count":${streamedRows}`)) throw new Error(`the stream is not whole: ${tail.subarray(-300)}`)
  const peakMib = peakOf(child.pid as number)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return { target: `${form}, ${database}`, rowsPerSecond: (streamedRows / ms) * 1000, peakMib, bytes }
}

/** A million rows of 8 columns from Postgres, and of the columns there are from DuckDB, against the bare drivers. */
export const measureStreams = async ({ folder, url, rounds }: { folder: string; url: string; rounds: number }): Promise<StreamFigure[]> => {
  const collected = new Map<string, StreamFigure[]>()
  for (let round = 0; round < rounds; round++)
    for (const database of ['postgres', 'duckdb'] as const)
      for (const measure of [
        () => measureStream(database, 'NDJSON', folder, url),
        () => measureStream(database, 'Arrow', folder, url),
        () => measureBare(database, url),
      ]) {
        const figure = await measure()
        collected.set(figure.target, [...(collected.get(figure.target) ?? []), figure])
      }
  return [...collected.values()].map((figures) => ({
    ...(figures[0] as StreamFigure),
    rowsPerSecond: median(figures.map((figure) => figure.rowsPerSecond)),
    peakMib: median(figures.map((figure) => figure.peakMib)),
  }))
}

export const printStreams = (figures: readonly StreamFigure[]): string =>
  [
    `## ${streamedRows.toLocaleString('en')} rows in one answer`,
    '| target | rows/s | peak MiB | bytes |',
    '| --- | ---: | ---: | ---: |',
    ...figures.map((one) => `| ${one.target} | ${one.rowsPerSecond.toFixed(0)} | ${one.peakMib.toFixed(0)} | ${one.bytes ?? ''} |`),
    '',
  ].join('\n')
