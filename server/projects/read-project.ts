import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Scalar } from 'yaml'
import {
  type DbtSourceConfig,
  type ProjectConfig,
  postgresSourceSchema,
  projectSchema,
  type SourceConfig,
} from '../../contracts/v1/project.ts'
import { type SourceType, sourceTypes } from '../../contracts/v1/tools/list-sources.ts'
import type { TablePolicy } from '../sources/table-policy.ts'
import { parseYaml, type YamlFile } from '../yaml/parse-yaml.ts'
import { checkSettings, type Report } from './check-settings.ts'
import { checkSources, sourceAt, sourceNames, type Templates } from './check-sources.ts'
import { dbtProjectsOf } from './dbt/find-project.ts'
import type { DbtSettings } from './dbt/settings.ts'
import { describeIssue } from './describe-issue.ts'
import type { Diagnostic } from './diagnostic.ts'
import { findMisnamedFile } from './find-misnamed-file.ts'
import { guessTypes } from './guess-types.ts'
import { type ResolvedTemplate, resolveTemplate } from './resolve-template.ts'

/** The file that makes a folder a project. */
export const projectFileName = 'dataface.yml'

/** A project file is written by people; more than this is something else. Bytes. */
const maxFileBytes = 1024 * 1024

/** Environment variables, passed in by whoever may read them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A source that is switched off because of its variables. */
export interface DisabledSourceConfig {
  readonly name: string
  readonly type: SourceType
  readonly description?: string
  /** Names the variables, never their values. */
  readonly message: string
  readonly hint: string
  /** What of a Postgres source would be served; undefined where its variables are missing too. */
  readonly policy?: TablePolicy
  /** Why, for callers, where there is more to tell them than that it is off. */
  readonly told?: string
}

/** What a project file says. */
export interface ReadProject {
  /** The folder, absolute. */
  readonly dir: string
  /** Its settings with absolute paths, without the disabled sources; undefined when an error stops start-up. */
  readonly config: ProjectConfig | undefined
  readonly disabled: readonly DisabledSourceConfig[]
  /** Every finding, in the order of the file. */
  readonly diagnostics: readonly Diagnostic[]
  /** The dbt projects of sources, by the name of the source. */
  readonly dbt?: ReadonlyMap<string, DbtSettings>
  /** Files beside the project file that it hangs on, absolute: those of dbt. */
  readonly files?: readonly string[]
  /** The file that makes it a project. Default dataface.yml. */
  readonly projectFile?: string
  /** The environment variables that the file names, and whether each is set. */
  readonly variables: readonly { readonly name: string; readonly set: boolean }[]
  /** Makes a finding at a key of the project file; absent where there is none. */
  readonly diagnose?: YamlFile['diagnoseKey']
}

/** What the text of a project file says: its sources of type dbt are not looked into yet. */
export interface ReadText extends ReadProject {
  readonly dbtSources: ReadonlyMap<string, DbtSourceConfig>
}

/**
 * Reads `dataface.yml` of a folder; of a dbt project without one, what its profile connects to. Never throws for what is in
 * the files: everything wrong is a diagnostic.
 */
export const readProject = async (dir: string, env: Environment): Promise<ReadProject> => {
  const folder = resolve(dir)
  const failed = (code: Diagnostic['code'], message: string, hint: string): ReadProject => ({
    dir: folder,
    config: undefined,
    disabled: [],
    diagnostics: [{ level: 'error', code, file: projectFileName, line: 1, column: 1, message, hint }],
    variables: [],
  })
  const path = resolve(folder, projectFileName)
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  )
  if (size === undefined) {
    const other = findMisnamedFile(folder)
    const dbtProjects = other === undefined ? dbtProjectsOf(folder) : []
    if (dbtProjects.length > 0) return (await import('./read-dbt-folder.ts')).readDbtFolder(folder, dbtProjects, env)
    return failed(
      'FILE_NOT_FOUND',
      `The folder has no ${projectFileName}.`,
      other === undefined ? 'Name the folder that holds it with --project.' : `Rename ${other} to ${projectFileName}.`,
    )
  }
  if (size > maxFileBytes) return failed('FILE_UNREADABLE', 'The file is larger than 1 MB.', 'A project file holds settings, not data.')
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return failed('FILE_UNREADABLE', 'The file cannot be read.', 'Check its permissions.')
  if (text.includes('\0')) return failed('FILE_UNREADABLE', 'The file is no text in UTF-8.', 'Save it as UTF-8.')
  const { dbtSources, ...read } = readProjectText(text, folder, env)
  return dbtSources.size === 0 ? read : (await import('./read-dbt-folder.ts')).withDbtSources(read, dbtSources, env)
}

/** Reads the text of a project file; paths in it are relative to `dir`. */
export const readProjectText = (text: string, dir: string, env: Environment): ReadText => {
  const yaml = parseYaml(text, projectFileName)
  const templates = resolveTemplates(yaml, env)
  const value = yaml.toValue()
  const diagnostics: Diagnostic[] = yaml.diagnostics
  const parsed = projectSchema.safeParse(value)

  // Broken YAML gives a tree with holes; what the schema says of it would send people to the wrong place.
  const unreadable = diagnostics.some(({ level, code }) => level === 'error' && code !== 'BAD_TEMPLATE' && code !== 'DUPLICATE_KEY')
  const disabled = unreadable ? new Map<string, DisabledSourceConfig>() : findDisabled(yaml, templates, value, diagnostics)
  if (!unreadable) {
    const report: Report = ({ path, level = 'error', code, message, hint }, variableHint = hint) => {
      const template = code === 'UNKNOWN_KEY' || code === 'BAD_NAME' ? undefined : templates.get(yaml.nodeAt(path))
      if (template !== undefined && (template.missing.length > 0 || template.refused.length > 0)) return
      if (template !== undefined && path[0] === 'sources' && path.length > 2 && path[2] !== 'type')
        disableForValue(yaml, path, template, value, disabled, diagnostics, variableHint)
      else diagnostics.push(yaml.diagnoseKey(path, level, code, message, hint))
    }
    const isLiteral = (path: readonly PropertyKey[]): boolean => !templates.has(yaml.nodeAt(path))
    const { guessed, names } = guessTypes(value)
    const behind = projectSchema.safeParse(guessed).error?.issues.filter(({ path }) => path[0] === 'sources' && names.has(String(path[1])))
    const described = [
      ...(parsed.error?.issues ?? []).flatMap((issue) => describeIssue(issue, projectSchema, value, isLiteral)),
      ...(behind ?? []).flatMap((issue) => describeIssue(issue, projectSchema, guessed, isLiteral)),
    ]
    for (const finding of described) report(finding, 'Correct it where the server starts.')
    checkSources(yaml, templates, value, new Set(parsed.error?.issues.map(({ path }) => path[1])), diagnostics)
    checkSettings(value, report)
  }
  const stumbled = new Set(diagnostics.filter(({ code }) => code === 'YAML_ERROR').map(({ line }) => line))
  const diagnosed = diagnostics.filter(({ code, line }) => code !== 'BAD_TEMPLATE' || !stumbled.has(line))
  diagnosed.sort((a, b) => a.line - b.line || a.column - b.column)

  const variables = new Map<string, boolean>()
  for (const { variables: names } of templates.values()) for (const name of names) variables.set(name, env[name] !== undefined)
  const stopped = diagnosed.some((finding) => finding.level === 'error')
  const finished = stopped ? undefined : finishConfig(value, disabled, dir)
  return {
    dir,
    config: finished?.config,
    dbtSources: finished?.dbtSources ?? new Map(),
    disabled: [...disabled.values()].map((entry) => ({ ...entry, ...policyOfDisabled(yaml, templates, value, entry) })),
    diagnostics: diagnosed,
    variables: [...variables].map(([name, set]) => ({ name, set })),
    diagnose: yaml.diagnoseKey,
  }
}

/** Puts the variables into every text, and remembers which texts had any. */
const resolveTemplates = (yaml: YamlFile, env: Environment): Templates => {
  const templates = new Map<unknown, ResolvedTemplate>()
  for (const scalar of yaml.scalars) {
    const resolved = typeof scalar.value === 'string' ? resolveTemplate(scalar.value, env) : undefined
    if (resolved === undefined) continue
    scalar.value = resolved.text
    templates.set(scalar, resolved)
    if (resolved.refused.length > 0)
      yaml.diagnostics.push(
        yaml.diagnose(
          scalar,
          'error',
          'BAD_TEMPLATE',
          'Between {{ and }} only env_var can stand.',
          "Write {{ env_var('NAME') }} or {{ env_var('NAME', 'default') }}.",
        ),
      )
  }
  return templates
}

/** Sources whose variables are missing are switched off; a variable missing elsewhere stops start-up. */
const findDisabled = (
  yaml: YamlFile,
  templates: Templates,
  value: unknown,
  diagnostics: Diagnostic[],
): Map<string, DisabledSourceConfig> => {
  const disabled = new Map<string, DisabledSourceConfig>()
  const handled = new Set<unknown>()
  for (const name of sourceNames(value)) {
    const scalars = yaml.scalarsUnder(yaml.nodeAt(['sources', name]))
    const type = yaml.nodeAt(['sources', name, 'type'])
    const lacking = scalars.filter((scalar) => scalar !== type && (templates.get(scalar)?.missing.length ?? 0) > 0)
    if (lacking.length === 0) continue
    for (const scalar of lacking) handled.add(scalar)
    const missing = [...new Set(lacking.flatMap((scalar) => templates.get(scalar)?.missing ?? []))]
    const reason = `The environment ${missing.length === 1 ? 'variable' : 'variables'} ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set.`
    disable(name, value, disabled, reason, `Set ${missing.length === 1 ? 'it' : 'them'} where the server starts, or give a default.`)
    diagnostics.push(
      yaml.diagnose(lacking[0], 'warning', 'MISSING_VARIABLE', `${reason} The source "${name}" is off.`, disabled.get(name)?.hint),
    )
  }
  for (const [scalar, { missing }] of templates)
    if (missing.length > 0 && !handled.has(scalar))
      diagnostics.push(
        yaml.diagnose(
          scalar as Scalar,
          'error',
          'MISSING_VARIABLE',
          `The environment variable ${missing.join(', ')} is not set.`,
          'Set it where the server starts, or give a default.',
        ),
      )
  return disabled
}

/** A variable that is set to something useless switches off its source, as a missing one does. */
const disableForValue = (
  yaml: YamlFile,
  path: readonly PropertyKey[],
  { variables }: ResolvedTemplate,
  value: unknown,
  disabled: Map<string, DisabledSourceConfig>,
  diagnostics: Diagnostic[],
  hint = 'Correct it where the server starts.',
): void => {
  const name = String(path[1])
  const reason = `The environment variable ${variables.join(', ')} holds no valid value for ${String(path.at(-1))}.`
  if (!disabled.has(name)) disable(name, value, disabled, reason, hint)
  diagnostics.push(yaml.diagnoseKey(path, 'warning', 'BAD_VARIABLE', `${reason} The source "${name}" is off.`, hint))
}

const disable = (name: string, value: unknown, disabled: Map<string, DisabledSourceConfig>, message: string, hint: string): void => {
  const { type, description } = sourceAt(value, name)
  const known = sourceTypes.find((one) => one === type)
  // A type that is not known is an error of its own, which stops start-up.
  if (known === undefined) return
  disabled.set(name, { name, type: known, ...(typeof description === 'string' && { description }), message, hint })
}

const policySchema = postgresSourceSchema.pick({ schemas: true, tables: true, columns: true })

/** What a disabled Postgres source says of what it serves, which does not hang on how it connects. */
const policyOfDisabled = (
  yaml: YamlFile,
  templates: Templates,
  value: unknown,
  { name, type }: DisabledSourceConfig,
): { policy?: TablePolicy } => {
  if (type !== 'postgres') return {}
  const source = sourceAt(value, name)
  const keys = Object.keys(policySchema.shape).filter((key) => source[key] !== undefined)
  const scalars = keys.flatMap((key) => yaml.scalarsUnder(yaml.nodeAt(['sources', name, key])))
  if (scalars.some((scalar) => (templates.get(scalar)?.missing.length ?? 0) > 0)) return {}
  const { data } = policySchema.safeParse(Object.fromEntries(keys.map((key) => [key, source[key]])))
  return data === undefined ? {} : { policy: data }
}

/** The settings without the disabled sources, with absolute paths; those of type dbt by themselves. */
const finishConfig = (
  value: unknown,
  disabled: ReadonlyMap<string, unknown>,
  dir: string,
): { config: ProjectConfig; dbtSources: Map<string, DbtSourceConfig> } => {
  const { sources, ...rest } = value as { sources: Record<string, unknown> }
  const kept = Object.fromEntries(Object.entries(sources).filter(([name]) => !disabled.has(name)))
  const config = projectSchema.parse({ ...rest, sources: kept })
  const dbtSources = new Map<string, DbtSourceConfig>()
  const others: Record<string, SourceConfig> = {}
  for (const [name, source] of Object.entries(config.sources))
    if (source.type === 'dbt') dbtSources.set(name, source)
    else others[name] = withAbsolutePaths(source, dir)
  return { config: { ...config, sources: others }, dbtSources }
}

const withAbsolutePaths = (source: SourceConfig, dir: string): SourceConfig => {
  if (source.type === 'postgres') return source
  const files = source.files && Object.fromEntries(Object.entries(source.files).map(([table, path]) => [table, resolve(dir, path)]))
  return {
    ...source,
    ...(files !== undefined && { files }),
    ...(source.datapackage !== undefined && { datapackage: resolve(dir, source.datapackage) }),
    ...('path' in source && source.path !== undefined && { path: resolve(dir, source.path) }),
  } as SourceConfig
}
