import { type Dialect, sayIn } from '../dialect.ts'
import { type GeneratedFile, jsonFile } from '../generated-file.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { ContractFinding, Model } from '../model.ts'
import { functionViolations, strictFormats, strictKeywords } from './openai-strict.ts'
import { schemaReadme } from './schema-readme.ts'

/** What strict mode takes; `openai-strict.ts` has its other rules. */
export const openaiDialect: Dialect = {
  surface: 'openai',
  vendor: 'OpenAI',
  functionName: /^[a-zA-Z0-9_-]{1,64}$/,
  parameterName: /^[a-zA-Z0-9_.-]{1,64}$/,
  keywords: strictKeywords,
  formats: strictFormats,
  listedTypes: new Set(['string', 'number', 'boolean', 'null']),
  maxFunctions: 128,
}

/** A function as both of OpenAI's interfaces describe it. */
export interface StrictFunction {
  readonly name: string
  readonly description: string
  readonly parameters: JsonSchema
  readonly strict: true
}

const strictFunctions = (model: Model): StrictFunction[] =>
  model.tools.map((tool) => ({ name: tool.name, description: tool.description, parameters: strictSchema(tool.input), strict: true }))

/** What of the tools strict mode would refuse; empty when it takes them all. */
export const openaiFindings = (model: Model): ContractFinding[] =>
  strictFunctions(model).flatMap((definition) =>
    functionViolations(definition).map(({ field, message }) => ({
      tool: definition.name,
      field,
      message: `OpenAI strict mode refuses it: ${message}`,
    })),
  )

export const responsesTools = (model: Model) => strictFunctions(model).map((definition) => ({ type: 'function', ...definition }) as const)

export const chatCompletionsTools = (model: Model) =>
  strictFunctions(model).map((definition) => ({ type: 'function', function: definition }) as const)

/** Function definitions for Chat Completions, where the function is nested, and for Responses, where it is flat. */
export const emitOpenai = (model: Model): GeneratedFile[] => [
  jsonFile('clients/openai/chat-completions.json', chatCompletionsTools(model)),
  jsonFile('clients/openai/responses.json', responsesTools(model)),
  schemaReadme(model, openaiDialect, [
    'Strict functions: `responses.json` is the `tools` of a request to the Responses interface, `chat-completions.json` that of one to Chat Completions.',
    '',
    '```ts',
    "import OpenAI from 'openai'",
    "import tools from './responses.json' with { type: 'json' }",
    '',
    'const response = await new OpenAI().responses.create({ model, tools, input })',
    '```',
    '',
    'Every argument is required and the optional ones may be null. An object of free keys is a list of `{ name, value }`; the server takes both.',
  ]),
]

/**
 * A schema in OpenAI's strict dialect: every key required and the optional ones nullable, objects closed, keywords the
 * dialect lacks moved into descriptions. The server takes null for an optional argument as absent.
 */
export const strictSchema = (schema: JsonSchema): JsonSchema => requireAll(sayIn(openaiDialect, schema))

const requireAll = (schema: JsonSchema): JsonSchema => {
  const result = isRecord(schema) ? pairsOf(schema) : { ...schema }
  if (result.items !== undefined) result.items = requireAll(result.items)
  if (result.anyOf !== undefined) result.anyOf = result.anyOf.map(requireAll)
  if (result.type === 'object' && result.additionalProperties === false) {
    const properties = Object.entries(result.properties ?? {})
    result.properties = Object.fromEntries(
      properties.map(([name, property]) => {
        const strict = requireAll(property)
        return [name, schema.required?.includes(name) === true ? strict : nullable(strict)]
      }),
    )
    result.required = properties.map(([name]) => name)
  }
  return result
}

/** An object whose keys are not known beforehand. */
export const isRecord = ({ type, properties, additionalProperties }: JsonSchema): boolean =>
  type === 'object' && properties === undefined && typeof additionalProperties === 'object'

/** Strict mode knows no such object, so it is said as a list of its entries; the server takes both. */
const pairsOf = ({ description, additionalProperties }: JsonSchema): JsonSchema => ({
  type: 'array',
  ...(description !== undefined && { description }),
  items: {
    type: 'object',
    properties: { name: { type: 'string' }, value: additionalProperties as JsonSchema },
    required: ['name', 'value'],
    additionalProperties: false,
  },
})

const nullable = (schema: JsonSchema): JsonSchema => {
  if (schema.anyOf !== undefined)
    return schema.anyOf.some((part) => part.type === 'null') ? schema : { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] }
  if (Array.isArray(schema.type)) return schema.type.includes('null') ? schema : { ...schema, type: [...schema.type, 'null'] }
  if (schema.type === undefined || schema.const !== undefined) {
    const { description, ...rest } = schema
    return { ...(description !== undefined && { description }), anyOf: [rest, { type: 'null' }] }
  }
  return { ...schema, type: [schema.type, 'null'], ...(schema.enum !== undefined && { enum: [...schema.enum, null] }) }
}
