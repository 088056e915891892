import { expect, test } from 'vitest'
import * as z from 'zod'
import { compareModels } from '../../../codegen/compat/compare-models.ts'
import { releasedModel } from '../../../codegen/compat/released-model.ts'
import { compileModel } from '../../../codegen/model.ts'
import { contracts } from '../../../contracts/catalog.ts'
import type { Contract } from '../../../contracts/define-contract.ts'
import { jsonSchemaCheck } from '../../support/json-schema-check.ts'

type Change = (contract: Contract) => Partial<Contract>
const input =
  (fields: Record<string, z.ZodType>): Change =>
  (contract) => ({ input: contract.input.extend(fields) })
const output =
  (fields: Record<string, z.ZodType>): Change =>
  (contract) => ({ output: contract.output.extend(fields) })

/** One break of each of ten contracts that we serve, and what the check must say of it. */
const breaks: readonly (readonly [name: string, change: Change, field: string, rule: string])[] = [
  ['catalog', input({ limit: z.int().min(1).max(50).default(20).describe('Results at most.') }), 'input.limit', 'bound-tightened'],
  ['execute_query', output({ row_count: z.number().min(0) }), 'output.row_count', 'type-widened'],
  ['list_tables', input({ search: z.string().min(1).max(256).describe('Words.') }), 'input.search', 'field-required'],
  ['get_schema', input({ format: z.enum(['text']).default('text').describe('Form.') }), 'input.format', 'enum-value-removed'],
  ['render_dashboard', ({ input: old }) => ({ input: old.omit({ theme: true }) }), 'input.theme', 'field-removed'],
  [
    'save_dashboard',
    ({ annotations }) => ({ annotations: { ...annotations, idempotent: false } }),
    'annotations.idempotent',
    'hint-weakened',
  ],
  ['list_sources', output({ sources: z.null() }), 'output.sources', 'type-changed'],
  ['validate_yaml', ({ output: old }) => ({ output: old.partial() }), 'output.valid', 'field-optional'],
  ['get_dashboard', input({ reason: z.string().describe('Why.') }), 'input.reason', 'required-field-added'],
  [
    'search_dashboards',
    input({
      query: z
        .string()
        .regex(/^[a-z]+$/)
        .describe('Words.'),
    }),
    'input.query',
    'pattern-added',
  ],
]

test('ten contracts are broken', () => {
  expect(new Set(breaks.map(([name]) => name)).size).toBe(10)
})

test.each(breaks)('the check names the rule and a witness when %s breaks', (name, change, field, rule) => {
  const given: readonly Contract[] = contracts
  const old = given.find((contract) => contract.name === name) as Contract
  const now: Contract = { ...old, ...change(old), version: '1.1.0', examples: [] }
  const changed = given.map((contract) => (contract === old ? now : contract))
  const findings = compareModels(releasedModel(compileModel(given)), releasedModel(compileModel(changed)), { today: '2026-11-21' })

  const told = findings.filter(({ level }) => level === 'breaking').map((finding) => `${finding.tool} ${finding.field} ${finding.rule}`)
  expect(told).toContain(`${name} ${field} ${rule}`)
  const { witness } = findings.find((finding) => finding.field === field && finding.rule === rule) ?? {}
  expect(witness).toBeDefined()
  const side = field.split('.')[0]
  if (witness === undefined || (side !== 'input' && side !== 'output')) return

  const verdicts = [witness.acceptedBy === 'before', witness.acceptedBy === 'after']
  expect([old, now].map((contract) => contract[side].safeParse(witness.value).success)).toEqual(verdicts)
  const models = [compileModel(given), compileModel(changed)].map(({ tools }) => tools.find((tool) => tool.name === name)?.[side] ?? {})
  expect(models.map((schema) => jsonSchemaCheck(schema)(witness.value))).toEqual(verdicts)
})
