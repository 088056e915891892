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
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  format?: string
  pattern?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  $ref?: string
  $defs?: Record<string, JsonSchema>
  examples?: unknown[]
}

/** A zod shape that JSON Schema cannot express, and where. */
export interface Inexpressible {
  readonly path: string
  readonly kind: string
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

/**
 * The only step from zod to JSON Schema. Inputs are closed objects as zod says; outputs are open, so that a field added
 * later does not break a caller that validates. Every shape that cannot be expressed is reported, not only the first.
 */
export const toJsonSchema = (schema: z.ZodType, io: 'input' | 'output'): { schema: JsonSchema; inexpressible: Inexpressible[] } => {
  const found: Inexpressible[] = []
  const converted = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    reused: 'inline',
    override({ zodSchema, jsonSchema, path }) {
      const { type } = zodSchema._zod.def
      // A schema with a description is visited once for itself and once for what it was made of.
      const at = path.filter((part) => part !== 'properties').join('.')
      if (inexpressible.has(type) && !found.some((one) => one.path === at)) found.push({ path: at, kind: type })
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
      // The bounds of a safe integer say nothing that "integer" does not.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  }) as JsonSchema & { $schema?: string }
  const { $schema: _draft, ...rest } = converted
  return { schema: JSON.parse(JSON.stringify(rest)) as JsonSchema, inexpressible: found }
}
