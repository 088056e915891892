import { resolve } from 'node:path'
import type { LimitsConfig, ProjectConfig, SourceConfig } from '../../contracts/v1/project.ts'
import { accessOf } from '../access/access.ts'
import { openAudit } from '../audit/audit.ts'
import { Fault } from '../envelope/fault.ts'
import type { Log } from '../operations/log.ts'
import { createQuotas } from '../quotas/quotas.ts'
import { CatalogStore } from '../sources/catalog-store.ts'
import { openSource } from '../sources/open.ts'
import { provenSource } from '../sources/proven-source.ts'
import type { TablePolicy } from '../sources/table-policy.ts'
import { memoryState } from '../state/memory-state.ts'
import type { State } from '../state/state.ts'
import { openDbt } from './dbt/open-dbt.ts'
import type { DbtSettings } from './dbt/settings.ts'
import { type Diagnostic, ProjectError } from './diagnostic.ts'
import { type DisabledSource, defaultLimits, type OpenSource, type Project, type SourceLimits } from './project.ts'
import type { DisabledSourceConfig, Environment } from './read-project.ts'

/**
 * Opens the project in a folder. No database is touched: sources open on first use, and one that is broken says so then.
 * Throws `ProjectError` with every finding when the project file has errors.
 */
export const openProject = async ({
  dir,
  env,
  log,
  state,
}: {
  dir: string
  env: Environment
  log: Log
  /** Default: of this project alone. */
  state?: State
}): Promise<Project> => {
  // The YAML parser is only needed where there is YAML.
  const { readProject } = await import('./read-project.ts')
  const read = await readProject(dir, env)
  if (read.config === undefined) throw new ProjectError(read.diagnostics)
  return openConfig({ ...read, config: read.config, log, env, ...(state !== undefined && { state }) })
}

export interface OpenConfigOptions {
  /** Settings with absolute paths. */
  readonly config: ProjectConfig
  readonly disabled?: readonly DisabledSourceConfig[]
  /** Findings, of level `warning` where the project opens. */
  readonly diagnostics?: readonly Diagnostic[]
  /** The environment variables that were named. */
  readonly variables?: readonly { readonly name: string }[]
  readonly log: Log
  /** The project's folder, absolute; undefined when it has none. */
  readonly dir?: string
  /** The dbt projects of sources, by the name of the source. */
  readonly dbt?: ReadonlyMap<string, DbtSettings>
  /** The file that makes the folder a project. Default: dataface.yml. */
  readonly projectFile?: string
  /** Others that its settings come from, absolute. */
  readonly files?: readonly string[]
  /** For the templates of the dbt project in the folder. Default: none. */
  readonly env?: Environment
  /** Closed by whoever opened it. Default: of this project alone. */
  readonly state?: State
}

/** Where boards lie when the project does not say. */
const boardFolders = ['boards', 'faces', 'charts']

/** Makes a project of settings that were read or made up. Never fails. */
export const openConfig = ({
  config,
  disabled = [],
  diagnostics = [],
  variables = [],
  log,
  dir,
  dbt = new Map(),
  projectFile = 'dataface.yml',
  files = [],
  env = {},
  state = memoryState(),
}: OpenConfigOptions): Project => {
  const sources = new Map<string, OpenSource>()
  for (const [name, sourceConfig] of Object.entries(config.sources)) {
    const limits = mergeLimits(config.limits, sourceConfig.limits)
    const source = provenSource(openSource({ name, config: sourceConfig, limits, log }), sourceConfig.allow_unproven === true)
    const settings = dbt.get(name)
    sources.set(name, {
      source,
      limits,
      catalog: new CatalogStore(source, policyOf(sourceConfig)),
      ...(settings !== undefined && { dbt: openDbt(settings, log) }),
    })
  }
  const [first] = sources.values()
  const audit = config.audit && dir !== undefined ? openAudit(config.audit, { project: config.name, dir, log }) : undefined
  return {
    name: config.name,
    description: config.description,
    files: dir === undefined ? [] : [resolve(dir, projectFile), ...files],
    sources,
    disabled: new Map(disabled.map((entry) => [entry.name, disabledSource(entry)])),
    ...(dir !== undefined && {
      dbt: openDbt({ dir, env, target: new Map([['schema', first?.source.defaultSchema ?? 'main']]) }, log),
      boards: { dir, folders: config.boards?.folders ?? boardFolders, isReadOnly: config.boards?.read_only === true },
    }),
    access: accessOf(config.access, dir),
    state,
    ...(config.quotas !== undefined && { quotas: createQuotas(config.quotas, { store: state.quotas, name: config.name }) }),
    ...(audit !== undefined && { audit }),
    diagnostics,
    variables: variables.map(({ name }) => name),
    async close() {
      await Promise.allSettled([...[...sources.values()].map(({ source }) => source.close()), audit?.close()])
    },
  }
}

/** The part of a source's settings that says what of it is served. */
export const policyOf = (config: SourceConfig): TablePolicy => ({
  schemas: schemasOf(config),
  tables: config.tables,
  columns: config.columns,
})

/** The schemas that are served; of a DuckDB source one can be named. */
const schemasOf = (config: SourceConfig): readonly string[] | undefined => {
  if ('schema' in config && config.schema !== undefined) return [config.schema]
  return 'schemas' in config ? config.schemas : undefined
}

const disabledSource = ({ name, type, description, message, hint, told }: DisabledSourceConfig): DisabledSource => ({
  name,
  type,
  description,
  reason: new Fault(
    'SOURCE_UNAVAILABLE',
    `The source "${name}" is ${told === undefined ? 'switched off by its configuration' : `not served: ${told}`}.`,
    {
      hint: 'Use another source, or ask the operator of the project, whom `dft doctor` tells what to set.',
      operatorHint: `${message} ${hint}`,
      retryable: false,
    },
  ),
})

/** The limits of a source: its own, else those of the project, else the defaults. */
export const mergeLimits = (project: LimitsConfig | undefined, source: LimitsConfig | undefined): SourceLimits => {
  const of = <Key extends keyof LimitsConfig>(key: Key): LimitsConfig[Key] => source?.[key] ?? project?.[key]
  return {
    defaultRows: of('default_rows') ?? defaultLimits.defaultRows,
    defaultRowsSet: of('default_rows') !== undefined,
    maxRows: of('max_rows') ?? defaultLimits.maxRows,
    maxBytes: of('max_bytes') ?? defaultLimits.maxBytes,
    maxCellBytes: of('max_cell_bytes') ?? defaultLimits.maxCellBytes,
    defaultTokens: Math.min(of('default_tokens') ?? defaultLimits.defaultTokens, of('max_tokens') ?? Number.POSITIVE_INFINITY),
    maxTokens: of('max_tokens') ?? defaultLimits.maxTokens,
    timeoutMs: of('timeout_ms') ?? defaultLimits.timeoutMs,
    maxEstimatedRows: of('max_estimated_rows'),
    maxEstimatedCost: of('max_estimated_cost'),
    streamRows: of('stream_rows') ?? defaultLimits.streamRows,
    streamRowsSet: of('stream_rows') !== undefined,
    streamBytes: of('stream_bytes') ?? defaultLimits.streamBytes,
    streamTimeoutMs: of('stream_timeout_ms') ?? defaultLimits.streamTimeoutMs,
    maxConcurrency: of('max_concurrency') ?? defaultLimits.maxConcurrency,
  }
}
