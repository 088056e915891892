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

/** Checks that decide or change a value by code, of which nothing shows in the schema. */
const hiddenChecks: Readonly<Record<string, string>> = { custom: 'a refinement', overwrite: 'a check that rewrites the value' }

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
      }
      if ('coerce' in def && def.coerce === true) report(path, 'a coercion')
      for (const check of def.checks ?? []) {
        const hidden = hiddenChecks[check._zod.def.check]
        if (hidden !== undefined) report(path, hidden)
      }
      if (jsonSchema.$ref !== undefined && !mayHoldItself) report(path, 'a schema that holds itself')
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
      // The bounds of a safe integer say nothing that "integer" does not.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  for (const [pipe, path] of transforms) if (!piped.has(pipe)) report(path, 'a transform without a pipe behind it')
  const { $schema: _draft, '~standard': _standard, ...rest } = converted
  return { schema: JSON.parse(JSON.stringify(rest)) as JsonSchema, inexpressible: [...found.values()] }
}

/** `properties`, `rows`, `items` is "rows[]". */
const fieldOfPath = ([keyword, ...rest]: readonly (string | number)[]): string => {
  if (keyword === undefined) return ''
  if (keyword === 'properties') return joinFields(String(rest[0]), fieldOfPath(rest.slice(1)))
  if (keyword === 'items') return joinFields('[]', fieldOfPath(rest))
  if (keyword === 'prefixItems') return joinFields(`[${rest[0]}]`, fieldOfPath(rest.slice(1)))
  if (keyword === 'additionalProperties') return joinFields('*', fieldOfPath(rest))
  return fieldOfPath(keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'allOf' ? rest.slice(1) : rest)
}

/** "rows" and "[].name" is "rows[].name". */
export const joinFields = (left: string, right: string): string =>
  left === '' || right === '' || right.startsWith('[') ? `${left}${right}` : `${left}.${right}`
