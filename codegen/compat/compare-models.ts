import type { JsonSchema } from '../json-schema.ts'
import { compareSchemas, type Effect } from './compare-schemas.ts'
import { canonical } from './normal-form.ts'
import type { ReleasedModel, ReleasedTool } from './released-model.ts'

export type Level = 'breaking' | 'dangerous' | 'info'

/** What a change means to a caller who was given the old contract. */
export interface Finding {
  /** Name of the tool; `envelope`, `errors` and `dataface.yml` for what all tools share. */
  readonly tool: string
  /** `input.limit`, `output.rows[]`, `name`, ... */
  readonly field: string
  readonly rule: string
  readonly level: Level
  readonly message: string
  /** A whole input, or a whole `data`, that one of the two contracts accepts and the other refuses. */
  readonly witness?: unknown
}

type Direction = 'input' | 'output'

/**
 * The law: an input may only accept more, an output may only send less. Severity follows from the effect on the set of
 * values and the direction, never from a list.
 */
export const levelOf = (direction: Direction, effect: Effect): Level => {
  switch (effect) {
    case 'none':
      return 'info'
    case 'behaviour':
      return direction === 'input' ? 'dangerous' : 'info'
    case 'unknown':
      return 'dangerous'
    case 'incomparable':
      return 'breaking'
    case 'narrow':
      return direction === 'input' ? 'breaking' : 'info'
    case 'widen':
      return direction === 'output' ? 'breaking' : 'info'
  }
}

/** Every difference between what was released and what would be. */
export const compareModels = (before: ReleasedModel, after: ReleasedModel): Finding[] => [
  ...compareTools(before.tools, after.tools),
  ...compareErrors(before.errors, after.errors),
  ...(['meta', 'warning', 'errorItem'] as const).flatMap((part) =>
    compareDirected('envelope', part, 'output', withoutCodes(before.envelope[part]), withoutCodes(after.envelope[part])),
  ),
  ...compareDirected('dataface.yml', '', 'input', before.project, after.project),
]

const compareDirected = (tool: string, prefix: string, direction: Direction, before: JsonSchema, after: JsonSchema): Finding[] =>
  compareSchemas(before, after).map(({ field, effect, ...change }) => ({
    tool,
    field: [prefix, field].filter((part) => part !== '').join('.') || '(root)',
    level: levelOf(direction, effect),
    ...change,
  }))

/** The codes of an error have rules of their own: a new one is no break, because a caller must expect it. */
const withoutCodes = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  properties: Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, property]) => {
      const { enum: _codes, ...open } = property
      return [name, name === 'code' ? open : property]
    }),
  ),
})

const compareTools = (before: readonly ReleasedTool[], after: readonly ReleasedTool[]): Finding[] => {
  const findings: Finding[] = []
  const add = (tool: string, rule: string, level: Level, message: string) => findings.push({ tool, field: 'name', rule, level, message })
  const isNew = (tool: ReleasedTool): boolean => !before.some((old) => old.name === tool.name)
  for (const old of before) {
    const now = after.find((tool) => tool.name === old.name)
    if (now !== undefined) {
      findings.push(...compareTool(old, now))
      continue
    }
    const successor = after.find((tool) => tool.aliases.includes(old.name))
    if (successor !== undefined) {
      add(old.name, 'tool-renamed', 'info', `is now ${successor.name}, and its old name an alias; models choose by names`)
      findings.push(...compareTool(old, successor))
      continue
    }
    const alike = after.find((tool) => isNew(tool) && canonical([tool.input, tool.output]) === canonical([old.input, old.output]))
    if (alike === undefined) add(old.name, 'tool-removed', 'breaking', 'was removed')
    else add(old.name, 'tool-renamed', 'breaking', `is gone, and ${alike.name} is new and like it: give it the alias ${old.name}`)
  }
  for (const now of after) if (isNew(now)) add(now.name, 'tool-added', 'info', 'is new')
  return findings
}

/** The value of each hint that lets a host do less by itself. */
const weakerHints = { readOnly: false, destructive: true, idempotent: false, openWorld: true } as const

const compareTool = (old: ReleasedTool, now: ReleasedTool): Finding[] => {
  const findings: Finding[] = [
    ...compareDirected(old.name, 'input', 'input', old.input, now.input),
    ...compareDirected(old.name, 'output', 'output', old.output, now.output),
  ]
  const add = (field: string, rule: string, level: Level, message: string) => findings.push({ tool: old.name, field, rule, level, message })

  for (const alias of old.aliases)
    if (!now.aliases.includes(alias) && now.name !== alias) add('aliases', 'alias-removed', 'breaking', `no longer answers to "${alias}"`)
  for (const alias of now.aliases)
    if (!old.aliases.includes(alias) && alias !== old.name) add('aliases', 'alias-added', 'info', `also answers to "${alias}"`)
  if (now.executedBy !== old.executedBy)
    add(
      'executedBy',
      'executor-changed',
      'breaking',
      `was executed by the ${old.executedBy ?? 'server'} and is by the ${now.executedBy ?? 'server'}`,
    )
  for (const code of now.errors) if (!old.errors.includes(code)) add('errors', 'error-added', 'dangerous', `may now answer ${code}`)
  for (const code of old.errors) if (!now.errors.includes(code)) add('errors', 'error-removed', 'info', `no longer answers ${code}`)
  for (const [hint, weaker] of Object.entries(weakerHints) as [keyof typeof weakerHints, boolean][])
    if (old.annotations[hint] !== now.annotations[hint]) {
      const isWeaker = now.annotations[hint] === weaker
      add(
        `annotations.${hint}`,
        isWeaker ? 'annotation-weakened' : 'annotation-strengthened',
        isWeaker ? 'breaking' : 'info',
        `${hint} is now ${now.annotations[hint]}; hosts allow calls by it`,
      )
    }

  const isChanged = findings.some(({ rule }) => rule !== 'text-changed')
  if (isChanged && compareVersions(now.version, old.version) <= 0)
    add('version', 'version-unchanged', 'breaking', `the contract changed and its version is still ${now.version}`)
  if (!isChanged && compareVersions(now.version, old.version) < 0)
    add('version', 'version-lowered', 'breaking', `was ${old.version} and is ${now.version}`)
  if (old.description !== now.description) add('description', 'description-changed', 'info', 'changed; models choose by it')
  return findings
}

const compareErrors = (before: ReleasedModel['errors'], after: ReleasedModel['errors']): Finding[] => {
  const findings: Finding[] = []
  const add = (field: string, rule: string, level: Level, message: string) => findings.push({ tool: 'errors', field, rule, level, message })
  for (const [code, old] of Object.entries(before)) {
    const now = after[code]
    if (now === undefined) add(code, 'code-removed', 'breaking', 'was removed or renamed; callers and pages name it')
    else
      for (const key of ['httpStatus', 'retryable'] as const)
        if (old[key] !== now[key]) add(`${code}.${key}`, 'code-changed', 'breaking', `was ${old[key]} and is ${now[key]}`)
  }
  for (const code of Object.keys(after)) if (!(code in before)) add(code, 'code-added', 'dangerous', 'is new')
  return findings
}

/** Whether a finding forbids a release: it breaks a caller, and its tool does not say so by a new major version. */
export const breaksRelease = ({ tool, level }: Finding, before: ReleasedModel, after: ReleasedModel): boolean => {
  const majorOf = ({ tools }: ReleasedModel): number => Number(tools.find(({ name }) => name === tool)?.version.split('.')[0] ?? 0)
  return level === 'breaking' && majorOf(after) <= majorOf(before)
}

/** Below zero when `a` is the older. */
export const compareVersions = (a: string, b: string): number => {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let i = 0; i < 3; i++) if (left[i] !== right[i]) return (left[i] ?? 0) - (right[i] ?? 0)
  return 0
}
