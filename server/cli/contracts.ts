import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { compareModels } from '../../codegen/compat/compare-models.ts'
import { explainRule, isRuleName } from '../../codegen/compat/explain-rule.ts'
import {
  findingsAsJson,
  findingsAsMarkdown,
  findingsAsSarif,
  findingsAsText,
  inOrderOfGravity,
} from '../../codegen/compat/print-findings.ts'
import { lockFormat, type ReleasedModel } from '../../codegen/compat/released-model.ts'
import { rules } from '../../codegen/compat/rules.ts'
import { nearestName } from '../envelope/nearest-name.ts'
import { type Command, choiceOf, exitCodes, type Invocation, jsonFlag, UsageError } from './command.ts'

export const command: Command = {
  usage: 'diff|explain ARGUMENTS',
  positionals: [1, 3],
  flags: {
    format: { value: 'FORM', about: 'Of diff: text, json, sarif or markdown. Default text.' },
    json: jsonFlag,
  },
  details: [
    'diff A [B] compares two releases of the contracts, A the older: files contracts/released/v1.json of two versions, or',
    '"released" for those of this program, which is also what B is when it is not given. Ends with 1 when a caller of A breaks.',
    'explain [RULE] says what a rule of diff is about, how grave it is and what to do; without RULE it lists them.',
  ],
  examples: [
    'dft contracts diff old/v1.json',
    'dft contracts diff old/v1.json new/v1.json --format markdown',
    'dft contracts explain enum-value-added',
  ],
  async run(invocation) {
    const [verb, ...rest] = invocation.positionals
    if (verb === 'diff') return diff(invocation, rest)
    if (verb === 'explain') return explain(invocation, rest)
    throw new UsageError(`dft contracts does not take "${verb}".`, 'Usage: dft contracts diff A [B], or dft contracts explain [RULE]')
  },
}

const diff = async (invocation: Invocation, [before, after = 'released', ...more]: readonly string[]): Promise<number> => {
  if (before === undefined || more.length > 0)
    throw new UsageError('dft contracts diff takes one or two releases.', 'Usage: dft contracts diff A [B]')
  const format = choiceOf(invocation, 'format', ['text', 'json', 'sarif', 'markdown']) ?? (invocation.flags.json === true ? 'json' : 'text')
  const [old, now] = [await readRelease(before), await readRelease(after)]
  const findings = compareModels(old, now, { today: new Date().toISOString().slice(0, 10) })
  const print = { text: findingsAsText, json: findingsAsJson, sarif: findingsAsSarif, markdown: findingsAsMarkdown }[format]
  invocation.terminal.out(print(inOrderOfGravity(findings)))
  return findings.some(({ level }) => level === 'breaking') ? exitCodes.failed : exitCodes.ok
}

/** A release from its file, or that of this program. Throws `UsageError` for a file that holds none. */
const readRelease = async (name: string): Promise<ReleasedModel> => {
  if (name === 'released') {
    const { default: released } = await import('../../contracts/released/v1.json', { with: { type: 'json' } })
    return released as unknown as ReleasedModel
  }
  const noRelease = (why: string): UsageError => new UsageError(`${name} ${why}.`, 'Give a file contracts/released/v1.json, or "released".')
  let text: string
  try {
    text = readFileSync(resolve(name), 'utf8')
  } catch {
    throw noRelease('cannot be read')
  }
  let release: ReleasedModel | null
  try {
    release = JSON.parse(text) as ReleasedModel | null
  } catch {
    throw noRelease('is not JSON')
  }
  if (release?.format !== lockFormat) throw noRelease(`is no release of form ${lockFormat}`)
  try {
    // What can be compared is whole.
    compareModels(release, release, { today: '' })
  } catch {
    throw noRelease('is a release of which parts are missing')
  }
  return release
}

const explain = ({ terminal, flags }: Invocation, [name, ...more]: readonly string[]): number => {
  if (more.length > 0) throw new UsageError(`dft contracts explain does not take "${more[0]}".`, 'Usage: dft contracts explain [RULE]')
  if (name === undefined) {
    const list = Object.entries(rules).map(([rule, { summary }]) => ({ rule, summary }))
    terminal.out(
      flags.json === true ? `${JSON.stringify({ rules: list })}\n` : list.map(({ rule, summary }) => `${rule}: ${summary}\n`).join(''),
    )
    return exitCodes.ok
  }
  if (!isRuleName(name)) {
    const near = nearestName(name, Object.keys(rules))
    throw new UsageError(`There is no rule "${name}".`, near === undefined ? 'See dft contracts explain.' : `Did you mean "${near}"?`)
  }
  terminal.out(flags.json === true ? `${JSON.stringify({ rule: name, ...rules[name] })}\n` : explainRule(name))
  return exitCodes.ok
}
