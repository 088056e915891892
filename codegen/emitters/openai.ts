import type { Loss } from '../compat/released-model.ts'
import { type GeneratedFile, jsonFile } from '../generated-file.ts'
import { type JsonSchema, joinFields } from '../json-schema.ts'
import type { ContractFinding, Model } from '../model.ts'
import { functionViolations, strictFormats } from './openai-strict.ts'

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

/** What strict mode has no keyword for; its description says each of them in words. */
export const openaiLosses = ({ tools }: Model): Loss[] =>
  tools.flatMap(({ name, input }) => lostIn(input, 'input').map((what) => ({ surface: 'openai', tool: name, what })))

const lostIn = (schema: JsonSchema, field: string): string[] => [
  ...droppedKeywords.filter(([keyword]) => schema[keyword] !== undefined).map(([keyword]) => `${field} ${keyword}`),
  ...(schema.format === undefined || strictFormats.has(schema.format) ? [] : [`${field} format`]),
  ...(isRecord(schema) ? [`${field} additionalProperties`] : []),
  ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => lostIn(property, joinFields(field, name))),
  ...(schema.items === undefined ? [] : lostIn(schema.items, joinFields(field, '[]'))),
  ...(schema.anyOf ?? schema.oneOf ?? []).flatMap((part) => lostIn(part, field)),
]

/** Function definitions for Chat Completions, where the function is nested, and for Responses, where it is flat. */
export const emitOpenai = (model: Model): GeneratedFile[] => [
  jsonFile(
    'clients/openai/chat-completions.json',
    strictFunctions(model).map((definition) => ({ type: 'function', function: definition })),
  ),
  jsonFile(
    'clients/openai/responses.json',
    strictFunctions(model).map((definition) => ({ type: 'function', ...definition })),
  ),
]

/**
 * Keywords that strict mode does not take, or that its documentation does not name, said in words instead. Lengths of
 * texts are not: every word is paid for in every turn, and a refusal tells the length to whoever passes it.
 */
const droppedKeywords: readonly (readonly [keyword: keyof JsonSchema, say: (value: unknown) => string])[] = [
  ['default', (value) => `Default ${JSON.stringify(value)}.`],
  ['uniqueItems', () => 'No item twice.'],
]

/**
 * A schema in OpenAI's strict dialect: every key required and the optional ones nullable, objects closed, keywords the
 * dialect lacks moved into descriptions. The server takes null for an optional argument as absent.
 */
export const strictSchema = (written: JsonSchema): JsonSchema => {
  const schema = isRecord(written) ? pairsOf(written) : written
  const { default: _default, minLength: _min, maxLength: _max, uniqueItems: _unique, oneOf, format, ...kept } = schema
  const said = droppedKeywords.filter(([keyword]) => schema[keyword] !== undefined).map(([keyword, say]) => say(schema[keyword]))
  const formatTaken = format !== undefined && strictFormats.has(format)
  if (format !== undefined && !formatTaken) said.push(`Format ${format}.`)
  const description = [schema.description, ...said].filter((part) => part !== undefined).join(' ')
  const result: JsonSchema = { ...kept, ...(formatTaken && { format }), ...(description !== '' && { description }) }
  if (schema.items !== undefined) result.items = strictSchema(schema.items)
  const alternatives = schema.anyOf ?? oneOf
  if (alternatives !== undefined) result.anyOf = alternatives.map(strictSchema)
  if (schema.type === 'object' && schema.additionalProperties === false) {
    const properties = Object.entries(schema.properties ?? {})
    result.properties = Object.fromEntries(
      properties.map(([name, property]) => {
        const strict = strictSchema(property)
        return [name, schema.required?.includes(name) === true ? strict : nullable(strict)]
      }),
    )
    result.required = properties.map(([name]) => name)
  }
  return result
}

/** An object whose keys are not known beforehand. */
const isRecord = ({ type, properties, additionalProperties }: JsonSchema): boolean =>
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
