import type { YamlFile } from '../yaml/parse-yaml.ts'
import type { Diagnostic } from './diagnostic.ts'
import { holdsPassword } from './find-literal-password.ts'
import type { ResolvedTemplate } from './resolve-template.ts'

/** What each templated text of a project file resolved to, by its node. */
export type Templates = ReadonlyMap<unknown, ResolvedTemplate>

/** What the schema cannot say: passwords in the file, also that of the audit, and sources that name no data. */
export const checkSources = (
  yaml: YamlFile,
  templates: Templates,
  value: unknown,
  /** Sources that the schema already complains about. */
  faulty: ReadonlySet<unknown>,
  diagnostics: Diagnostic[],
): void => {
  const names = sourceNames(value)
  const literalText = (path: readonly string[], text: unknown): string =>
    templates.get(yaml.nodeAt(path))?.literal ?? (typeof text === 'string' || typeof text === 'number' ? String(text) : '')
  if (isBlock(value) && isBlock(value.audit) && holdsPassword(literalText(['audit', 'url'], value.audit.url)))
    diagnostics.push(
      yaml.diagnoseKey(
        ['audit', 'url'],
        'warning',
        'LITERAL_PASSWORD',
        'The password of the audit is written in the project file.',
        "Keep it in the environment: {{ env_var('NAME') }}.",
      ),
    )
  if (names.length === 0 && isBlock((value as { sources?: unknown } | null)?.sources))
    diagnostics.push(yaml.diagnoseKey(['sources'], 'warning', 'NO_SOURCES', 'The project has no sources.', 'Add one under sources.'))
  for (const name of names) {
    const source = sourceAt(value, name)
    for (const key of ['password', 'url'] as const) {
      const literal = literalText(['sources', name, key], source[key])
      if (key === 'password' ? literal === '' : !holdsPassword(literal)) continue
      diagnostics.push(
        yaml.diagnoseKey(
          ['sources', name, key],
          'warning',
          'LITERAL_PASSWORD',
          `The password of the source "${name}" is written in the project file.`,
          "Keep it in the environment: {{ env_var('NAME') }}.",
        ),
      )
    }
    if (!faulty.has(name) && source.type === 'postgres' && source.url === undefined && source.dbname === undefined)
      diagnostics.push(
        yaml.diagnoseKey(
          ['sources', name],
          'error',
          'MISSING_KEY',
          `sources.${name} names no database.`,
          'Give url, or dbname with host, port and user.',
        ),
      )
    if (!faulty.has(name) && source.type === 'duckdb' && source.path === undefined && source.files === undefined)
      diagnostics.push(
        yaml.diagnoseKey(['sources', name], 'error', 'MISSING_KEY', `sources.${name} names no data.`, 'Give path, files, or both.'),
      )
    for (const [at, path] of pathsOf(source))
      if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path))
        diagnostics.push(
          yaml.diagnoseKey(
            ['sources', name, ...at],
            'error',
            'WRONG_VALUE',
            `sources.${name}.${at.join('.')} is an address; only files of this machine are served.`,
            'Download the file and give its path.',
          ),
        )
  }
}

/** The paths of a source, each with the keys that lead to it. */
const pathsOf = (source: Readonly<Record<string, unknown>>): (readonly [string[], string])[] => {
  const found: [string[], unknown][] = [
    [['path'], source.path],
    [['datapackage'], source.datapackage],
    ...Object.entries(isBlock(source.files) ? source.files : {}).map(([table, path]): [string[], unknown] => [['files', table], path]),
  ]
  return found.filter((entry): entry is [string[], string] => typeof entry[1] === 'string')
}

export const isBlock = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The names under `sources`, whatever else is wrong. */
export const sourceNames = (value: unknown): string[] => {
  const sources = isBlock(value) ? value.sources : undefined
  return isBlock(sources) ? Object.keys(sources) : []
}

/** The settings of a source as they were written; empty when they are no block. */
export const sourceAt = (value: unknown, name: string): Readonly<Record<string, unknown>> => {
  const source = (value as { sources: Record<string, unknown> }).sources[name]
  return isBlock(source) ? source : {}
}
