import { join, relative, resolve } from 'node:path'
import type { DbtSourceConfig, SourceConfig } from '../../../contracts/v1/project.ts'
import type { SourceType } from '../../../contracts/v1/tools/list-sources.ts'
import type { TemplateValue } from '../../boards/template/value.ts'
import type { Diagnostic, DiagnosticCode } from '../diagnostic.ts'
import { type Connection, connectionOf } from './connection.ts'
import { dbtProjectsOf } from './find-project.ts'
import { dbtProjectFile, dbtVariable } from './names.ts'
import { readProjectFile, varsFor } from './project-file.ts'
import { profilePlaces, readProfile, targetNames, untilded } from './read-profile.ts'
import type { DbtSettings } from './settings.ts'

/** A source of type dbt as what it connects to, or why it is switched off. */
export type DbtSource = {
  readonly diagnostics: readonly Diagnostic[]
  /** Files that it hangs on, absolute. */
  readonly files: readonly string[]
} & (
  | { readonly config: SourceConfig; readonly settings: DbtSettings }
  | {
      readonly off: {
        readonly type: SourceType
        /** For the operator. */
        readonly message: string
        readonly hint: string
        /** For callers, who cannot mend it: names no variable and no file. */
        readonly told: string
      }
    }
)

export interface DbtSourceOptions {
  readonly name: string
  /** Its paths are relative to `dir`. */
  readonly written: DbtSourceConfig
  /** The folder of the Dataface project, absolute. */
  readonly dir: string
  readonly env: Readonly<Record<string, string | undefined>>
}

const toldByCode: Partial<Record<DiagnosticCode, string>> = {
  DBT_PROFILE_NOT_FOUND: 'its dbt profile is not there',
  DBT_TARGET_NOT_FOUND: 'its dbt target is not there',
  MISSING_VARIABLE: 'its configuration is not complete',
}

/** Finds what a dbt project connects to, by its profile. Never throws: what is wrong switches the source off. */
export const readDbtSource = async ({ name, written, dir, env }: DbtSourceOptions): Promise<DbtSource> => {
  const home = env.HOME ?? env.USERPROFILE
  const wanted = resolve(dir, untilded(written.project_dir ?? '.', home))
  const projects = dbtProjectsOf(wanted)
  const [projectDir] = projects
  const files: string[] = []
  const off = (
    code: DiagnosticCode,
    place: { readonly file: string; readonly line?: number | undefined },
    message: string,
    hint: string,
    {
      type = 'dbt',
      told = toldByCode[code] ?? 'its dbt project cannot be read',
    }: { readonly type?: SourceType; readonly told?: string } = {},
  ): DbtSource => ({
    files,
    diagnostics: [
      {
        level: 'warning',
        code,
        file: shown(place.file, dir, home),
        line: place.line ?? 1,
        column: 1,
        message: `${message} The source "${name}" is off.`,
        hint,
      },
    ],
    off: { type, message, hint, told },
  })
  if (projectDir === undefined) files.push(join(wanted, dbtProjectFile))
  if (projectDir === undefined || projects.length > 1)
    return off(
      'DBT_PROJECT_NOT_FOUND',
      { file: join(wanted, dbtProjectFile) },
      projectDir === undefined
        ? `There is no ${dbtProjectFile} in the folder.`
        : `There are ${projects.length} dbt projects in the folder.`,
      projectDir === undefined
        ? 'Name the folder of the dbt project with project_dir.'
        : `Name one with project_dir: ${projects.map((one) => relative(dir, one) || '.').join(', ')}.`,
    )
  const projectFile = join(projectDir, dbtProjectFile)
  files.push(projectFile)
  const read = await readProjectFile(projectDir, env)
  if ('fault' in read) return off('DBT_FILE_UNREADABLE', { file: projectFile, line: read.fault.line }, read.fault.message, read.fault.hint)
  const { project } = read
  const vars = varsFor(project.name, project)
  const profile = {
    projectDir,
    profile: written.profile ?? dbtVariable(env, 'PROFILE') ?? project.profile,
    target: written.target,
    profilesDir: written.profiles_dir === undefined ? undefined : resolve(dir, untilded(written.profiles_dir, home)),
    scope: { env, vars },
  }
  const target = await readProfile(profile)
  // Also those that are not there: one may come.
  const places = profilePlaces(profile)
  files.push(...places.slice(0, target.file === undefined ? places.length : places.indexOf(target.file) + 1))
  if ('code' in target)
    return off(target.code, { file: target.file ?? join(projectDir, 'profiles.yml'), line: target.line }, target.message, target.hint, {
      type: typeOf(target.type),
    })
  const connection = connectionOf(target, written, projectDir, home)
  if ('code' in connection)
    return off(connection.code, target, connection.message, connection.hint, {
      type: typeOf(target.type),
      told:
        connection.code === 'DBT_ADAPTER_UNSUPPORTED'
          ? connection.message.replace(/^The target "[^"]*"/, 'its dbt target').replace(/\.$/, '')
          : 'its dbt target is not complete',
    })
  return {
    files,
    diagnostics: [...ignoredSettings(name, target, connection, shown(target.file, dir, home))],
    config: connection.config,
    settings: {
      dir: projectDir,
      env,
      targetPath: project.targetPath,
      target: withConnection(targetNames(target), connection),
      attached: connection.attached.map((one) => one.toLowerCase()).filter((one) => one !== connection.database.toLowerCase()),
      ...('path' in connection.config && connection.config.path !== undefined && { database: connection.config.path }),
    },
  }
}

type Connected = Extract<Connection, { config: SourceConfig }>

/** dbt itself fills in the schema and the database that a profile leaves out. */
const withConnection = (names: ReadonlyMap<string, TemplateValue>, { schema, database }: Connected): ReadonlyMap<string, TemplateValue> =>
  new Map([...names, ['schema', schema], ['database', database], ['dbname', database]])

const ignoredSettings = (source: string, { name }: { readonly name: string }, { ignored }: Connected, file: string): Diagnostic[] =>
  ignored.length === 0
    ? []
    : [
        {
          level: 'warning',
          code: 'DBT_SETTING_IGNORED',
          file,
          line: 1,
          column: 1,
          message: `The source "${source}" does without ${ignored.join(', ')} of the target "${name}".`,
          hint: ignored.some((key) => /^(attach|extensions)$/.test(key))
            ? 'Tables of attached databases, and views that need an extension, are not served.'
            : 'Nothing to do where the tables are shown.',
        },
      ]

const typeOf = (adapter: string | undefined): SourceType => (adapter === 'postgres' || adapter === 'duckdb' ? adapter : 'dbt')

/** A file as its operator knows it. */
const shown = (file: string, dir: string, home: string | undefined): string => {
  const inside = relative(dir, file)
  if (!inside.startsWith('..')) return inside
  const atHome = home === undefined ? '..' : relative(home, file)
  return atHome.startsWith('..') ? file : join('~', atHome)
}
