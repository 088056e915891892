import { basename, extname, resolve } from 'node:path'
import type { DbtSourceConfig, SourceConfig } from '../../../contracts/v1/project.ts'
import { blocksOf, isBlock, wordOf } from './loose-values.ts'
import { type DbtTarget, untilded } from './read-profile.ts'

/** What a target of dbt is as a source, or why it is none. */
export type Connection =
  | {
      readonly config: SourceConfig
      readonly database: string
      readonly schema: string
      readonly ignored: readonly string[]
      readonly attached: readonly string[]
    }
  | { readonly code: 'DBT_ADAPTER_UNSUPPORTED' | 'WRONG_VALUE' | 'MISSING_KEY'; readonly message: string; readonly hint: string }

const useOther = 'Name a target of type postgres or duckdb with target: in a dataface.yml, or with DBT_TARGET.'

/** Makes a source of a target. `dir` is the folder of the dbt project, from which its relative paths start. */
export const connectionOf = (target: DbtTarget, written: DbtSourceConfig, dir: string, home: string | undefined): Connection => {
  if (target.type === 'postgres') return postgresOf(target, written)
  if (target.type === 'duckdb') return duckdbOf(target, written, dir, home)
  return {
    code: 'DBT_ADAPTER_UNSUPPORTED',
    message: `The target "${target.name}" is of type ${target.type.slice(0, 60)}; postgres and duckdb are served.`,
    hint: useOther,
  }
}

const sslModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const

/** What a source of type dbt says itself of what is served. */
const policyOf = ({ description, limits, tables, columns, schemas }: DbtSourceConfig) => ({
  ...(description !== undefined && { description }),
  ...(limits !== undefined && { limits }),
  ...(tables !== undefined && { tables }),
  ...(columns !== undefined && { columns }),
  ...(schemas !== undefined && { schemas }),
})

const postgresOf = ({ name, settings }: DbtTarget, written: DbtSourceConfig): Connection => {
  const word = (...keys: readonly string[]): string | undefined =>
    keys.map((key) => wordOf(settings[key])).find((value) => value !== undefined)
  const dbname = word('dbname', 'database')
  if (dbname === undefined) return { code: 'MISSING_KEY', message: `The target "${name}" names no database.`, hint: 'Give dbname.' }
  const port = word('port') ?? '5432'
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    return { code: 'WRONG_VALUE', message: `The port of the target "${name}" is no port.`, hint: 'Give a whole number up to 65535.' }
  const sslmode = word('sslmode')
  // To allow TLS is less than to prefer it.
  const mode = sslmode === 'allow' ? 'prefer' : sslModes.find((known) => known === sslmode)
  if (sslmode !== undefined && mode === undefined)
    return {
      code: 'WRONG_VALUE',
      message: `The sslmode of the target "${name}" is not known.`,
      hint: `It is allow, ${sslModes.slice(0, -1).join(', ')} or ${sslModes.at(-1)}.`,
    }
  const [host, user, password, role] = [word('host'), word('user'), word('password', 'pass'), word('role')]
  return {
    config: {
      type: 'postgres',
      ...(host !== undefined && { host }),
      port: Number(port),
      dbname,
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
      ...(role !== undefined && { role }),
      ...(mode !== undefined && { sslmode: mode }),
      // The login of dbt writes, so it is never one that can only read; see docs/decisions/0030.
      allow_unproven: written.allow_unproven ?? true,
      ...policyOf(written),
    },
    database: dbname,
    schema: word('schema') ?? 'public',
    attached: [],
    ignored: ['sslcert', 'sslkey', 'sslrootcert', 'search_path'].filter((key) => settings[key] !== undefined && settings[key] !== null),
  }
}

const duckdbOf = ({ name, settings }: DbtTarget, written: DbtSourceConfig, dir: string, home: string | undefined): Connection => {
  const path = wordOf(settings.path) ?? ':memory:'
  const unsupported = (what: string): Connection => ({
    code: 'DBT_ADAPTER_UNSUPPORTED',
    message: `The target "${name}" ${what}; a DuckDB file of this machine is served.`,
    hint: useOther,
  })
  if (settings.remote !== undefined && settings.remote !== null) return unsupported('is a remote DuckDB')
  if (path.startsWith(':memory:')) return unsupported('is a database in memory, which ends with the run of dbt')
  if (/^(md|motherduck):/i.test(path)) return unsupported('is at MotherDuck')
  if (/^[a-z][a-z0-9+.-]+:/i.test(path))
    return unsupported(`is no file, but an address that begins with ${/^[a-z0-9+.-]+:/i.exec(path)?.[0]}`)
  const file = resolve(dir, untilded(path, home))
  const isSet = (key: string): boolean => {
    const value = settings[key]
    return isBlock(value) || Array.isArray(value) ? Object.keys(value).length > 0 : wordOf(value) !== undefined
  }
  return {
    config: { type: 'duckdb', path: file, ...policyOf(written) },
    database: wordOf(settings.database) ?? nameOfFile(file)[0] ?? 'main',
    schema: wordOf(settings.schema) ?? 'main',
    attached: blocksOf(settings.attach).flatMap(({ alias, path: from }) => wordOf(alias) ?? nameOfFile(wordOf(from))),
    ignored: ['attach', 'extensions', 'settings', 'config_options', 'secrets', 'filesystems', 'plugins', 'use_credential_provider'].filter(
      isSet,
    ),
  }
}

/** What DuckDB calls the database of a file. */
const nameOfFile = (file: string | undefined): string[] => (file === undefined ? [] : [basename(file, extname(file))])
