import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Fault } from '../../server/envelope/fault.ts'
import { checkReadOnly } from '../../server/guards/read-only.ts'
import { openDataface } from '../../server/main.ts'
import { openConfig } from '../../server/projects/open-project.ts'
import { defaultLimits } from '../../server/projects/project.ts'
import { CatalogStore } from '../../server/sources/catalog-store.ts'
import { openSource } from '../../server/sources/open.ts'
import type { Dialect, Source } from '../../server/sources/source.ts'
import { hasCases } from '../field/cases.ts'
import { createPostgres, fill, withClient, withDuckdb } from '../field/databases.ts'
import { attackScript, readAttacks, readHonest } from '../field/sql-cases.ts'
import { attacks } from '../guards/duckdb-attacks.ts'
import { honest, shop } from '../guards/duckdb-honest.ts'
import { hostileTexts } from '../guards/hostile-texts.ts'
import { type Aim, aimAtMost, median } from './figures.ts'

interface Guarded {
  readonly dialect: Dialect
  readonly source: Source
  readonly texts: readonly string[]
}

/** Times of one pass over all texts, milliseconds, and the longest time that the event loop stood still meanwhile. */
interface Pass {
  readonly times: readonly number[]
  readonly stallMs: number
}

/** Every case that is at hand: those of the field, else the project's own, which are in the words of DuckDB. */
const textsOf = (dialect: Dialect): readonly string[] =>
  hasCases()
    ? [...readAttacks(dialect), ...readHonest(dialect).flatMap(({ stages }) => stages.flatMap(({ cases }) => cases))].map(({ sql }) => sql)
    : [...Object.values(honest).flat(), ...Object.values(attacks).flatMap(({ sql }) => sql)]

const scriptOf = (dialect: Dialect): readonly string[] => (hasCases() ? attackScript(dialect) : shop)

const openGuarded = async (postgres: string, folder: string): Promise<readonly [Guarded, Guarded]> => {
  const url = await createPostgres(postgres)
  await withClient(url, (client) => fill((statement) => client.query(statement), scriptOf('postgres')))
  const path = join(folder, 'guard.duckdb')
  await withDuckdb(path, (connection) => fill((statement) => connection.run(statement), scriptOf('duckdb')))
  const open = (dialect: Dialect, config: Parameters<typeof openSource>[0]['config']): Guarded => ({
    dialect,
    source: openSource({ name: dialect, config, limits: defaultLimits, log: () => {} }),
    texts: textsOf(dialect),
  })
  return [open('postgres', { type: 'postgres', url, sslmode: 'disable' }), open('duckdb', { type: 'duckdb', path })]
}

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}

/** Runs `work` and says how long the event loop stood still at most, milliseconds. */
const withStall = async <T>(work: () => Promise<T>): Promise<{ value: T; stallMs: number }> => {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  const value = await work()
  delays.disable()
  return { value, stallMs: Math.max(0, delays.max / 1e6 - 1) }
}

/** Guards every text once and then once more. Metadata is read once, so that only the guard is timed. */
const timeGuard = async ({ source, texts }: Guarded): Promise<{ first: Pass; repeated: Pass }> => {
  const signal = new AbortController().signal
  const metadata = await source.introspect(signal)
  const catalog = new CatalogStore({ ...source, introspect: async () => metadata })
  const guard = async (sql: string): Promise<number> => {
    const started = performance.now()
    await checkReadOnly({ source, catalog }, sql, signal).catch((error: unknown) => {
      if (!(error instanceof Fault)) throw error
    })
    return performance.now() - started
  }
  for (const sql of texts.slice(0, 500)) await guard(`${sql}\n-- warm`)
  const first: number[] = []
  const repeated: number[] = []
  // What opening and filling the databases left behind is not the guard's to clear away.
  collectGarbage()
  const { stallMs } = await withStall(async () => {
    for (const sql of texts) {
      first.push(await guard(sql))
      // What is judged without waiting would else be counted together as one stall.
      await turn()
      repeated.push(await guard(sql))
      await turn()
    }
  })
  return { first: { times: first, stallMs }, repeated: { times: repeated, stallMs } }
}

const quantile = (times: readonly number[], share: number): number =>
  [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN

interface Refusal {
  readonly text: string
  readonly ms: number
  readonly stallMs: number
  readonly verdict: string
}

/** Sends hostile texts of a length through dispatch, one after the other. */
const timeHostile = async (config: Parameters<typeof openConfig>[0]['config'], source: string, length: number): Promise<Refusal[]> => {
  const dataface = openDataface({ project: openConfig({ config, log: () => {} }), log: () => {} })
  const ask = async (sql: string): Promise<string> => {
    const envelope = await dataface.dispatcher.dispatch({
      tool: 'execute_query',
      input: { source, sql },
      door: 'inside',
      caller: { id: 'bench' },
      signal: new AbortController().signal,
    })
    return envelope.success ? 'answered' : envelope.errors[0].code
  }
  for (let i = 0; i < 20; i++) await ask(`SELECT ${i}`)
  const refusals: Refusal[] = []
  for (const [text, sql] of Object.entries(hostileTexts(length))) {
    const started = performance.now()
    const { value: verdict, stallMs } = await withStall(() => ask(sql))
    refusals.push({ text, ms: performance.now() - started, stallMs, verdict })
  }
  await dataface.close()
  return refusals
}

/** What the guard costs on both databases, and how long hostile texts take. `postgres` is the address of a superuser. */
export const measureGuard = async (postgres: string): Promise<{ report: string; aims: Aim[] }> => {
  const folder = mkdtempSync(join(tmpdir(), 'dataface-bench-guard-'))
  const guarded = await openGuarded(postgres, folder)
  const aims: Aim[] = []
  const rows: string[] = []
  for (const one of guarded) {
    const { first, repeated } = await timeGuard(one)
    for (const [sight, { times, stallMs }] of Object.entries({ 'first sight': first, repeated })) {
      const p99 = quantile(times, 0.99)
      const figures = [median(times), p99, Math.max(...times), stallMs].map((value) => value.toFixed(3))
      rows.push(`| ${one.dialect} | ${sight} | ${one.texts.length} | ${figures.join(' | ')} |`)
      aims.push(aimAtMost(`guard, ${one.dialect}, ${sight}, p99, ms`, p99, 5))
    }
    aims.push(aimAtMost(`guard, ${one.dialect}, event loop stands still, ms`, first.stallMs, 20))
    await one.source.close()
  }
  const hostile: string[] = []
  const sources = {
    postgres: { type: 'postgres', url: postgres, sslmode: 'disable', allow_unproven: true },
    duckdb: { type: 'duckdb', path: join(folder, 'guard.duckdb') },
  } as const
  for (const source of ['postgres', 'duckdb'] as const)
    for (const length of [100_000, 1_000_000]) {
      const refusals = await timeHostile({ name: 'bench', sources }, source, length)
      for (const { text, ms, stallMs, verdict } of refusals)
        hostile.push(`| ${source} | ${text} | ${length} | ${ms.toFixed(1)} | ${stallMs.toFixed(1)} | ${verdict} |`)
      const longest = (of: (refusal: Refusal) => number) => Math.max(...refusals.map(of))
      if (length > 100_000)
        aims.push(
          aimAtMost(
            `hostile text of 1 MB, ${source}, refused, longest, ms`,
            longest(({ ms }) => ms),
            100,
          ),
        )
      aims.push(
        aimAtMost(
          `hostile texts of ${length / 1000} KB, ${source}, event loop stands still, ms`,
          longest(({ stallMs }) => stallMs),
          20,
        ),
      )
    }
  rmSync(folder, { recursive: true, force: true })
  return {
    report: [
      '## The guard',
      '| database | text | texts | median ms | p99 ms | longest ms | event loop stands still ms |',
      '| --- | --- | ---: | ---: | ---: | ---: | ---: |',
      ...rows,
      '',
      '## Hostile texts through dispatch',
      '| database | text | characters | ms | event loop stands still ms | answer |',
      '| --- | --- | ---: | ---: | ---: | --- |',
      ...hostile,
      '',
    ].join('\n'),
    aims,
  }
}
