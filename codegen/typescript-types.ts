import { errorCodeList } from '../contracts/v1/errors.ts'
import { camelCase, pascalCase } from './generated-file.ts'
import type { JsonSchema } from './json-schema.ts'
import type { Model, ToolModel } from './model.ts'

/** How an optional key is written: `given`, a program that builds an input may leave it undefined; `read`, it is there or it is not. */
export type OptionalKeys = 'given' | 'read'

/** The types of what every answer shares, and of each tool's input and output, as statements. */
export const typescriptDeclarations = (model: Model, optionalInputs: OptionalKeys): string[] => [
  `export type ErrorCode = ${errorCodeList.map((code) => `'${code}'`).join(' | ')}`,
  '',
  `export interface ErrorItem ${typescriptType(model.envelope.errorItem)}`,
  '',
  `export interface Warning ${typescriptType(model.envelope.warning)}`,
  '',
  `export interface Meta ${typescriptType(model.envelope.meta)}`,
  ...toolDeclarations(model.tools, optionalInputs),
]

/** Names of the types that every answer shares. */
export const sharedTypes = ['ErrorCode', 'ErrorItem', 'Meta', 'Warning'] as const

/** Names of the types of a tool. */
export const typeNamesOf = ({ name }: Pick<ToolModel, 'name'>): string[] => [`${pascalCase(name)}Input`, `${pascalCase(name)}Output`]

/** The types of the input and the output of each tool, as statements. */
export const toolDeclarations = (tools: readonly ToolModel[], optionalInputs: OptionalKeys): string[] =>
  tools.flatMap((tool) => {
    const [input, output] = typeNamesOf(tool)
    return [
      '',
      `/** Input of ${tool.name}, contract ${tool.version}. */`,
      `export type ${input} = ${typescriptType(tool.input, '', optionalInputs)}`,
      '',
      `/** Data of ${tool.name}, contract ${tool.version}. */`,
      `export type ${output} = ${typescriptType(tool.output)}`,
    ]
  })

/** The TypeScript type of a JSON Schema, flat and without references, with its descriptions as doc comments. */
export const typescriptType = (schema: JsonSchema, indent = '', optional: OptionalKeys = 'read'): string => {
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined) {
    // Beside listed values a bare string would swallow them, and editors could not offer them.
    const isOpen = alternatives.some((part) => part.enum !== undefined && part.type === 'string')
    return alternatives.map((part) => (isOpen && isAnyString(part) ? '(string & {})' : typescriptType(part, indent, optional))).join(' | ')
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (Array.isArray(schema.type)) return schema.type.map((type) => typescriptType({ ...schema, type }, indent, optional)).join(' | ')
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
      return `Array<${typescriptType(schema.items ?? {}, indent, optional)}>`
    case 'object':
      return objectType(schema, indent, optional)
    default:
      return 'unknown'
  }
}

const isAnyString = ({ type, ...rest }: JsonSchema): boolean => type === 'string' && Object.keys(rest).length === 0

const objectType = (schema: JsonSchema, indent: string, optional: OptionalKeys): string => {
  const properties = Object.entries(schema.properties ?? {})
  if (properties.length === 0)
    return typeof schema.additionalProperties === 'object'
      ? `Record<string, ${typescriptType(schema.additionalProperties, indent, optional)}>`
      : 'Record<string, never>'
  const inner = `${indent}  `
  const lines = properties.flatMap(([name, property]) => {
    const isRequired = schema.required?.includes(name) === true
    const type = typescriptType(property, inner, optional)
    return [
      ...(property.description === undefined ? [] : [docComment(property, inner)]),
      `${inner}${javascriptKey(name)}${isRequired ? '' : '?'}: ${type}${isRequired || optional === 'read' ? '' : ' | undefined'}`,
    ]
  })
  return `{\n${lines.join('\n')}\n${indent}}`
}

const docComment = (schema: JsonSchema, indent: string): string => {
  const fallback = schema.default === undefined ? '' : ` Default ${JSON.stringify(schema.default)}.`
  return `${indent}/** ${`${schema.description}${fallback}`.replaceAll('*/', '* /')} */`
}

const javascriptKey = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))

/** A JSON value as a program writes it. */
export const javascriptLiteral = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(javascriptLiteral).join(', ')}]`
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? quoted(value) : JSON.stringify(value)
  const entries = Object.entries(value).map(([key, one]) => `${javascriptKey(key)}: ${javascriptLiteral(one)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

const quoted = (text: string): string =>
  text.includes("'") ? JSON.stringify(text) : `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')}'`

/** Names that a program cannot give to a function of its own. */
const reservedNames = new Set(
  (
    'arguments async await break case catch class const continue debugger default delete do else enum eval export extends false finally ' +
    'for function if implements import in instanceof interface let new null package private protected public return static super switch ' +
    'this throw true try typeof var void while with yield'
  ).split(' '),
)

/** The name of a tool as a function: `execute_query` is `executeQuery`. `taken`: names that mean something else there. */
export const functionNameOf = (tool: string, taken: readonly string[] = []): string => {
  const name = camelCase(tool)
  return reservedNames.has(name) || taken.includes(name) ? `${name}_` : name
}
