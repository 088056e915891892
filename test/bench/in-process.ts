import { resolve } from 'node:path'
import { encodeEnvelope } from '../../server/envelope/envelope.ts'
import { openDataface } from '../../server/main.ts'
import { openConfig } from '../../server/projects/open-project.ts'
import { readProject } from '../../server/projects/read-project.ts'
import { type Figure, median } from './figures.ts'
import { duckdbScanSql, type Floors } from './floors.ts'

interface Options {
  readonly folder: string
  readonly url: string
  readonly floors: Floors
  readonly sqls: Readonly<Record<string, string>>
  readonly seconds: number
}

/** What DuckDB is asked in place of a table of Postgres; the point lookup has none. */
const duckdbSqls: Readonly<Record<string, string>> = { 'SELECT 1': 'SELECT 1', '1,000 x 8': duckdbScanSql }

/** Dispatch without a door, beside the bare drivers, one call after the other. */
export const measureInProcess = async ({
  folder,
  url,
  floors,
  sqls,
  seconds,
}: Options): Promise<{ figures: Figure[]; overheadMs: number; duckdbRatios: Readonly<Record<string, number>> }> => {
  const { config } = await readProject(resolve(folder), { BENCH_URL: url })
  if (config === undefined) throw new Error('the project of the benchmark does not open')
  const dataface = openDataface({ project: openConfig({ config, log: () => {} }), log: () => {} })
  const signal = new AbortController().signal
  const dispatch = (source: string) => async (sql: string) => {
    const envelope = await dataface.dispatcher.dispatch({
      tool: 'execute_query',
      input: { source, sql, limit: 1000, max_tokens: 10_000_000 },
      door: 'inside',
      caller: { id: 'bench' },
      signal,
    })
    if (!envelope.success) throw new Error(JSON.stringify(envelope.errors))
    return encodeEnvelope(envelope)
  }
  const targets: Record<string, (sql: string) => Promise<unknown>> = {
    'dispatch, postgres': dispatch('pg'),
    'bare pg': floors.pg,
    'dispatch, duckdb': dispatch('duck'),
    'bare duckdb': floors.duckdb,
  }
  const figures: Figure[] = []
  for (const [load, sql] of Object.entries(sqls)) {
    for (const [target, call] of Object.entries(targets)) {
      const asked = target.endsWith('duckdb') ? duckdbSqls[load] : sql
      if (asked !== undefined) figures.push(await timeCalls(target, load, () => call(asked), seconds))
    }
  }
  await dataface.close()
  const p50 = (target: string, load: string): number =>
    figures.find((figure) => figure.target === target && figure.load === load)?.p50Ms ?? Number.NaN
  return {
    figures,
    overheadMs: p50('dispatch, postgres', 'SELECT 1') - p50('bare pg', 'SELECT 1'),
    duckdbRatios: Object.fromEntries(
      Object.keys(duckdbSqls).map((load) => [load, p50('dispatch, duckdb', load) / p50('bare duckdb', load)]),
    ),
  }
}

const timeCalls = async (target: string, load: string, call: () => Promise<unknown>, seconds: number): Promise<Figure> => {
  for (let i = 0; i < 200; i++) await call()
  const times: number[] = []
  const until = performance.now() + seconds * 1000
  while (performance.now() < until) {
    const started = performance.now()
    await call()
    times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  return { target, load, rate: times.length / seconds, p50Ms: median(times), p99Ms: times[Math.floor(times.length * 0.99)] ?? Number.NaN }
}
