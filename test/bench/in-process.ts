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

type Targets = Readonly<Record<string, (sql: string) => Promise<unknown>>>

/** Dispatch without a door, beside the bare drivers, one call at a time. */
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
  const targets: Readonly<Record<'postgres' | 'duckdb', Targets>> = {
    postgres: { 'dispatch, postgres': dispatch('pg'), 'bare pg': floors.pg },
    duckdb: { 'dispatch, duckdb': dispatch('duck'), 'bare duckdb': floors.duckdb },
  }
  const figures: Figure[] = []
  for (const [load, sql] of Object.entries(sqls)) {
    for (const engine of ['postgres', 'duckdb'] as const) {
      const asked = engine === 'duckdb' ? duckdbSqls[load] : sql
      if (asked !== undefined) figures.push(...(await timeInTurn(targets[engine], load, asked, seconds)))
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

/** Times calls of the targets one after the other, so that whatever else the machine does meets all alike. */
const timeInTurn = async (targets: Targets, load: string, sql: string, seconds: number): Promise<Figure[]> => {
  const timed = Object.entries(targets).map(([target, call]) => ({ target, call, times: [] as number[] }))
  for (let i = 0; i < 200; i++) for (const { call } of timed) await call(sql)
  const until = performance.now() + seconds * 1000 * timed.length
  while (performance.now() < until)
    for (const { call, times } of timed) {
      const started = performance.now()
      await call(sql)
      times.push(performance.now() - started)
    }
  return timed.map(({ target, times }) => {
    const spent = times.reduce((sum, time) => sum + time, 0)
    times.sort((a, b) => a - b)
    const p99Ms = times[Math.floor(times.length * 0.99)] ?? Number.NaN
    return { target, load, rate: (times.length / spent) * 1000, p50Ms: median(times), p99Ms }
  })
}
