import type { JsonSchema } from './json-schema.ts'

/** The TypeScript type of a JSON Schema, flat and without references, with its descriptions as doc comments. */
export const typescriptType = (schema: JsonSchema, indent = ''): string => {
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined) {
    // Beside listed values a bare string would swallow them, and editors could not offer them.
    const isOpen = alternatives.some((part) => part.enum !== undefined && part.type === 'string')
    return alternatives.map((part) => (isOpen && isAnyString(part) ? '(string & {})' : typescriptType(part, indent))).join(' | ')
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (Array.isArray(schema.type)) return schema.type.map((type) => typescriptType({ ...schema, type }, indent)).join(' | ')
  switch (schema.type) {
    case 'string':
      return 'string'
    case 'number':
    case 'integer':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'null':
      return 'null'
    case 'array':
      return `Array<${typescriptType(schema.items ?? {}, indent)}>`
    case 'object':
      return objectType(schema, indent)
    default:
      return 'unknown'
  }
}

const isAnyString = ({ type, ...rest }: JsonSchema): boolean => type === 'string' && Object.keys(rest).length === 0

const objectType = (schema: JsonSchema, indent: string): string => {
  const properties = Object.entries(schema.properties ?? {})
  if (properties.length === 0)
    return typeof schema.additionalProperties === 'object'
      ? `Record<string, ${typescriptType(schema.additionalProperties, indent)}>`
      : 'Record<string, never>'
  const inner = `${indent}  `
  const lines = properties.flatMap(([name, property]) => {
    const optional = schema.required?.includes(name) === true ? '' : '?'
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
    return [
      ...(property.description === undefined ? [] : [docComment(property, inner)]),
      `${inner}${key}${optional}: ${typescriptType(property, inner)}`,
    ]
  })
  return `{\n${lines.join('\n')}\n${indent}}`
}

const docComment = (schema: JsonSchema, indent: string): string => {
  const fallback = schema.default === undefined ? '' : ` Default ${JSON.stringify(schema.default)}.`
  return `${indent}/** ${`${schema.description}${fallback}`.replaceAll('*/', '* /')} */`
}
