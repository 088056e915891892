import type { SourceConfig } from '../../contracts/v1/project.ts'
import { Fault } from '../envelope/fault.ts'
import type { Log } from '../operations/log.ts'
import type { SourceLimits } from '../projects/project.ts'
import type { Dialect, Source } from './source.ts'
import { watchedSource } from './watched-source.ts'

export interface OpenSourceOptions {
  readonly name: string
  /** Paths in it are absolute. */
  readonly config: SourceConfig
  readonly limits: SourceLimits
  readonly log: Log
}

interface Adapter {
  readonly dialect: Dialect
  readonly defaultSchema: string
  readonly isRemote?: true
  load(): Promise<Source>
}

/** Makes a source that loads its adapter, and with it the driver, on first use. Cheap, and never fails. */
export const openSource = ({ name, config, limits, log }: OpenSourceOptions): Source => {
  const adapter = adapterOf({ name, config, limits, log })
  let loading: Promise<Source> | undefined
  let loaded: Source | undefined
  let closed = false

  const load = async (): Promise<Source> => {
    if (closed) throw new Fault('NOT_READY', 'The source is closed.')
    loading ??= adapter.load()
    loaded = await loading
    return loaded
  }

  return watchedSource({
    name,
    type: config.type,
    dialect: adapter.dialect,
    description: config.description,
    ...(adapter.isRemote === true && { isRemote: true }),
    defaultSchema: adapter.defaultSchema,
    // Once loaded, the hot path waits for nothing.
    analyze: (sql, signal) => loaded?.analyze(sql, signal) ?? load().then((source) => source.analyze(sql, signal)),
    query: (query) => loaded?.query(query) ?? load().then((source) => source.query(query)),
    stream: async (query) => (await load()).stream(query),
    introspect: async (signal) => (await load()).introspect(signal),
    sample: async (table, rows, signal, basis) => (await load()).sample(table, rows, signal, basis),
    prove: async (signal) => (await load()).prove(signal),
    pool: () => loaded?.pool() ?? { active: 0, idle: 0, waiting: 0 },
    async close() {
      closed = true
      const source = await loading?.catch(() => undefined)
      await source?.close()
    },
  })
}

/** The one place that knows which type of source is whose. */
const adapterOf = ({ name, config, limits, log }: OpenSourceOptions): Adapter => {
  const { type, description } = config
  if (type === 'postgres')
    return {
      dialect: 'postgres',
      isRemote: true,
      defaultSchema: config.schemas?.[0] ?? 'public',
      load: async () => (await import('./postgres/source.ts')).openPostgres({ name, description, config, limits, log }),
    }
  return {
    dialect: 'duckdb',
    defaultSchema: (type === 'duckdb' ? config.schema : undefined) ?? 'main',
    load: async () => (await import('./duckdb/source.ts')).openDuckdb({ name, type, description, config, limits, log }),
  }
}
