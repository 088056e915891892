import { resolve } from 'node:path'
import type { SourceConfig } from '../../contracts/v1/project.ts'
import type { Log } from '../operations/log.ts'
import type { SourceLimits } from '../projects/project.ts'
import type { Source } from './source.ts'

export interface OpenOptions {
  readonly name: string
  readonly config: SourceConfig
  /** Folder that relative paths start from. */
  readonly dir: string
  readonly limits: SourceLimits
  readonly log: Log
}

/** Makes the source that a configuration describes. Nothing is connected, opened or loaded before its first use. */
export const openSource = ({ name, config, dir, limits, log }: OpenOptions): Source => {
  const shown = { name, description: config.description, limits, log }
  if (config.type === 'postgres')
    return lazySource({ ...shown, type: 'postgres', dialect: 'postgres', defaultSchema: config.schemas?.[0] ?? 'public' }, async () =>
      (await import('./postgres/source.ts')).openPostgres({ ...shown, config }),
    )
  const { type } = config
  const path = type === 'duckdb' && config.path !== undefined ? resolve(dir, config.path) : undefined
  const files =
    config.files === undefined
      ? undefined
      : Object.fromEntries(Object.entries(config.files).map(([table, file]) => [table, resolve(dir, file)]))
  const datapackage = config.datapackage === undefined ? undefined : resolve(dir, config.datapackage)
  const schema = type === 'duckdb' ? config.schema : undefined
  return lazySource({ ...shown, type, dialect: 'duckdb', defaultSchema: schema ?? 'main' }, async () =>
    (await import('./duckdb/source.ts')).openDuckdb({ ...shown, type, config: { path, schema, files, datapackage } }),
  )
}

/** A source whose code is loaded on first use. */
const lazySource = (
  shown: Pick<Source, 'name' | 'type' | 'dialect' | 'description' | 'defaultSchema'>,
  load: () => Promise<Source>,
): Source => {
  let loading: Promise<Source> | undefined
  let loaded: Source | undefined
  const source = (): Promise<Source> => {
    loading ??= load().then((ready) => {
      loaded = ready
      return ready
    })
    return loading
  }
  return {
    name: shown.name,
    type: shown.type,
    dialect: shown.dialect,
    description: shown.description,
    defaultSchema: shown.defaultSchema,
    // Once loaded, no promise is awaited on the way.
    analyze: (sql, signal) => loaded?.analyze(sql, signal) ?? source().then((ready) => ready.analyze(sql, signal)),
    query: (query) => loaded?.query(query) ?? source().then((ready) => ready.query(query)),
    introspect: async (signal) => (await source()).introspect(signal),
    sample: async (table, rows, signal) => (await source()).sample(table, rows, signal),
    prove: async (signal) => (await source()).prove(signal),
    async close() {
      if (loading !== undefined) await (await loading).close()
    },
  }
}
