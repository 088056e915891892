import { type JsonSchema, joinFields } from './json-schema.ts'
import type { ContractFinding, ToolModel } from './model.ts'

/** What a vendor's form of function definitions can say, and how many it takes. */
export interface Dialect {
  /** Folder under `clients`, and the name of the surface in the lock. */
  readonly surface: string
  /** For people: "Gemini". */
  readonly vendor: string
  readonly functionName: RegExp
  readonly parameterName: RegExp
  /** Keywords of JSON Schema that it takes. */
  readonly keywords: ReadonlySet<string>
  /** Formats of texts that it takes; absent: all of them. */
  readonly formats?: ReadonlySet<string>
  /** Types that a listed value may have. */
  readonly listedTypes: ReadonlySet<string>
  /** Definitions that one request takes. */
  readonly maxFunctions: number
}

/** A constraint that a dialect cannot say. */
export interface Unsaid {
  /** Dotted field from `input`. */
  readonly field: string
  readonly keyword: string
  /** What its description says instead; undefined where only the server says it. */
  readonly words: string | undefined
}

/** How a constraint is said in words; undefined where it is not. */
const wordsOf: Readonly<Partial<Record<keyof JsonSchema, (value: unknown) => string | undefined>>> = {
  default: (value) => `Default ${JSON.stringify(value)}.`,
  uniqueItems: () => 'No item twice.',
  format: (value) => `Format ${value}.`,
  pattern: (value) => `Fits ${value}.`,
  minimum: (value) => `At least ${value}.`,
  maximum: (value) => `At most ${value}.`,
  exclusiveMinimum: (value) => `More than ${value}.`,
  exclusiveMaximum: (value) => `Less than ${value}.`,
  multipleOf: (value) => `A multiple of ${value}.`,
  minItems: (value) => `At least ${value} items.`,
  maxItems: (value) => `At most ${value} items.`,
  minProperties: (value) => `At least ${value} keys.`,
  maxProperties: (value) => `At most ${value} keys.`,
  minLength: (value) => (Number(value) > 1 ? `≥${value} chars.` : undefined),
  maxLength: (value) => (Number(value) <= lengthOfNames ? `≤${value} chars.` : undefined),
}

/**
 * Lengths above this are not said in words, nor that a text is not empty: every word is paid for in every turn, nobody
 * writes so much by accident, and a refusal tells it.
 */
const lengthOfNames = 256

const isOtherwiseSaid = (keyword: string, schema: JsonSchema): boolean =>
  // Keys are texts anyway, and the two others have another spelling.
  (keyword === 'propertyNames' && Object.keys(schema.propertyNames ?? {}).join() === 'type') || keyword === 'oneOf' || keyword === 'const'

const unsaidHere = (schema: JsonSchema, { keywords, formats }: Dialect): Omit<Unsaid, 'field'>[] =>
  (Object.keys(schema) as (keyof JsonSchema)[]).flatMap((keyword): Omit<Unsaid, 'field'>[] => {
    const isTaken = keywords.has(keyword) && !(keyword === 'format' && formats?.has(schema.format as string) === false)
    const words = wordsOf[keyword]
    if (isTaken || isOtherwiseSaid(keyword, schema)) return []
    return words === undefined ? [] : [{ keyword, words: words(schema[keyword]) }]
  })

/** Everything of an input that a dialect cannot say, deep. */
export const unsaidIn = (schema: JsonSchema, dialect: Dialect, field = 'input'): Unsaid[] => [
  ...unsaidHere(schema, dialect).map((one) => ({ field, ...one })),
  ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => unsaidIn(property, dialect, joinFields(field, name))),
  ...(schema.items === undefined ? [] : unsaidIn(schema.items, dialect, joinFields(field, '[]'))),
  ...(typeof schema.additionalProperties === 'object' ? unsaidIn(schema.additionalProperties, dialect, joinFields(field, '*')) : []),
  ...(schema.anyOf ?? schema.oneOf ?? []).flatMap((part) => unsaidIn(part, dialect, field)),
]

/**
 * A schema in the words of a dialect: constraints that it has no keyword for are moved into descriptions, unions and
 * constants take the spelling it knows. What it cannot say at all stays, for `definitionFindings` to find.
 */
export const sayIn = (dialect: Dialect, schema: JsonSchema): JsonSchema => {
  const unsaid = unsaidHere(schema, dialect)
  const dropped = new Set([
    ...unsaid.map(({ keyword }) => keyword),
    ...Object.keys(schema).filter((keyword) => !dialect.keywords.has(keyword) && isOtherwiseSaid(keyword, schema)),
  ])
  const said: JsonSchema = Object.fromEntries(Object.entries(schema).filter(([keyword]) => !dropped.has(keyword)))
  const description = [schema.description, ...unsaid.map(({ words }) => words)].filter((part) => part !== undefined).join(' ')
  if (description !== '') said.description = description
  if (dropped.has('const')) said.enum = [schema.const]
  const alternatives = schema.anyOf ?? (dropped.has('oneOf') ? schema.oneOf : undefined)
  if (alternatives !== undefined) said.anyOf = alternatives.map((part) => sayIn(dialect, part))
  if (schema.items !== undefined) said.items = sayIn(dialect, schema.items)
  if (schema.properties !== undefined)
    said.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, property]) => [name, sayIn(dialect, property)]))
  if (typeof schema.additionalProperties === 'object') said.additionalProperties = sayIn(dialect, schema.additionalProperties)
  return said
}

/** Where definitions break a rule of a dialect; empty when they keep all of them. */
export const definitionFindings = (
  dialect: Dialect,
  definitions: readonly { readonly name: string; readonly schema: JsonSchema }[],
): ContractFinding[] => {
  const found: ContractFinding[] = []
  for (const { name, schema } of definitions) {
    const say = (field: string, message: string): void => {
      found.push({ tool: name, field, message: `${dialect.vendor} refuses it: ${message}` })
    }
    if (!dialect.functionName.test(name)) say('name', `does not fit ${dialect.functionName.source}`)
    if (schema.type !== 'object') say('input', 'the root must be an object')
    for (const keyword of ['anyOf', 'oneOf', 'allOf', 'not', 'if'] as const)
      if (schema[keyword] !== undefined) say('input', `${keyword} at the root`)
    visit(dialect, schema, 'input', say)
  }
  return found
}

const visit = (dialect: Dialect, schema: JsonSchema, field: string, say: (field: string, message: string) => void): void => {
  const { keywords, formats, listedTypes, parameterName } = dialect
  for (const keyword of Object.keys(schema)) if (!keywords.has(keyword)) say(field, `keyword ${keyword} is not supported`)
  if (schema.type === undefined && schema.anyOf === undefined && schema.enum === undefined && schema.$ref === undefined)
    say(field, 'it needs a type')
  if (schema.format !== undefined && formats?.has(schema.format) === false) say(field, `format ${schema.format} is not supported`)
  if ([schema.type].flat().includes('array') && schema.items === undefined && schema.prefixItems === undefined)
    say(field, 'an array needs items')
  for (const value of schema.enum ?? [])
    if (!listedTypes.has(value === null ? 'null' : typeof value)) say(field, `${JSON.stringify(value)} is no value that may be listed`)
  for (const name of schema.required ?? []) if (schema.properties?.[name] === undefined) say(field, `${name} is required and not described`)
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (!parameterName.test(name)) say(joinFields(field, name), `does not fit ${parameterName.source}`)
    visit(dialect, property, joinFields(field, name), say)
  }
  if (schema.items !== undefined) visit(dialect, schema.items, joinFields(field, '[]'), say)
  if (typeof schema.additionalProperties === 'object') visit(dialect, schema.additionalProperties, joinFields(field, '*'), say)
  for (const part of schema.anyOf ?? schema.oneOf ?? []) visit(dialect, part, field, say)
}

/** Where the definitions of tools break a rule of a dialect as they are said in it. */
export const toolFindings = (dialect: Dialect, tools: readonly ToolModel[]): ContractFinding[] =>
  definitionFindings(
    dialect,
    tools.map((tool) => definitionOf(dialect, tool)),
  )

/** A tool with its input in the words of a dialect. */
export const definitionOf = (
  dialect: Dialect,
  { name, description, input }: ToolModel,
): { name: string; description: string; schema: JsonSchema } => ({
  name,
  description,
  schema: sayIn(dialect, input),
})
