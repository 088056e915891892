import * as z from 'zod'

/** A JSON Schema 2020-12 document or a part of one, as the emitters read it. */
export interface JsonSchema {
  type?: string | string[]
  title?: string
  description?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  propertyNames?: JsonSchema
  patternProperties?: Record<string, JsonSchema>
  minProperties?: number
  maxProperties?: number
  dependentRequired?: Record<string, string[]>
  dependentSchemas?: Record<string, JsonSchema>
  items?: JsonSchema
  prefixItems?: JsonSchema[]
  contains?: JsonSchema
  minContains?: number
  maxContains?: number
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  not?: JsonSchema
  if?: JsonSchema
  then?: JsonSchema
  else?: JsonSchema
  enum?: unknown[]
  const?: unknown
  default?: unknown
  format?: string
  pattern?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  multipleOf?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  contentEncoding?: string
  contentMediaType?: string
  $ref?: string
  $defs?: Record<string, JsonSchema>
  examples?: unknown[]
  deprecated?: boolean
}

/** A zod shape that JSON Schema cannot express, and where. */
export interface Inexpressible {
  /** Dotted field; `[]` stands for the items of an array, empty for the root. */
  readonly field: string
  /** What it is, in words: "a zod date". */
  readonly shape: string
}

const inexpressible = new Set([
  'date',
  'bigint',
  'symbol',
  'undefined',
  'void',
  'nan',
  'map',
  'set',
  'function',
  'promise',
  'custom',
  'transform',
  'file',
])

/** Checks that JSON Schema has a keyword for; of any other nothing shows in the schema. */
const expressibleChecks: ReadonlySet<string> = new Set([
  ...(['less_than', 'greater_than', 'multiple_of', 'number_format', 'string_format'] as const),
  ...(['min_length', 'max_length', 'length_equals', 'describe', 'meta'] as const),
])

const namedChecks: Readonly<Record<string, string>> = { custom: 'a refinement', overwrite: 'a check that rewrites the value' }

/** Formats of JSON Schema 2020-12; a validator may refuse a schema with another one. */
const standardFormats: ReadonlySet<string> = new Set(
  (
    'date-time date time duration email idn-email hostname idn-hostname ipv4 ipv6 uri uri-reference iri iri-reference uuid ' +
    'uri-template json-pointer relative-json-pointer regex'
  ).split(' '),
)

/** What a format of zod decides beyond the expression that is written for it; undefined when that is nothing. */
const hiddenInFormat = (def: object): string | undefined => {
  const { check, format, pattern, hostname, protocol } = def as Partial<Record<string, unknown>>
  if (check !== 'string_format') return undefined
  if (format === 'url') return (hostname ?? protocol) === undefined ? undefined : 'a URL of certain hosts or protocols'
  if (!(pattern instanceof RegExp) || format === 'credit_card' || format === 'iban') return `the format ${String(format)}`
  const flags = [...pattern.flags].filter((flag) => 'imsy'.includes(flag)).join('')
  return flags === '' ? undefined : `an expression with the flags ${flags}`
}

/** What a literal takes that JSON has no value for. */
const isJsonLiteral = (value: unknown): boolean => value !== undefined && typeof value !== 'bigint'

/**
 * The only step from zod to JSON Schema. Inputs are closed objects as zod says; outputs are open, so that a field added
 * later does not break a caller that validates. Every shape that cannot be expressed is reported, not only the first.
 */
export const toJsonSchema = (
  schema: z.ZodType,
  io: 'input' | 'output',
  /** Parts with an id become definitions, which may hold themselves. */
  { mayHoldItself = false }: { mayHoldItself?: boolean } = {},
): { schema: JsonSchema; inexpressible: Inexpressible[] } => {
  const found = new Map<string, Inexpressible>()
  const report = (path: readonly (string | number)[], shape: string) => {
    const field = fieldOfPath(path)
    found.set(`${field} ${shape}`, { field, shape })
  }
  // A transform is met before the pipe that checks what it gives, so the verdict waits for the end.
  const transforms = new Map<z.core.$ZodType, readonly (string | number)[]>()
  const piped = new Set<z.core.$ZodType>()
  const converted = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    reused: 'inline',
    override({ zodSchema, jsonSchema, path }) {
      const { def } = zodSchema._zod
      if (inexpressible.has(def.type)) report(path, `a zod ${def.type}`)
      if (zodSchema instanceof z.ZodPipe && io === 'input') {
        piped.add(zodSchema.def.in)
        if (zodSchema.def.in._zod.def.type === 'transform') report(path, 'a transform before its schema')
        if (zodSchema.def.out._zod.def.type === 'transform') transforms.set(zodSchema, path)
        if (zodSchema instanceof z.ZodCodec) report(path, 'a codec')
        else if (!endsInTransform(zodSchema) && !endsInTransform(zodSchema.def.in)) report(path, 'a pipe of two schemas')
      }
      if (zodSchema instanceof z.ZodCatch && io === 'input') report(path, 'a catch')
      if (zodSchema instanceof z.ZodLiteral && !zodSchema.def.values.every(isJsonLiteral)) report(path, 'a literal that JSON has not')
      if ('coerce' in def && def.coerce === true) report(path, 'a coercion')
      for (const one of [def, ...(def.checks ?? []).map((check) => check._zod.def)]) {
        const hidden = hiddenInFormat(one)
        if (hidden !== undefined) report(path, hidden)
      }
      for (const { _zod } of def.checks ?? []) {
        const { check } = _zod.def
        if (!expressibleChecks.has(check)) report(path, namedChecks[check] ?? `the check ${check}`)
      }
      // Zod names formats of its own as well, and one that its expression is wider than.
      const isLocalTime = 'local' in def && def.local === true
      if (jsonSchema.format !== undefined && (isLocalTime || !standardFormats.has(jsonSchema.format))) delete jsonSchema.format
      if (jsonSchema.$ref !== undefined && !mayHoldItself) report(path, 'a schema that holds itself')
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
      // The bounds of a safe integer say nothing that "integer" does not.
      if (jsonSchema.type === 'integer' && jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.type === 'integer' && jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  for (const [pipe, path] of transforms) if (!piped.has(pipe)) report(path, 'a transform without a pipe behind it')
  const { $schema: _draft, '~standard': _standard, ...rest } = converted
  return { schema: JSON.parse(JSON.stringify(rest)) as JsonSchema, inexpressible: [...found.values()] }
}

const endsInTransform = (schema: z.core.$ZodType): boolean => schema instanceof z.ZodPipe && schema.def.out._zod.def.type === 'transform'

/**
 * The expression that zod writes beside a format when it is not told another one. Its text changes with zod, its meaning
 * does not.
 */
export const ownPatterns: ReadonlyMap<string, string> = new Map(
  [z.email(), z.uuid(), z.iso.date(), z.iso.datetime(), z.iso.duration(), z.ipv4(), z.ipv6(), z.hostname()].map((schema) => {
    const { format = '', pattern = '' } = z.toJSONSchema(schema)
    return [format, pattern]
  }),
)

/** `properties`, `rows`, `items` is "rows[]". */
const fieldOfPath = ([keyword, ...rest]: readonly (string | number)[]): string => {
  if (keyword === undefined) return ''
  if (keyword === 'properties') return joinFields(String(rest[0]), fieldOfPath(rest.slice(1)))
  if (keyword === 'items') return joinFields('[]', fieldOfPath(rest))
  if (keyword === 'prefixItems') return joinFields(`[${rest[0]}]`, fieldOfPath(rest.slice(1)))
  if (keyword === 'additionalProperties') return joinFields('*', fieldOfPath(rest))
  return fieldOfPath(keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'allOf' ? rest.slice(1) : rest)
}

/** The name of a definition that a reference leads to. */
export const definitionName = (ref: string): string => ref.replace(/^#\/\$defs\//, '')

/** "rows" and "[].name" is "rows[].name". */
export const joinFields = (left: string, right: string): string =>
  left === '' || right === '' || right.startsWith('[') ? `${left}${right}` : `${left}.${right}`
