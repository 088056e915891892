import type { LimitsConfig, ProjectConfig, SourceConfig } from '../../contracts/v1/project.ts'
import { Fault } from '../envelope/fault.ts'
import type { Log } from '../operations/log.ts'
import { CatalogStore } from '../sources/catalog-store.ts'
import { openSource } from '../sources/open.ts'
import { type DisabledSource, defaultLimits, type OpenSource, type Project, type SourceLimits } from './project.ts'
import type { ReadProject } from './read-project.ts'

export interface OpenProjectOptions {
  readonly dir: string
  readonly config: ProjectConfig
  readonly missingVariables?: ReadProject['missingVariables']
  readonly diagnostics?: ReadProject['diagnostics']
  readonly log: Log
}

/** Opens a project; its sources connect on first use, so one that is broken stops neither this nor the others. */
export const openProject = ({ dir, config, missingVariables, diagnostics = [], log }: OpenProjectOptions): Project => {
  const sources = new Map<string, OpenSource>()
  for (const [name, source] of Object.entries(config.sources)) {
    const limits = mergeLimits(config.limits, source.limits)
    const opened = openSource({ name, config: source, dir, limits, log })
    sources.set(name, { source: opened, limits, catalog: new CatalogStore(opened) })
  }
  const disabled = new Map<string, DisabledSource>()
  for (const [name, { type, description, variables }] of missingVariables ?? []) {
    const reason = new Fault(
      'SOURCE_UNAVAILABLE',
      `The source "${name}" is switched off: the environment variable ${variables.join(', ')} is not set.`,
      {
        path: 'source',
        retryable: false,
        hint: 'The operator sets the variable and restarts, or gives it a default.',
      },
    )
    disabled.set(name, { name, type, description, reason })
  }
  return {
    name: config.name,
    description: config.description,
    sources,
    disabled,
    warnings: diagnostics.filter(({ code }) => code === 'LITERAL_PASSWORD').map(({ code, message }) => ({ code, message })),
    async close() {
      await Promise.allSettled([...sources.values()].map(({ source }) => source.close()))
    },
  }
}

const mergeLimits = (project: LimitsConfig | undefined, source: SourceConfig['limits']): SourceLimits => {
  const merged = { ...definedOnly(project), ...definedOnly(source) }
  return {
    defaultRows: merged.default_rows ?? defaultLimits.defaultRows,
    defaultRowsSet: merged.default_rows !== undefined,
    maxRows: merged.max_rows ?? defaultLimits.maxRows,
    maxBytes: merged.max_bytes ?? defaultLimits.maxBytes,
    maxCellBytes: merged.max_cell_bytes ?? defaultLimits.maxCellBytes,
    timeoutMs: merged.timeout_ms ?? defaultLimits.timeoutMs,
    maxConcurrency: merged.max_concurrency ?? defaultLimits.maxConcurrency,
  }
}

const definedOnly = (limits: LimitsConfig | undefined): LimitsConfig =>
  Object.fromEntries(Object.entries(limits ?? {}).filter(([, value]) => value !== undefined)) as LimitsConfig
