import { type JsonSchema, joinFields } from '../json-schema.ts'
import type { StrictFunction } from './openai.ts'

/**
 * The rules of OpenAI's strict function calling, as documented; no published package checks all of them offline.
 * What the documentation does not name counts as refused.
 */
export interface StrictViolation {
  /** Dotted field from `parameters`; `name` for the name of the function. */
  readonly field: string
  readonly message: string
}

export const strictFormats: ReadonlySet<string> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
])

export const strictKeywords: ReadonlySet<string> = new Set(
  (
    'type title description properties required additionalProperties items anyOf enum const format pattern ' +
    'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems $ref $defs'
  ).split(' '),
)

const functionName = /^[a-zA-Z0-9_-]{1,64}$/
const maxDepth = 10
const maxProperties = 5000
const maxEnumValues = 1000
/** Names of properties, and enum and const values, added up. */
const maxCharacters = 120_000
/** A list of strings longer than this is held to `maxLongEnumCharacters` in all. */
const longEnum = 250
const maxLongEnumCharacters = 15_000

/** Where a function definition breaks the rules or a limit; empty when it keeps them. */
export const functionViolations = ({ name, parameters }: Pick<StrictFunction, 'name' | 'parameters'>): StrictViolation[] => {
  const found: StrictViolation[] = []
  if (!functionName.test(name)) found.push({ field: 'name', message: `does not fit ${functionName.source}` })
  if (parameters.type !== 'object' || parameters.anyOf !== undefined)
    found.push({ field: 'input', message: 'the root must be an object without anyOf' })

  const totals = { properties: 0, enumValues: 0, characters: 0 }
  visit(parameters, 'input', 1, found, totals)
  const limits = [
    [totals.properties, maxProperties, 'properties'],
    [totals.enumValues, maxEnumValues, 'enum values'],
    [totals.characters, maxCharacters, 'characters of names and values'],
  ] as const
  for (const [count, most, what] of limits) if (count > most) found.push({ field: 'input', message: `${count} ${what}, at most ${most}` })
  return found
}

interface Totals {
  properties: number
  enumValues: number
  characters: number
}

const visit = (schema: JsonSchema, field: string, depth: number, found: StrictViolation[], totals: Totals): void => {
  const say = (message: string) => found.push({ field, message })
  for (const keyword of Object.keys(schema)) if (!strictKeywords.has(keyword)) say(`keyword ${keyword} is not supported`)
  if (schema.type === undefined && schema.anyOf === undefined && schema.$ref === undefined) say('it needs a type')
  if (schema.format !== undefined && !strictFormats.has(schema.format)) say(`format ${schema.format} is not supported`)
  const is = (type: string): boolean => schema.type === type || (Array.isArray(schema.type) && schema.type.includes(type))
  if (is('array') && schema.items === undefined) say('an array needs items')
  if (is('object')) {
    if (depth > maxDepth) say(`nested deeper than ${maxDepth}`)
    if (schema.additionalProperties !== false) say('an object needs additionalProperties: false')
    const names = Object.keys(schema.properties ?? {})
    for (const name of names) if (!schema.required?.includes(name)) say(`the key ${name} must be required`)
    totals.properties += names.length
    totals.characters += names.join('').length
  }
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const])
  const characters = values.map(String).join('').length
  totals.enumValues += values.length
  totals.characters += characters
  if (values.length > longEnum && characters > maxLongEnumCharacters)
    say(`${values.length} values of ${characters} characters, at most ${maxLongEnumCharacters} beyond ${longEnum} values`)

  for (const [name, property] of Object.entries(schema.properties ?? {})) visit(property, joinFields(field, name), depth + 1, found, totals)
  if (schema.items !== undefined) visit(schema.items, joinFields(field, '[]'), depth + 1, found, totals)
  for (const part of schema.anyOf ?? []) visit(part, field, depth, found, totals)
}
