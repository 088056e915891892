import { type GeneratedFile, jsonFile } from '../generated-file.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { Model } from '../model.ts'

/** Keywords that strict mode does not take, or that its documentation does not name; each is said in words instead. */
const droppedKeywords: readonly (readonly [keyword: keyof JsonSchema, say: (value: unknown) => string])[] = [
  ['default', (value) => `Default ${JSON.stringify(value)}.`],
  ['minLength', (value) => (value === 1 ? 'Not empty.' : `At least ${value} characters.`)],
  ['maxLength', (value) => `At most ${value} characters.`],
]

/**
 * A schema in OpenAI's strict dialect: every key required and the optional ones nullable, objects closed, keywords the
 * dialect lacks moved into descriptions. The server takes null for an optional argument as absent.
 */
export const strictSchema = (schema: JsonSchema): JsonSchema => {
  const { default: _default, minLength: _min, maxLength: _max, ...kept } = schema
  const said = droppedKeywords.filter(([keyword]) => schema[keyword] !== undefined).map(([keyword, say]) => say(schema[keyword]))
  const description = [schema.description, ...said].filter((part) => part !== undefined).join(' ')
  const result: JsonSchema = { ...kept, ...(description !== '' && { description }) }
  if (schema.items !== undefined) result.items = strictSchema(schema.items)
  if (schema.anyOf !== undefined) result.anyOf = schema.anyOf.map(strictSchema)
  if (schema.type === 'object') {
    const properties = Object.entries(schema.properties ?? {})
    result.properties = Object.fromEntries(
      properties.map(([name, property]) => {
        const strict = strictSchema(property)
        return [name, schema.required?.includes(name) === true ? strict : nullable(strict)]
      }),
    )
    result.required = properties.map(([name]) => name)
    result.additionalProperties = false
  }
  return result
}

const nullable = (schema: JsonSchema): JsonSchema => {
  if (schema.anyOf !== undefined) return { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] }
  return {
    ...schema,
    type: [schema.type as string, 'null'],
    ...(schema.enum !== undefined && { enum: [...schema.enum, null] }),
  }
}

/** Function definitions for Chat Completions, where the function is nested, and for Responses, where it is flat. */
export const emitOpenai = (model: Model): GeneratedFile[] => {
  const functions = model.tools.map((tool) => ({
    name: tool.name,
    description: tool.description,
    parameters: strictSchema(tool.input),
    strict: true,
  }))
  const wrong = functions.flatMap(({ name, parameters }) => strictViolations(parameters).map((violation) => `${name} ${violation}`))
  if (wrong.length > 0) throw new Error(`OpenAI strict mode refuses:\n${wrong.join('\n')}`)
  return [
    jsonFile(
      'clients/openai/chat-completions.json',
      functions.map((definition) => ({ type: 'function', function: definition })),
    ),
    jsonFile(
      'clients/openai/responses.json',
      functions.map((definition) => ({ type: 'function', ...definition })),
    ),
  ]
}

const allowedKeywords = new Set(
  'type title description properties required additionalProperties items anyOf enum const format pattern minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems $ref $defs'.split(
    ' ',
  ),
)
const allowedFormats = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'])
const maxDepth = 10

/** Where a schema breaks the documented rules of strict mode; empty when it keeps them. */
export const strictViolations = (schema: JsonSchema, at = '', depth = 1): string[] => {
  const found: string[] = []
  const say = (message: string) => found.push(`${at || '(root)'}: ${message}`)
  for (const keyword of Object.keys(schema)) if (!allowedKeywords.has(keyword)) say(`keyword ${keyword} is not supported`)
  if (at === '' && (schema.type !== 'object' || schema.anyOf !== undefined)) say('the root must be an object without anyOf')
  if (schema.format !== undefined && !allowedFormats.has(schema.format)) say(`format ${schema.format} is not supported`)
  if (depth > maxDepth) say(`nested deeper than ${maxDepth}`)
  const isArray = schema.type === 'array' || (Array.isArray(schema.type) && schema.type.includes('array'))
  if (isArray && schema.items === undefined) say('an array needs items')
  if (schema.type === 'object' || schema.properties !== undefined) {
    const names = Object.keys(schema.properties ?? {})
    if (schema.additionalProperties !== false) say('an object needs additionalProperties: false')
    if (names.some((name) => !schema.required?.includes(name))) say('every key must be required')
  }
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    found.push(...strictViolations(property, `${at}.${name}`, depth + 1))
  if (schema.items !== undefined) found.push(...strictViolations(schema.items, `${at}[]`, depth + 1))
  for (const [index, part] of (schema.anyOf ?? []).entries()) found.push(...strictViolations(part, `${at}|${index}`, depth))
  return found
}
