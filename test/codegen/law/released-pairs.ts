import type { Level } from '../../../codegen/compat/law.ts'
import { type ReleasedModel, type ReleasedTool, releasedModel } from '../../../codegen/compat/released-model.ts'
import type { RuleName } from '../../../codegen/compat/rules.ts'
import type { JsonSchema } from '../../../codegen/json-schema.ts'
import { compileModel } from '../../../codegen/model.ts'

/** One change of a released model, and how grave it is. */
export interface Pair {
  /** Of the table of changes in the rules for contracts. */
  readonly row: number
  readonly title: string
  readonly before: ReleasedModel
  readonly after: ReleasedModel
  /** The most grave level among what is found. */
  readonly level: Level
  readonly rule?: RuleName
}

export const empty: ReleasedModel = { ...releasedModel(compileModel([])), release: '1.0.0', converter: 'zod 4.0.0' }

export const tool = (given: Partial<ReleasedTool> = {}): ReleasedTool => ({
  name: 'count_birds',
  version: '1.0.0',
  title: 'Count birds',
  description: 'Counts birds.',
  input: { type: 'object', additionalProperties: false },
  output: { type: 'object' },
  errors: ['INTERNAL_ERROR'],
  annotations: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
  aliases: [],
  answers: ['once'],
  http: { method: 'POST', path: '/api/v1/count_birds', operationId: 'count_birds', status: 200 },
  headers: ['X-Request-Id'],
  pagination: 'none',
  ...given,
})

export const model = (...tools: readonly ReleasedTool[]): ReleasedModel => ({ ...empty, tools })

/** A change of one tool, the later one a minor version further. */
export const toolPair = (
  row: number,
  title: string,
  before: Partial<ReleasedTool>,
  after: Partial<ReleasedTool>,
  level: Level,
  rule?: RuleName,
): Pair => ({
  row,
  title,
  before: model(tool(before)),
  after: model(tool({ version: '1.1.0', ...after })),
  level,
  ...(rule !== undefined && { rule }),
})

/** A change of the model beside its tools. */
export const modelPair = (
  row: number,
  title: string,
  before: Partial<ReleasedModel>,
  after: Partial<ReleasedModel>,
  level: Level,
  rule?: RuleName,
): Pair => ({
  ...{ row, title, before: { ...model(tool()), ...before }, after: { ...model(tool()), ...after }, level },
  ...(rule !== undefined && { rule }),
})

const letters = { B: 'breaking', D: 'dangerous', A: 'visible', S: 'safe' } as const
/** Levels as an input and as an output: `BS`. */
type Levels = `${keyof typeof letters}${keyof typeof letters}`

/** The same change of a whole input and of a whole output; `back` the other way round. */
export const rootPairs = (row: number, title: string, before: JsonSchema, after: JsonSchema, levels: Levels, back?: Levels): Pair[] => {
  const pairs = (way: string, old: JsonSchema, now: JsonSchema, [input, output]: readonly string[]): Pair[] => [
    toolPair(row, `${title}${way}, in an input`, { input: old }, { input: now }, letters[input as 'B']),
    toolPair(row, `${title}${way}, in an output`, { output: old }, { output: now }, letters[output as 'B']),
  ]
  return [...pairs('', before, after, [...levels]), ...(back === undefined ? [] : pairs(', and back', after, before, [...back]))]
}

/** The same change of a required field of an input and of an output. */
export const fieldPairs = (row: number, title: string, before: JsonSchema, after: JsonSchema, levels: Levels, back?: Levels): Pair[] => {
  const holding = (pond: JsonSchema): JsonSchema => ({
    type: 'object',
    properties: { pond },
    required: ['pond'],
    additionalProperties: false,
  })
  return rootPairs(row, title, holding(before), holding(after), levels, back)
}

export const object = (properties: Record<string, JsonSchema>, required: readonly string[] = [], isClosed = false): JsonSchema => ({
  type: 'object',
  properties,
  required: [...required],
  ...(isClosed && { additionalProperties: false }),
})
