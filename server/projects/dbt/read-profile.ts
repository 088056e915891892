import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { TemplateValue } from '../../boards/template/value.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import { blockOf, isBlock, wordOf } from './loose-values.ts'
import { dbtVariable } from './names.ts'
import { readYamlFile } from './read-yaml-file.ts'
import { isTemplate, renderTemplate, type TemplateScope } from './render-template.ts'

/** A target of a profile, its templates resolved. */
export interface DbtTarget {
  readonly profile: string
  readonly name: string
  /** Absolute. */
  readonly file: string
  /** The adapter of dbt, in lower case. */
  readonly type: string
  readonly settings: Readonly<Record<string, unknown>>
}

/** Why there is no target to connect to. */
export interface ProfileFault {
  readonly code: 'DBT_PROFILE_NOT_FOUND' | 'DBT_TARGET_NOT_FOUND' | 'DBT_FILE_UNREADABLE' | 'DBT_TEMPLATE' | 'MISSING_VARIABLE'
  /** Holds no value of a setting. */
  readonly message: string
  readonly hint: string
  readonly file?: string
  readonly line?: number
  /** The adapter, where it is known all the same. */
  readonly type?: string
  readonly missing?: readonly string[]
}

export interface ProfileOptions {
  readonly projectDir: string
  /** The profile that `dbt_project.yml` names. */
  readonly profile: string | undefined
  readonly target: string | undefined
  /** Where alone to look; undefined for the places where dbt looks. */
  readonly profilesDir: string | undefined
  readonly scope: Pick<TemplateScope, 'env' | 'vars'>
}

const fileName = 'profiles.yml'

/** Where the profiles may be, absolute; the first that is there holds. */
export const profilePlaces = ({
  projectDir,
  profilesDir,
  scope: { env },
}: Omit<ProfileOptions, 'profile' | 'target'>): readonly string[] => {
  const home = env.HOME ?? env.USERPROFILE
  const given = dbtVariable(env, 'PROFILES_DIR')
  const folders =
    profilesDir !== undefined
      ? [profilesDir]
      : [
          ...(given === undefined ? [] : [resolve(projectDir, untilded(given, home))]),
          projectDir,
          ...(home === undefined ? [] : [join(home, '.dbt')]),
        ]
  return folders.map((folder) => join(folder, fileName))
}

/** Reads the target that dbt would connect to. Never throws. */
export const readProfile = async (options: ProfileOptions): Promise<DbtTarget | ProfileFault> => {
  const { profile, target, scope } = options
  const { env } = scope
  const file = profilePlaces(options).find((path) => existsSync(path))
  if (file === undefined)
    return {
      code: 'DBT_PROFILE_NOT_FOUND',
      message: `There is no ${fileName}: the folder of the dbt project, DBT_PROFILES_DIR and ~/.dbt were looked into.`,
      hint: 'Put it beside dbt_project.yml, or name its folder with DBT_PROFILES_DIR or profiles_dir.',
    }
  const { value, fault } = await readYamlFile(file)
  if (fault !== undefined) return { code: 'DBT_FILE_UNREADABLE', file, ...fault }
  const profiles = Object.fromEntries(Object.entries(blockOf(value)).filter(([name, entry]) => name !== 'config' && isBlock(entry)))
  const names = Object.keys(profiles)
  const wanted = profile ?? (names.length === 1 ? names[0] : undefined)
  const chosen = wanted === undefined ? undefined : profiles[wanted]
  if (wanted === undefined || !isBlock(chosen)) {
    const near = wanted === undefined ? undefined : nearestName(wanted, names)
    return {
      code: 'DBT_PROFILE_NOT_FOUND',
      file,
      message: wanted === undefined ? 'dbt_project.yml names no profile.' : `${fileName} has no profile "${wanted}".`,
      hint: near === undefined ? `Profiles: ${names.join(', ') || 'none'}.` : `Did you mean "${near}"?`,
    }
  }
  const outputs = blockOf(chosen.outputs)
  const targets = Object.keys(outputs)
  const named = nameOfTarget(target ?? dbtVariable(env, 'TARGET') ?? wordOf(chosen.target), scope)
  if (typeof named === 'object') return { file, ...named }
  const name = named ?? (targets.length === 1 ? targets[0] : 'default')
  const output = name === undefined ? undefined : outputs[name]
  if (name === undefined || !isBlock(output)) {
    const near = name === undefined ? undefined : nearestName(name, targets)
    return {
      code: 'DBT_TARGET_NOT_FOUND',
      file,
      message: `The profile "${wanted}" has no target "${name}".`,
      hint: near === undefined ? `Targets: ${targets.join(', ') || 'none'}.` : `Did you mean "${near}"?`,
    }
  }
  return { file, ...renderOutput(output, { profile: wanted, name }, scope) } as DbtTarget | ProfileFault
}

const nameOfTarget = (written: string | undefined, scope: ProfileOptions['scope']): string | undefined | ProfileFault => {
  if (written === undefined || !isTemplate(written)) return written
  const rendered = renderTemplate(written, scope)
  return 'fault' in rendered ? faultOf('target', rendered) : wordOf(rendered.value)
}

/** Settings that what is served does not hang on, so their variables may be missing. */
const tuning = new Set('attach config_options extensions external_root filesystems plugins secrets settings threads'.split(' '))

/** The adapters of dbt whose targets are served. */
const servedAdapters: ReadonlySet<string> = new Set(['postgres', 'duckdb'])

/** Renders every text of a target; only of the one that is used, as dbt does. */
const renderOutput = (
  output: Readonly<Record<string, unknown>>,
  { profile, name }: { readonly profile: string; readonly name: string },
  scope: ProfileOptions['scope'],
): Omit<DbtTarget, 'file'> | ProfileFault => {
  const faults: ProfileFault[] = []
  const render = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => render(item, key))
    if (isBlock(value)) return Object.fromEntries(Object.entries(value).map(([inner, item]) => [inner, render(item, key)]))
    if (typeof value !== 'string' || !isTemplate(value)) return value
    const rendered = renderTemplate(value, scope)
    if ('value' in rendered) return rendered.value
    // An address is not served, whatever its variables would say.
    const address = key === 'path' ? /^[a-z][a-z0-9+.-]+:/i.exec(value)?.[0] : undefined
    if (address === undefined && !tuning.has(key)) faults.push(faultOf(key, rendered))
    return address
  }
  const type = wordOf(render(output.type, 'type'))?.toLowerCase()
  // Of an adapter that is not served, no variable needs to be set.
  if (type !== undefined && faults.length === 0 && !servedAdapters.has(type)) return { profile, name, type, settings: {} }
  const settings = Object.fromEntries(Object.entries(output).map(([key, value]) => [key, render(value, key)]))
  const missing = [...new Set(faults.flatMap((fault) => fault.missing ?? []))]
  const [first] = faults
  if (first !== undefined)
    return missing.length > 0
      ? {
          code: 'MISSING_VARIABLE',
          message: `The environment ${missing.length === 1 ? 'variable' : 'variables'} ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set.`,
          hint: `Set ${missing.length === 1 ? 'it' : 'them'} where the server starts.`,
          missing,
          ...(type !== undefined && { type }),
        }
      : { ...first, ...(type !== undefined && { type }) }
  if (type === undefined)
    return {
      code: 'DBT_TARGET_NOT_FOUND',
      message: `The target "${name}" of the profile "${profile}" has no type.`,
      hint: 'Write type: postgres or type: duckdb.',
    }
  return { profile, name, type, settings }
}

const faultOf = (key: string, { fault, missing }: { readonly fault: string; readonly missing: readonly string[] }): ProfileFault =>
  missing.length > 0
    ? { code: 'MISSING_VARIABLE', message: `${key}: ${fault}`, hint: 'Set it where the server starts, or give a default.', missing }
    : {
        code: 'DBT_TEMPLATE',
        message: `${key} of profiles.yml cannot be rendered: ${fault}`,
        hint: 'Use env_var(), var() and the filters of dbt.',
      }

/** A path whose `~` is the home of the user. */
export const untilded = (path: string, home: string | undefined): string =>
  home === undefined ? path : path.replace(/^~(?=\/|\\|$)/, home)

/** What templates may see of a target: everything but its secrets. */
export const targetNames = ({ name, profile, type, settings }: Omit<DbtTarget, 'file'>): ReadonlyMap<string, TemplateValue> => {
  const plain = Object.entries(settings).filter(
    (entry): entry is [string, string | number | boolean] =>
      /^(host|port|user|dbname|database|schema|threads|path|role|warehouse|project|dataset|catalog)$/.test(entry[0]) &&
      typeof entry[1] !== 'object',
  )
  const values = new Map<string, TemplateValue>([
    ...plain,
    ['name', name],
    ['target_name', name],
    ['profile_name', profile],
    ['type', type],
  ])
  const database = values.get('database') ?? values.get('dbname')
  if (database !== undefined) values.set('database', database).set('dbname', database)
  return values
}
