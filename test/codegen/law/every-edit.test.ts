import { expect, test } from 'vitest'
import { compareModels } from '../../../codegen/compat/compare-models.ts'
import type { ReleasedModel, ReleasedTool } from '../../../codegen/compat/released-model.ts'
import type { JsonSchema } from '../../../codegen/json-schema.ts'
import { empty, object, tool } from './released-pairs.ts'

const text: JsonSchema = { type: 'string' }
const sized = { type: 'array', items: text } as const
const keyed: JsonSchema = { type: 'object', properties: { a: text, b: text } }

/** A schema for each keyword that there is; a new one does not compile until it has its line. */
const keywords: Record<Exclude<keyof JsonSchema, '$ref' | '$defs' | 'then' | 'else' | 'oneOf' | 'const'>, JsonSchema> = {
  type: text,
  title: { ...text, title: 'Pond' },
  description: { ...text, description: 'A pond.' },
  properties: object({ a: text, b: { type: 'integer' } }),
  required: object({ a: text, b: text }, ['a', 'b']),
  additionalProperties: { type: 'object', additionalProperties: { type: 'integer' } },
  propertyNames: { type: 'object', propertyNames: { type: 'string', pattern: '^a' } },
  patternProperties: { type: 'object', patternProperties: { '^a': { type: 'integer' } } },
  minProperties: { type: 'object', minProperties: 1 },
  maxProperties: { type: 'object', maxProperties: 4 },
  dependentRequired: { ...keyed, dependentRequired: { a: ['b'] } },
  dependentSchemas: { ...keyed, dependentSchemas: { a: { type: 'object', required: ['b'], properties: { b: {} } } } },
  items: { type: 'array', items: { type: 'integer' } },
  prefixItems: { type: 'array', prefixItems: [text, { type: 'integer' }] },
  contains: { ...sized, contains: { type: 'string', minLength: 2 } },
  minContains: { ...sized, contains: { type: 'string', minLength: 2 }, minContains: 3 },
  maxContains: { ...sized, contains: { type: 'string', minLength: 2 }, maxContains: 4 },
  anyOf: { anyOf: [text, { type: 'integer' }] },
  allOf: { ...text, allOf: [{ pattern: 'a' }, { pattern: 'b' }] },
  not: { ...text, not: { type: 'string', minLength: 4 } },
  if: {
    ...keyed,
    if: { type: 'object', required: ['a'], properties: { a: {} } },
    else: { type: 'object', required: ['b'], properties: { b: {} } },
  },
  enum: { type: 'string', enum: ['a', 'b'] },
  default: { ...text, default: 'a' },
  format: { ...text, format: 'uuid' },
  pattern: { ...text, pattern: '^a' },
  minimum: { type: 'number', minimum: 2 },
  maximum: { type: 'number', maximum: 8 },
  exclusiveMinimum: { type: 'number', exclusiveMinimum: 2 },
  exclusiveMaximum: { type: 'number', exclusiveMaximum: 8 },
  multipleOf: { type: 'number', multipleOf: 5 },
  minLength: { ...text, minLength: 2 },
  maxLength: { ...text, maxLength: 8 },
  minItems: { ...sized, minItems: 2 },
  maxItems: { ...sized, maxItems: 8 },
  uniqueItems: { ...sized, uniqueItems: true },
  contentEncoding: { ...text, contentEncoding: 'base64' },
  contentMediaType: { ...text, contentMediaType: 'image/png' },
  examples: { ...text, examples: ['a'] },
  deprecated: { ...text, deprecated: true },
}

/** A model in which every field of the meta-model stands; a new one does not compile until it is here. */
const fullTool: Required<ReleasedTool> = {
  ...tool({ aliases: ['birds', 'ducks'], answers: ['once', 'stream'], errors: ['INTERNAL_ERROR', 'SQL_ERROR'], pagination: 'cursor' }),
  input: { ...object(keywords, ['type']), additionalProperties: false },
  output: object(keywords, ['type']),
  deprecated: { since: '2026-11-21', sunset: '2027-12-31', replacement: 'feed_birds' },
  executedBy: 'host',
  reading: { kind: 'table', columns: 'columns', rows: 'rows', text: 'text', facts: ['row_count', 'truncated'] },
  promises: {
    stability: 'beta',
    scopes: ['birds'],
    limits: { rows: 50 },
    bounds: { nesting: 8 },
    ordering: 'name',
    meanings: { 'output.depth': 'm' },
    sensitivity: { 'output.owner': 'internal' },
    coercions: { 'input.pond': 'trim' },
    transform: { total: true, roundTrip: true },
  } satisfies Required<NonNullable<ReleasedTool['promises']>>,
}

const full: ReleasedModel = {
  ...empty,
  tools: [fullTool, tool({ name: 'feed_birds', output: object({ fed: text }) })],
  errors: { CONFLICT: { httpStatus: 409, retryable: false } },
  envelope: { warning: object({ code: text }), meta: object({ id: text }, ['id']), errorItem: object({ message: text }, ['message']) },
  project: object({ name: text }, ['name']),
  board: {
    ...object({ rows: { $ref: '#/$defs/Row' } }),
    $defs: { Row: object({ title: text, rows: { type: 'array', items: { $ref: '#/$defs/Row' } } }) },
  },
  losses: [{ surface: 'openai', tool: 'count_birds', what: 'input.minimum minimum' }],
  tokens: { count_birds: 100 },
  clients: { trpc: { names: ['createClient'], needs: { module: 'module' } } },
  surfaces: { openai: 'aaaa' },
  removed: [{ tool: 'old_birds', field: '' }],
}

interface Edit {
  readonly path: string
  readonly kind: 'removed' | 'changed' | 'added' | 'turned round'
  readonly after: unknown
}

/** Every way to change one place: take it away, put another value there, add to it, turn its order round. */
function* editsOf(value: unknown, path = ''): Generator<Edit> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield { path: `${path}/${index}`, kind: 'removed', after: value.toSpliced(index, 1) }
      for (const edit of editsOf(item, `${path}/${index}`)) yield { ...edit, after: value.toSpliced(index, 1, edit.after) }
    }
    if (value.every((item) => typeof item === 'string')) yield { path, kind: 'added', after: [...value, 'stream'] }
    if (value.length > 1) yield { path, kind: 'turned round', after: value.toReversed() }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      const { [name]: _gone, ...rest } = value as Record<string, unknown>
      yield { path: `${path}/${name}`, kind: 'removed', after: rest }
      for (const edit of editsOf(item, `${path}/${name}`)) yield { ...edit, after: { ...value, [name]: edit.after } }
    }
  } else yield { path, kind: 'changed', after: otherThan(value, path) }
}

const otherThan = (value: unknown, path: string): unknown => {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return value + 1
  if (path.endsWith('/type')) return value === 'boolean' ? 'null' : 'boolean'
  const known: Record<string, string> = {
    '/tools/0/promises/stability': 'experimental',
    '/tools/0/pagination': 'offset',
    '/tools/0/version': '1.0.1',
    '/tools/1/version': '1.0.1',
  }
  return known[path] ?? (path.endsWith('sunset') ? '2026-12-31' : path.includes('sensitivity') ? 'personal' : `${String(value)}x`)
}

/** Edits of which nothing is said, each with its reason. */
const waived: readonly (readonly [path: RegExp, kinds: readonly Edit['kind'][], reason: string])[] = [
  [/^\/(format|release|converter)$/, ['changed'], 'who wrote the lock, and with what, is told with a drift'],
  [/^\/removed(\/.*)?$/, ['changed', 'removed'], 'a name of the past counts when a contract uses it'],
  [/^\/tools\/\d\/version$/, ['changed'], 'a higher version alone changes nothing'],
  [/^\/tools$/, ['turned round'], 'tools are found by name, whatever the order of the lock'],
  [/^\/surfaces\/openai$/, ['removed'], 'a surface that is gone is told by its client'],
  [/^\/tokens\/count_birds$/, ['removed'], 'a count that is not known is not compared'],
  [/^\/tokens\/count_birds$/, ['changed'], 'a twentieth more is allowed'],
  [/\/(enum|required|anyOf|allOf|aliases|errors|answers)$/, ['turned round'], 'a set has no order'],
  [/\/answers$/, ['added'], 'a form that is listed twice is one'],
  [/\/promises\/transform$/, ['removed'], 'a transform is whole unless it is said that it is not'],
  [/\/required$/, ['removed'], 'it was empty'],
  [/\/propertyNames\/type$/, ['removed'], 'names are texts'],
  [/\/properties\/enum\/type$/, ['removed'], 'listed values have their types'],
  [/\/(a|if|else)\/properties(\/[ab])?$/, ['removed'], 'a key that may hold anything may as well not be named'],
]

/** Fields that a lock always has: a lock without one is none. */
const isAlways =
  /^\/(\w+|envelope\/\w+|errors\/\w+\/\w+|clients\/\w+\/\w+|losses\/\d+\/\w+|removed\/\d+\/\w+|tools\/\d\/(?!promises|deprecated)\w+|tools\/\d\/(annotations|http)\/\w+|tools\/\d\/promises\/transform\/\w+)$/

test('every edit of the model has a rule, or a reason why nothing is said', () => {
  const silent: string[] = []
  const used = new Set<RegExp>()
  let count = 0
  for (const { path, kind, after } of editsOf(full)) {
    if (kind === 'removed' && isAlways.test(path)) continue
    count++
    const findings = compareModels(full, after as ReleasedModel, { today: '2026-11-21' })
    if (findings.length > 0) continue
    const waiver = waived.find(([where, kinds]) => where.test(path) && kinds.includes(kind))
    if (waiver === undefined) silent.push(`${path} ${kind}`)
    else used.add(waiver[0])
  }
  expect(silent).toEqual([])
  expect(waived.filter(([where]) => !used.has(where)).map(([, , reason]) => reason)).toEqual([])
  expect(count).toBeGreaterThan(400)
})
