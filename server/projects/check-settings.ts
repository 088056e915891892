import { limitsSchema } from '../../contracts/v1/project.ts'
import { nearestName } from '../envelope/nearest-name.ts'
import { servedTools } from '../generated/handlers.ts'
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
  const access = isBlock(value) && isBlock(value.access) ? value.access : undefined
  if (access?.keys === false && access.oauth === undefined && access.local !== true)
    report({
      path: ['access', 'keys'],
      code: 'WRONG_VALUE',
      message: 'access lets nobody call.',
      hint: 'Remove keys: false, or give oauth.',
    })
  checkIssuer(access?.oauth, report)
  checkQuotas(isBlock(value) ? value.quotas : undefined, report)
  if (isBlock(value) && isBlock(value.audit)) checkAudit(value.audit, report)
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

/** Whoever stands between could give keys of its own, and tokens made with them. */
const checkIssuer = (oauth: unknown, report: Report): void => {
  if (!isBlock(oauth)) return
  for (const key of ['issuer', 'jwks_uri']) {
    const address = oauth[key]
    if (typeof address !== 'string' || !URL.canParse(address)) continue
    const { protocol, hostname } = new URL(address)
    if (protocol === 'http:' && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname))
      report({
        path: ['access', 'oauth', key],
        level: 'warning',
        code: 'INSECURE_ADDRESS',
        message: `access.oauth.${key} is reached without TLS, so tokens can be forged on the way.`,
        hint: 'Write https://.',
      })
  }
}

/** A quota of a tool that is not there would limit nothing. */
const checkQuotas = (quotas: unknown, report: Report): void => {
  const tools = isBlock(quotas) && isBlock(quotas.tools) ? Object.keys(quotas.tools) : []
  const known = servedTools.map(({ name }) => name)
  for (const name of tools) {
    if (known.includes(name)) continue
    const near = nearestName(name, known)
    report({
      path: ['quotas', 'tools', name],
      code: 'UNKNOWN_TOOL',
      message: `quotas.tools names the tool "${name}", which does not exist.`,
      hint: near === undefined ? '`dft tools` lists them.' : `Did you mean "${near}"?`,
    })
  }
}

const checkAudit = ({ file, url, retention_days: days }: Readonly<Record<string, unknown>>, report: Report): void => {
  const fault = typeof url === 'string' && url !== '' ? checkPostgresUrl(url) : undefined
  if (fault !== undefined) report({ path: ['audit', 'url'], code: 'WRONG_VALUE', message: `audit.url ${fault.message}.`, hint: fault.hint })
  if (url !== undefined && file !== undefined)
    report({ path: ['audit', 'file'], code: 'WRONG_VALUE', message: 'audit has url, and also file.', hint: 'Keep one of them.' })
  if (url === undefined && days !== undefined)
    report({
      path: ['audit', 'retention_days'],
      code: 'WRONG_VALUE',
      message: 'audit.retention_days is for records in Postgres, and audit has no url.',
      hint: 'Give url, or remove it: a file is kept until someone removes it.',
    })
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
