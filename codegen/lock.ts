import { compareModels } from './compat/compare-models.ts'
import type { Finding, Options } from './compat/finding.ts'
import { lockFormat, type ReleasedModel, releasedModel } from './compat/released-model.ts'
import type { GeneratedFile } from './generated-file.ts'
import type { Model } from './model.ts'
import { releaseFacts } from './release-facts.ts'

/** A dangerous or visible change that somebody has looked at. */
export interface Acknowledgement {
  readonly fingerprint: string
  /** Tool, field and rule, for readers. */
  readonly change: string
  /** Why it is well. */
  readonly reason: string
}

/** What a release changed. */
export interface PastRelease {
  readonly release: string
  readonly changes: readonly Pick<Finding, 'tool' | 'field' | 'rule' | 'level' | 'message'>[]
}

/** The lock: what was released last, what has changed since and was looked at, and what earlier releases changed. */
export interface Lock {
  readonly released: ReleasedModel
  readonly acknowledged: readonly Acknowledgement[]
  /** The oldest first. */
  readonly history: readonly PastRelease[]
}

export const lockPaths = {
  released: 'contracts/released/v1.json',
  acknowledged: 'contracts/released/acknowledged.json',
  history: 'contracts/released/history.json',
} as const satisfies Record<keyof Lock, string>

/** Undefined when nothing was released, or by a form that is no longer read. */
export const readLock = (read: (path: string) => string | undefined): Lock | undefined => {
  const parse = (path: string): unknown => JSON.parse(read(path) ?? 'null')
  const released = parse(lockPaths.released) as ReleasedModel | null
  if (released?.format !== lockFormat) return undefined
  return {
    released,
    acknowledged: (parse(lockPaths.acknowledged) ?? []) as Acknowledgement[],
    history: (parse(lockPaths.history) ?? []) as PastRelease[],
  }
}

export const lockFiles = (lock: Lock): GeneratedFile[] =>
  (Object.keys(lockPaths) as (keyof Lock)[]).map((part) => ({ path: lockPaths[part], content: `${JSON.stringify(lock[part], null, 2)}\n` }))

/** What would be released now. */
export const nextRelease = (model: Model, files: readonly GeneratedFile[], version: string, lock: Lock | undefined): ReleasedModel =>
  releasedModel(model, { ...releaseFacts(model, files, version), removed: lock?.released.removed ?? [] })

/** What has changed since the last release. */
export const findingsSince = (lock: Lock, next: ReleasedModel, options: Options): Finding[] => compareModels(lock.released, next, options)

/** Whether a finding asks for a line in the lock. */
export const needsLine = ({ level }: Finding): boolean => level === 'dangerous' || level === 'visible'

const removals: readonly Finding['rule'][] = [
  'tool-removed',
  'tool-renamed',
  'alias-removed',
  'field-removed',
  'field-renamed',
  'code-removed',
]

/** The lock after a release: names that are gone stay reserved, and lines that were acknowledged become history. */
export const lockAfter = (lock: Lock, next: ReleasedModel, findings: readonly Finding[]): Lock => {
  const gone = findings
    .filter(({ rule, effect }) => removals.includes(rule) && effect !== 'text')
    .map(({ tool, field, rule, witness }) => {
      if (rule === 'alias-removed') return { tool: String(witness?.value), field: '' }
      return { tool, field: field === 'name' ? '' : field }
    })
  const removed = [...new Map([...lock.released.removed, ...gone].map((name) => [JSON.stringify(name), name])).values()]
  const changes = findings
    .filter(({ level, rule }) => level !== 'safe' || rule.endsWith('-added'))
    .map(({ tool, field, rule, level, message }) => ({ tool, field, rule, level, message }))
  return {
    released: { ...next, removed },
    acknowledged: [],
    history: changes.length === 0 ? lock.history : [...lock.history, { release: next.release, changes }],
  }
}

/** A lock that begins here: nothing was promised to anyone before. */
export const firstLock = (next: ReleasedModel): Lock => ({ released: { ...next, removed: [] }, acknowledged: [], history: [] })

/** Lines for findings, with the reason; of lines that are there the reason stays. */
export const acknowledge = (lock: Lock, findings: readonly Finding[], reason: string): Lock => {
  const known = new Set(lock.acknowledged.map(({ fingerprint }) => fingerprint))
  const lines = findings
    .filter(({ fingerprint }) => !known.has(fingerprint))
    .map(({ fingerprint, tool, field, rule }) => ({ fingerprint, change: `${tool} ${field} ${rule}`, reason }))
  return { ...lock, acknowledged: [...lock.acknowledged, ...lines] }
}
