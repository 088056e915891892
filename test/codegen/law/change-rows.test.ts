import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { compareModels } from '../../../codegen/compat/compare-models.ts'
import type { Finding } from '../../../codegen/compat/finding.ts'
import { levels } from '../../../codegen/compat/law.ts'
import { rules } from '../../../codegen/compat/rules.ts'
import { generateFiles } from '../../../codegen/generate.ts'
import { ContractFindings } from '../../../codegen/model.ts'
import { readOnlyAnnotations } from '../../../contracts/define-contract.ts'
import { jsonSchemaCheck } from '../../support/json-schema-check.ts'
import { changeRows } from './change-rows.ts'
import type { Pair } from './released-pairs.ts'

const judge = ({ before, after }: Pair): Finding[] => compareModels(before, after, { today: '2026-11-21' })
const gravest = (findings: readonly Finding[]) => levels.find((level) => findings.some((finding) => finding.level === level)) ?? 'safe'

/** Rows that no pair of models shows, because generation stops there. */
const atGeneration = [71, 75]

test('every row of the table is there', () => {
  const rows = new Set([...changeRows.map(({ row }) => row), ...atGeneration])
  expect([...rows].sort((a, b) => a - b)).toEqual(Array.from({ length: 82 }, (_, index) => index + 1))
})

describe('each change is as grave as the table says', () => {
  test.each(changeRows.map((pair) => [`${pair.row}: ${pair.title}`, pair] as const))('%s', (_title, pair) => {
    const findings = judge(pair)
    expect(gravest(findings), JSON.stringify(findings, null, 1)).toBe(pair.level)
    if (pair.rule !== undefined) expect(findings.map(({ rule }) => rule)).toContain(pair.rule)
  })
})

/** Changes that are in what is read or assumed, or in texts that are not decided or not judged by a validator. */
const withoutWitness = new Set([
  'default-added',
  'default-changed',
  'default-removed',
  'title-changed',
  'text-removed',
  'deprecated',
  'encoding-changed',
])

describe('what breaks or may break has a witness, which a validator takes on one side only', () => {
  const grave = changeRows.flatMap((pair) =>
    judge(pair)
      .filter(({ level, rule }) => ['breaking', 'dangerous'].includes(level) && !withoutWitness.has(rule))
      .map((finding) => [`${pair.row}: ${pair.title}, ${finding.rule}`, pair, finding] as const),
  )
  // Whether two patterns hold each other is not decided; what an open list takes does not change with what it names.
  const undecided = /^(50: a pattern is spelled otherwise|35: int32|36: a format is narrowed|41: .* open list|56: .* that is open)/

  test.each(grave.filter(([title]) => !undecided.test(title)))('%s', (_title, { before, after }, { field, witness }) => {
    expect(witness).toBeDefined()
    const side = field === '(root)' ? undefined : (['input', 'output'] as const).find((one) => field === one || field.startsWith(`${one}.`))
    if (side === undefined || witness === undefined) return
    const [took, takes] = [before, after].map(({ tools }) => jsonSchemaCheck(tools[0]?.[side] ?? {})(witness.value))
    expect([took, takes]).toEqual([witness.acceptedBy === 'before', witness.acceptedBy === 'after'])
  })
})

test('no change is milder than one that it holds', () => {
  const grave = (pair: Pair) => levels.indexOf(gravest(judge(pair)))
  for (const [index, pair] of changeRows.entries()) {
    const other = changeRows[(index * 7 + 3) % changeRows.length] as Pair
    const [tool, more] = [pair.after.tools[0], other.after.tools[0]]
    const [was, wasMore] = [pair.before.tools[0], other.before.tools[0]]
    if (tool === undefined || more === undefined || was === undefined || wasMore === undefined) continue
    const both: Pair = {
      ...pair,
      before: { ...pair.before, tools: [...pair.before.tools, { ...wasMore, name: 'another', aliases: [] }] },
      after: { ...pair.after, tools: [...pair.after.tools, { ...more, name: 'another', aliases: [] }] },
    }
    expect(grave(both), `${pair.title}, and ${other.title}`).toBeLessThanOrEqual(grave(pair))
  }
})

describe('rows that stop generation', () => {
  const contract = {
    name: 'count_birds',
    version: '1.0.0',
    title: 'Count birds',
    description: 'Counts birds.',
    input: z.strictObject({ pond: z.string().describe('Which pond.') }),
    output: z.object({ birds: z.int() }),
    errors: [],
    annotations: readOnlyAnnotations,
    examples: [],
  } as const
  const findingsOf = (given: object): string[] => {
    try {
      generateFiles([{ ...contract, ...given }], '1.0.0', { python: {}, typescript: {} })
      return []
    } catch (error) {
      if (!(error instanceof ContractFindings)) throw error
      return error.findings.map(({ field, message }) => `${field}: ${message}`)
    }
  }

  test('71: an example that no longer fits', () => {
    expect(findingsOf({ examples: [{ title: 'Count', input: { pond: 1 }, output: { birds: 1 } }] }).join()).toContain(
      'examples.0.input.pond: fails its own schema',
    )
  })

  test('75: a name that is longer than a target takes', () => {
    expect(findingsOf({ name: 'x'.repeat(47) }).join()).toContain('does not fit')
  })
})

test('every rule is there for some change', () => {
  const used = new Set(changeRows.flatMap((pair) => judge(pair).map(({ rule }) => rule)))
  const elsewhere = [
    'alias-added',
    'alias-removed',
    'name-reused',
    'revision-added',
    'version-lowered',
    'version-unchanged',
    'constraint-changed',
    'transform-strengthened',
    'client-name-added',
    'executor-changed',
  ]
  expect(Object.keys(rules).filter((rule) => !used.has(rule as never) && !elsewhere.includes(rule))).toEqual([])
})
