import { pascalCase } from './generated-file.ts'
import type { JsonSchema } from './json-schema.ts'

/** A class of a Python module, by name. */
export interface PythonClass {
  readonly name: string
  readonly lines: readonly string[]
}

/** Names of the module `typing` that types are made of. */
export const typingNames = ['Any', 'Dict', 'List', 'Literal', 'Mapping', 'Optional', 'Sequence', 'TypedDict', 'Union'] as const

/** Whether a value is given by the caller or comes from the server; enumerations of the latter may grow. */
type Side = 'input' | 'output'

/** The Python type of a JSON Schema; objects become named `TypedDict`s, which are added to `classes` before those that hold them. */
export const pythonType = (schema: JsonSchema, name: string, side: Side, classes: PythonClass[]): string => {
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined)
    return union(alternatives.map((part, index) => pythonType(part, alternatives.length > 1 ? `${name}${index + 1}` : name, side, classes)))
  if (schema.const !== undefined) return literal([schema.const])
  if (schema.enum !== undefined) return side === 'input' ? literal(schema.enum) : union([literal(schema.enum), 'str'])
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => pythonType({ ...schema, type }, name, side, classes)))
  switch (schema.type) {
    case 'string':
      return 'str'
    case 'number':
      return 'float'
    case 'integer':
      return 'int'
    case 'boolean':
      return 'bool'
    case 'null':
      return 'None'
    case 'array':
      return `${side === 'input' ? 'Sequence' : 'List'}[${pythonType(schema.items ?? {}, singular(name), side, classes)}]`
    case 'object':
      return objectType(schema, name, side, classes)
    default:
      return 'Any'
  }
}

/** A `TypedDict` as a class; the optional keys are those of a second one, since Python 3.10 has no `NotRequired`. */
const objectType = (schema: JsonSchema, name: string, side: Side, classes: PythonClass[]): string => {
  const properties = Object.entries(schema.properties ?? {})
  const dict = side === 'input' ? 'Mapping' : 'Dict'
  if (properties.length === 0)
    return `${dict}[str, ${typeof schema.additionalProperties === 'object' ? pythonType(schema.additionalProperties, `${name}Value`, side, classes) : 'Any'}]`
  const fields = properties.map(([key, property]) => ({
    key,
    isRequired: schema.required?.includes(key) === true,
    type: pythonType(property, `${name}${pascalCase(key)}`, side, classes),
    doc: documentationOf(property),
  }))
  const body = (chosen: typeof fields): string[] =>
    chosen.flatMap(({ key, type, doc }) => [`    ${key}: ${type}`, ...(doc === '' ? [] : docstring(doc, '    '))])
  const [required, optional] = [fields.filter((field) => field.isRequired), fields.filter((field) => !field.isRequired)]
  if (required.length > 0 && optional.length > 0) {
    classes.push({ name: `_${name}`, lines: [`class _${name}(TypedDict):`, ...body(required)] })
    classes.push({ name, lines: [`class ${name}(_${name}, total=False):`, ...body(optional)] })
  } else
    classes.push({
      name,
      lines: [`class ${name}(TypedDict${required.length === 0 ? ', total=False' : ''}):`, ...body(fields)],
    })
  return name
}

/** Description and default of a schema, as one text; empty when it says nothing. */
export const documentationOf = (schema: JsonSchema): string =>
  [schema.description ?? '', schema.default === undefined ? '' : `Default ${JSON.stringify(schema.default)}.`].filter(Boolean).join(' ')

/** A docstring, wrapped; backslashes and quotes keep their meaning. */
export const docstring = (text: string, indent: string): string[] => {
  const lines = wrap(text.replaceAll('\\', '\\\\').replaceAll('"""', '\\"\\"\\"'), 112 - indent.length)
  const [only] = lines
  if (lines.length === 1) return [`${indent}"""${only?.endsWith('"') ? `${only} ` : only}"""`]
  return [`${indent}"""${only}`, ...lines.slice(1).map((line) => (line === '' ? '' : `${indent}${line}`)), `${indent}"""`]
}

/** Breaks paragraphs at words; lines that begin with a space stay as they are. */
export const wrap = (text: string, width: number): string[] =>
  text.split('\n').flatMap((paragraph) => {
    if (paragraph === '' || paragraph.startsWith(' ')) return [paragraph]
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line)
        line = word
      } else line = line === '' ? word : `${line} ${word}`
    }
    return [...lines, line]
  })

const union = (types: readonly string[]): string => {
  const distinct = [...new Set(types)]
  const nullable = distinct.filter((type) => type !== 'None')
  const inner = nullable.length === 1 ? (nullable[0] as string) : `Union[${nullable.join(', ')}]`
  return distinct.length === nullable.length ? inner : nullable.length === 0 ? 'None' : `Optional[${inner}]`
}

const literal = (values: readonly unknown[]): string => `Literal[${values.map(pythonLiteral).join(', ')}]`

/** A JSON value as Python writes it. */
export const pythonLiteral = (value: unknown): string => {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, one]) => `${JSON.stringify(key)}: ${pythonLiteral(one)}`)
      .join(', ')}}`
  return JSON.stringify(value)
}

/** The name of one item of a list: `Columns` is `Column`. */
const singular = (name: string): string =>
  name.endsWith('ies') ? `${name.slice(0, -3)}y` : name.endsWith('s') && !name.endsWith('ss') ? name.slice(0, -1) : `${name}Item`
