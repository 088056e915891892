import type { JsonSchema } from '../json-schema.ts'
import type { Direction, Guard } from './law.ts'
import { canonical } from './normal-form.ts'
import type { ReleasedTool } from './released-model.ts'
import type { RuleName } from './rules.ts'

/**
 * A promise of a tool that is not in its schemas, said as a schema all the same: the set of calls it takes, or of answers
 * and acts that a caller must be ready for. So one law judges everything, and finds witnesses for it.
 */
export interface Facet {
  readonly field: string
  readonly direction: Direction
  /** The rule of its changes; one by effect where they have names of their own. */
  readonly rule: RuleName | { readonly narrow: RuleName; readonly widen: RuleName }
  readonly guard?: Guard
  /** People and models read it, so that even a safe change is one of text. */
  readonly isRead?: true
  says(tool: ReleasedTool): JsonSchema
}

const oneOf = (values: readonly unknown[]): JsonSchema => ({ enum: [...values] })
const atMost = (amounts: Readonly<Record<string, number>> = {}): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(Object.entries(amounts).map(([name, maximum]) => [name, { type: 'number', maximum }])),
})
const holding = (names: readonly string[], properties: Record<string, JsonSchema> = {}): JsonSchema => ({
  type: 'object',
  properties: { ...Object.fromEntries(names.map((name) => [name, {}])), ...properties },
  required: [...names, ...Object.keys(properties)],
})

/** What a tool may do when it does not promise otherwise, beside what it may do when it does. */
const hint = (name: keyof ReleasedTool['annotations'], strong: boolean, isRead = true): Facet => ({
  field: `annotations.${name}`,
  direction: 'output',
  rule: { narrow: 'hint-strengthened', widen: 'hint-weakened' },
  ...(isRead && { isRead }),
  says: ({ annotations }) => oneOf(annotations[name] === strong ? [strong] : [strong, !strong]),
})

const stabilities = ['stable', 'beta', 'experimental'] as const
const sensitivities = ['public', 'internal', 'personal'] as const

/** Every promise of a tool beside its schemas, texts and names. */
export const facets: readonly Facet[] = [
  hint('readOnly', true),
  hint('destructive', false),
  hint('idempotent', true, false),
  hint('openWorld', false),
  {
    field: 'errors',
    direction: 'output',
    rule: { narrow: 'error-removed', widen: 'error-added' },
    guard: 'open',
    says: ({ errors }) => oneOf(errors),
  },
  { field: 'answers', direction: 'input', rule: 'answers-changed', says: ({ answers }) => oneOf(answers) },
  {
    field: 'reading',
    direction: 'output',
    rule: 'reading-changed',
    guard: 'soft',
    says: ({ reading }) => oneOf([canonical(reading)]),
  },
  {
    field: 'http',
    direction: 'input',
    rule: 'address-changed',
    says: ({ http }) => oneOf([`${http.method} ${http.path} ${http.operationId} ${http.status}`]),
  },
  { field: 'headers', direction: 'output', rule: 'headers-changed', says: ({ headers }) => holding(headers) },
  {
    field: 'pagination',
    direction: 'output',
    rule: 'pagination-changed',
    says: ({ pagination }) => (pagination === 'none' ? {} : oneOf([pagination])),
  },
  {
    field: 'promises.stability',
    direction: 'output',
    rule: 'stability-changed',
    says: ({ promises }) => oneOf(stabilities.slice(0, stabilities.indexOf(promises?.stability ?? 'stable') + 1)),
  },
  { field: 'promises.scopes', direction: 'input', rule: 'scopes-changed', says: ({ promises }) => holding(promises?.scopes ?? []) },
  { field: 'promises.limits', direction: 'input', rule: 'limit-changed', guard: 'soft', says: ({ promises }) => atMost(promises?.limits) },
  { field: 'promises.bounds', direction: 'input', rule: 'bound-of-input-changed', says: ({ promises }) => atMost(promises?.bounds) },
  {
    field: 'promises.ordering',
    direction: 'output',
    rule: 'ordering-changed',
    guard: 'soft',
    says: ({ promises }) => (promises?.ordering === undefined ? {} : oneOf([promises.ordering])),
  },
  {
    field: 'promises.meanings',
    direction: 'output',
    rule: 'meaning-changed',
    says: ({ promises }) =>
      holding([], Object.fromEntries(Object.entries(promises?.meanings ?? {}).map(([field, meaning]) => [field, oneOf([meaning])]))),
  },
  {
    field: 'promises.sensitivity',
    direction: 'output',
    rule: 'sensitivity-changed',
    guard: 'soft',
    says: ({ promises }) => ({
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(promises?.sensitivity ?? {}).map(([field, most]) => [
          field,
          oneOf(sensitivities.slice(0, sensitivities.indexOf(most) + 1)),
        ]),
      ),
      additionalProperties: oneOf(['public']),
    }),
  },
  {
    field: 'promises.coercions',
    direction: 'input',
    rule: 'coercion-changed',
    guard: 'soft',
    says: ({ promises }) => oneOf([JSON.stringify(Object.entries(promises?.coercions ?? {}).sort())]),
  },
  {
    field: 'promises.transform',
    direction: 'output',
    rule: { narrow: 'transform-strengthened', widen: 'transform-weakened' },
    says: ({ promises: { transform = { total: true, roundTrip: true } } = {} }) => ({
      type: 'object',
      properties: {
        total: oneOf(transform.total ? [true] : [true, false]),
        roundTrip: oneOf(transform.roundTrip ? [true] : [true, false]),
      },
    }),
  },
]
