import { limitsSchema } from '../../contracts/v1/project.ts'
import { checkPostgresUrl } from './check-postgres-url.ts'
import { isBlock, sourceAt, sourceNames } from './check-sources.ts'
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts'
import { holdsPassword } from './find-literal-password.ts'
import { defaultLimits } from './project.ts'

export interface Finding {
  readonly path: readonly PropertyKey[]
  /** Default error. */
  readonly level?: Diagnostic['level']
  readonly code: DiagnosticCode
  readonly message: string
  readonly hint?: string
}

/** Takes a finding; `variableHint` says what to do when the value came from a variable. */
export type Report = (finding: Finding, variableHint?: string) => void

/** What the schema cannot say, since it is about several settings at once or about what a text holds. */
export const checkSettings = (value: unknown, report: Report): void => {
  const limits = isBlock(value) ? value.limits : undefined
  checkLimits(['limits'], limits, {}, report)
  checkCase(['sources'], sourceNames(value), report)
  for (const name of sourceNames(value)) {
    const source = sourceAt(value, name)
    const path = ['sources', name]
    checkLimits([...path, 'limits'], source.limits, limits, report)
    if (isBlock(source.files)) checkCase([...path, 'files'], Object.keys(source.files), report)
    if (source.type === 'postgres') checkPostgres(path, source, report)
    if (source.type === 'duckdb' && source.schema !== undefined && source.schemas !== undefined)
      report({
        path: [...path, 'schema'],
        code: 'WRONG_VALUE',
        message: `${path.join('.')} has schema and schemas.`,
        hint: 'Keep schemas.',
      })
  }
}

const checkPostgres = (path: readonly string[], source: Readonly<Record<string, unknown>>, report: Report): void => {
  const { url } = source
  if (typeof url !== 'string' || url === '') return
  const fault = checkPostgresUrl(url)
  if (fault !== undefined)
    report({ path: [...path, 'url'], code: 'WRONG_VALUE', message: `${path.join('.')}.url ${fault.message}.`, hint: fault.hint })
  const parts = ['host', 'port', 'dbname', 'user'].filter((key) => source[key] !== undefined)
  const saidTwice = [
    ...(holdsPassword(url) && source.password !== undefined ? ['password'] : []),
    ...(/[?&]sslmode=/.test(url) && source.sslmode !== undefined ? ['sslmode'] : []),
  ]
  const doubled = [...parts, ...saidTwice]
  if (doubled[0] === undefined) return
  const list = doubled.join(', ')
  report({
    path: [...path, doubled[0]],
    code: 'WRONG_VALUE',
    message: `${path.join('.')} has url, and also ${list}.`,
    hint: source.dbname === undefined ? `Keep url and remove ${list}.` : `Keep url and remove ${list}; or remove url.`,
  })
}

const checkCase = (path: readonly string[], names: readonly string[], report: Report): void => {
  const seen = new Map<string, string>()
  for (const name of names) {
    const first = seen.get(name.toLowerCase())
    if (first === undefined) seen.set(name.toLowerCase(), name)
    else
      report({
        path: [...path, name],
        code: 'BAD_NAME',
        message: `"${name}" and "${first}" in ${path.join('.')} differ only in upper and lower case.`,
        hint: 'Rename one of them.',
      })
  }
}

/** A limit that another one makes useless. What is no limit at all, the schema says. */
const checkLimits = (path: readonly string[], written: unknown, outer: unknown, report: Report): void => {
  const own = limitsSchema.safeParse(written).data ?? {}
  const project = limitsSchema.safeParse(outer).data ?? {}
  const pairs = [
    ['default_rows', 'max_rows', defaultLimits.maxRows],
    ['max_cell_bytes', 'max_bytes', defaultLimits.maxBytes],
  ] as const
  for (const [smaller, larger, fallback] of pairs) {
    const most = own[larger] ?? project[larger] ?? fallback
    if ((own[smaller] ?? 0) <= most) continue
    report({
      path: [...path, smaller],
      level: 'warning',
      code: 'WRONG_VALUE',
      message: `${path.join('.')}.${smaller} is more than ${larger}, ${most}, which holds.`,
      hint: `Raise ${larger} or lower ${smaller}.`,
    })
  }
}
