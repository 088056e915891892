import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Document, LineCounter } from 'yaml'
import * as z from 'zod'
import { type ProjectConfig, projectSchema, type SourceConfig, sourceConfigSchema } from '../../contracts/v1/project.ts'
import { sourceTypes } from '../../contracts/v1/tools/list-sources.ts'
import { nearestName } from '../envelope/nearest-name.ts'
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts'
import { expandVariables } from './expand-variables.ts'

export const projectFile = 'dataface.yml'

export interface ReadProject {
  /** Undefined when there are errors. */
  readonly config: ProjectConfig | undefined
  /** Sources that miss an environment variable: name to the variables. */
  readonly missingVariables: ReadonlyMap<
    string,
    { readonly type: SourceConfig['type']; readonly description?: string; readonly variables: readonly string[] }
  >
  /** All findings, in the order of the file. */
  readonly diagnostics: readonly Diagnostic[]
}

type Path = readonly (string | number)[]

/** Aliases that a file may expand to; more is an attack or a mistake. */
const maxAliases = 100

/** Reads and checks `dataface.yml`. Every finding is reported at once; the environment is only looked at, never shown. */
export const readProject = async (dir: string, env: Readonly<Record<string, string | undefined>>): Promise<ReadProject> => {
  const diagnostics: Diagnostic[] = []
  let text: string
  try {
    text = readFileSync(join(dir, projectFile), 'utf8')
  } catch {
    const message = 'There is no dataface.yml here.'
    diagnostics.push({
      level: 'error',
      code: 'FILE_NOT_FOUND',
      file: projectFile,
      line: 1,
      column: 1,
      path: '',
      message,
      hint: 'Name its folder with --project, or give files to serve.',
    })
    return { config: undefined, missingVariables: new Map(), diagnostics }
  }
  const yaml = await import('yaml')
  const lines = new yaml.LineCounter()
  const document = yaml.parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const report = (level: Diagnostic['level'], code: DiagnosticCode, path: Path, message: string, hint?: string, onKey = false) => {
    const { line, col } = locate(document, lines, path, onKey)
    diagnostics.push({
      level,
      code,
      file: projectFile,
      line,
      column: col,
      path: path.join('.'),
      message,
      ...(hint !== undefined && { hint }),
    })
  }
  for (const problem of document.errors) {
    const { line, col } = lines.linePos(problem.pos[0])
    diagnostics.push({
      level: 'error',
      code: 'YAML_INVALID',
      file: projectFile,
      line,
      column: col,
      path: '',
      message: problem.message.split('\n', 1)[0] as string,
    })
  }
  if (document.errors.length > 0) return { config: undefined, missingVariables: new Map(), diagnostics }

  let raw: unknown
  try {
    raw = document.toJS({ maxAliasCount: maxAliases })
  } catch {
    report('error', 'YAML_INVALID', [], 'The file repeats an alias too often.')
    return { config: undefined, missingVariables: new Map(), diagnostics }
  }
  const missing = new Map<string, string[]>()
  const values = expandAll(
    raw,
    [],
    (path, expanded) => {
      for (const name of expanded.unknown)
        report(
          'error',
          'TEMPLATE_INVALID',
          path,
          `"{{ ${name} }}" is not a template that is known here.`,
          "Use {{ env_var('NAME') }} or {{ env_var('NAME', 'default') }}.",
        )
      if (expanded.missing.length === 0) return
      const [root, source] = path
      if (root === 'sources' && typeof source === 'string') {
        missing.set(source, [...(missing.get(source) ?? []), ...expanded.missing])
        report(
          'warning',
          'VARIABLE_MISSING',
          path,
          `The environment variable ${expanded.missing.join(', ')} is not set, so the source "${source}" is switched off.`,
          'Set it, or give a default.',
        )
      } else
        report(
          'error',
          'VARIABLE_MISSING',
          path,
          `The environment variable ${expanded.missing.join(', ')} is not set.`,
          'Set it, or give a default.',
        )
    },
    env,
  )
  warnOfPasswords(raw, report)

  const parsed = projectSchema.safeParse(values)
  if (!parsed.success) for (const issue of parsed.error.issues) reportIssue(issue, values, missing, report)
  diagnostics.sort((a, b) => a.line - b.line || a.column - b.column)
  const broken = diagnostics.some((diagnostic) => diagnostic.level === 'error')
  return { config: broken ? undefined : withoutSources(values, missing), missingVariables: describeMissing(values, missing), diagnostics }
}

type Report = (level: Diagnostic['level'], code: DiagnosticCode, path: Path, message: string, hint?: string, onKey?: boolean) => void

/** The configuration of what can be used; a source that misses a variable may hold values that do not validate. */
const withoutSources = (values: unknown, missing: ReadonlyMap<string, unknown>): ProjectConfig => {
  const { sources, ...rest } = values as { sources: Record<string, unknown> }
  return projectSchema.parse({ ...rest, sources: Object.fromEntries(Object.entries(sources).filter(([name]) => !missing.has(name))) })
}

const describeMissing = (values: unknown, missing: ReadonlyMap<string, readonly string[]>): ReadProject['missingVariables'] =>
  new Map(
    [...missing].map(([name, variables]) => {
      const source = (values as { sources?: Record<string, { type?: unknown; description?: unknown }> }).sources?.[name]
      const type = sourceTypes.find((known) => known === source?.type) ?? 'postgres'
      return [
        name,
        { type, variables: [...new Set(variables)], ...(typeof source?.description === 'string' && { description: source.description }) },
      ]
    }),
  )

const expandAll = (
  value: unknown,
  path: Path,
  onTemplate: (path: Path, expanded: ReturnType<typeof expandVariables>) => void,
  env: Readonly<Record<string, string | undefined>>,
): unknown => {
  if (typeof value === 'string') {
    if (!value.includes('{{')) return value
    const expanded = expandVariables(value, env)
    onTemplate(path, expanded)
    return expanded.text
  }
  if (Array.isArray(value)) return value.map((item, index) => expandAll(item, [...path, index], onTemplate, env))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expandAll(item, [...path, key], onTemplate, env)]))
  return value
}

const warnOfPasswords = (raw: unknown, report: Report): void => {
  const sources = (raw as { sources?: Record<string, { password?: unknown; url?: unknown } | null> } | null)?.sources
  if (typeof sources !== 'object' || sources === null) return
  const hint = "Write {{ env_var('NAME') }} in its place."
  for (const [name, source] of Object.entries(sources)) {
    if (typeof source?.password === 'string' && source.password !== '' && !source.password.includes('{{'))
      report('warning', 'LITERAL_PASSWORD', ['sources', name, 'password'], `The source "${name}" holds a literal password.`, hint)
    if (typeof source?.url === 'string' && /^[a-z]+:\/\/[^/@\s:]*:(?!\{\{)[^/@\s]+@/i.test(source.url))
      report('warning', 'LITERAL_PASSWORD', ['sources', name, 'url'], `The url of the source "${name}" holds a literal password.`, hint)
  }
}

/** One zod issue as diagnostics, with the nearest known key where a key is unknown. */
const reportIssue = (issue: z.core.$ZodIssue, values: unknown, missing: ReadonlyMap<string, unknown>, report: Report): void => {
  const path = issue.path as Path
  // A source that is switched off is not judged by values that are not there.
  if (path[0] === 'sources' && missing.has(String(path[1])) && issue.code !== 'unrecognized_keys') return
  const name = path.join('.') || 'the file'
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) {
        const known = knownKeys(path, values)
        const near = nearestName(key, known)
        report(
          'error',
          'KEY_UNKNOWN',
          [...path, key],
          `"${key}" is not a key of ${name}.`,
          near === undefined ? `Known keys: ${known.join(', ')}.` : `Did you mean "${near}"?`,
          true,
        )
      }
      return
    case 'invalid_union': {
      const type = valueAt(values, [...path, 'type'])
      const hint = `Use one of: ${sourceTypes.join(', ')}.`
      if (type === undefined) report('error', 'KEY_MISSING', path, `${name} needs a type.`, hint, true)
      else {
        const near = nearestName(String(type), sourceTypes)
        report(
          'error',
          'VALUE_INVALID',
          [...path, 'type'],
          `"${String(type)}" is not a type of source.`,
          near === undefined ? hint : `Did you mean "${near}"?`,
        )
      }
      return
    }
    case 'invalid_key':
      report(
        'error',
        'VALUE_INVALID',
        path,
        `"${String(path.at(-1))}" is not a name that can be used.`,
        'Use letters, digits, _ and -; start with a letter.',
        true,
      )
      return
    default:
      if (valueAt(values, path) === undefined)
        report(
          'error',
          'KEY_MISSING',
          path.slice(0, -1),
          `${path.slice(0, -1).join('.') || 'The file'} needs "${String(path.at(-1))}".`,
          undefined,
          true,
        )
      else report('error', 'VALUE_INVALID', path, `${name}: ${issue.message}.`)
  }
}

/** The keys that may stand at a place of the file. */
const knownKeys = (path: Path, values: unknown): string[] => {
  let schema: z.ZodType | undefined = projectSchema
  for (const [depth, key] of path.entries()) {
    const inner: z.ZodType | undefined = unwrap(schema)
    if (inner instanceof z.ZodObject) schema = inner.shape[String(key)] as z.ZodType | undefined
    else if (inner instanceof z.ZodRecord) schema = inner.valueType as z.ZodType
    else return []
    if (schema === sourceConfigSchema) {
      const type = valueAt(values, [...path.slice(0, depth + 1), 'type'])
      schema = sourceConfigSchema.options.find((option) => option.shape.type.value === type)
    }
  }
  const found = unwrap(schema)
  return found instanceof z.ZodObject ? Object.keys(found.shape).filter((key) => key !== '$schema') : []
}

const unwrap = (schema: z.ZodType | undefined): z.ZodType | undefined =>
  schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema

const valueAt = (root: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined),
    root,
  )

/** Line and column of the node at a path, or of its key; of the nearest node above when there is none. */
const locate = (document: Document, lines: LineCounter, path: Path, onKey: boolean): { line: number; col: number } => {
  for (let length = path.length; length >= 0; length--) {
    const parent =
      length === 0
        ? undefined
        : (document.getIn(path.slice(0, length - 1), true) as { items?: { key?: { value?: unknown; range?: number[] } }[] } | undefined)
    const pair = parent?.items?.find((item) => item.key?.value === path[length - 1])
    const range =
      (onKey || length < path.length ? pair?.key?.range : undefined) ??
      (document.getIn(path.slice(0, length), true) as { range?: number[] } | undefined)?.range ??
      pair?.key?.range
    if (range?.[0] !== undefined) return lines.linePos(range[0])
  }
  return { line: 1, col: 1 }
}
