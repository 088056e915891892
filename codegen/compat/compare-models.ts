import type { ToolModel } from '../model.ts'
import { compareSchemas, type Effect } from './compare-schemas.ts'

export type Level = 'breaking' | 'dangerous' | 'info'

/** What a change means to a caller who was given the old contract. */
export interface Finding {
  readonly tool: string
  /** `input.limit`, `output.rows[]`, `name`, ... */
  readonly field: string
  readonly rule: string
  readonly level: Level
  readonly message: string
  readonly witness?: unknown
}

/** The part of a tool that a release freezes. */
export type ReleasedTool = Pick<ToolModel, 'name' | 'version' | 'input' | 'output' | 'errors' | 'annotations' | 'aliases' | 'description'>

/**
 * The law: an input may only accept more, an output may only send less. Severity follows from the effect on the set of
 * values and the direction, never from a list.
 */
const levelOf = (direction: 'input' | 'output', effect: Effect): Level => {
  if (effect === 'incomparable') return 'breaking'
  return (direction === 'input') === (effect === 'narrow') ? 'breaking' : 'info'
}

/** Every difference between what was released and what would be. */
export const compareModels = (before: readonly ReleasedTool[], after: readonly ReleasedTool[]): Finding[] => {
  const findings: Finding[] = []
  for (const old of before) {
    const now = after.find((tool) => tool.name === old.name)
    if (now === undefined) {
      const alias = after.find((tool) => tool.aliases.includes(old.name))
      findings.push(
        alias === undefined
          ? { tool: old.name, field: 'name', rule: 'tool-removed', level: 'breaking', message: 'was removed or renamed without an alias' }
          : {
              tool: old.name,
              field: 'name',
              rule: 'tool-renamed',
              level: 'info',
              message: `is now ${alias.name}, and its old name an alias`,
            },
      )
      continue
    }
    findings.push(...compareTool(old, now))
  }
  for (const now of after)
    if (!before.some((tool) => tool.name === now.name))
      findings.push({ tool: now.name, field: 'name', rule: 'tool-added', level: 'info', message: 'is new' })
  return findings
}

const compareTool = (old: ReleasedTool, now: ReleasedTool): Finding[] => {
  const findings: Finding[] = []
  const add = (field: string, rule: string, level: Level, message: string, witness?: unknown) =>
    findings.push({ tool: old.name, field, rule, level, message, ...(witness !== undefined && { witness }) })

  for (const direction of ['input', 'output'] as const)
    for (const { field, rule, effect, message, witness } of compareSchemas(old[direction], now[direction]))
      add(`${direction}.${field}`, rule, levelOf(direction, effect), message, witness)
  for (const alias of old.aliases)
    if (!now.aliases.includes(alias)) add('aliases', 'alias-removed', 'breaking', `no longer answers to "${alias}"`, alias)
  for (const code of now.errors) if (!old.errors.includes(code)) add('errors', 'error-added', 'dangerous', `may now answer ${code}`, code)
  for (const code of old.errors) if (!now.errors.includes(code)) add('errors', 'error-removed', 'info', `no longer answers ${code}`, code)
  for (const [hint, worse] of [
    ['readOnly', false],
    ['destructive', true],
    ['idempotent', false],
    ['openWorld', true],
  ] as const)
    if (old.annotations[hint] !== now.annotations[hint])
      add(
        `annotations.${hint}`,
        'annotation-changed',
        now.annotations[hint] === worse ? 'breaking' : 'info',
        `${hint} is now ${now.annotations[hint]}`,
      )

  if (findings.length > 0 && compareVersions(now.version, old.version) <= 0)
    add('version', 'version-unchanged', 'breaking', `the contract changed and its version is still ${now.version}`)
  if (old.description !== now.description) add('description', 'description-changed', 'info', 'models choose by it')
  return findings
}

const compareVersions = (a: string, b: string): number => {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let i = 0; i < 3; i++) if (left[i] !== right[i]) return (left[i] ?? 0) - (right[i] ?? 0)
  return 0
}
