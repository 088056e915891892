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
  const [required, optional] = [fields.filter((field) => field.isRequired), fields.filter((field) => !field.isRequired)]
  if (required.length > 0 && optional.length > 0) {
    const base = `_${name}`
    classes.push({ name: base, lines: dictOf(base, 'TypedDict', required, true) })
    classes.push({ name, lines: dictOf(name, base, optional, false) })
  } else classes.push({ name, lines: dictOf(name, 'TypedDict', fields, required.length > 0) })
  return name
}

interface Field {
  readonly key: string
  readonly type: string
  readonly doc: string
}

/** A `TypedDict` as a class, with a base made by a call for keys that are no names in Python. */
const dictOf = (name: string, base: string, fields: readonly Field[], isTotal: boolean): string[] => {
  const unnamed = fields.filter(({ key }) => !isName(key))
  const named = fields.filter(({ key }) => isName(key))
  const total = isTotal ? '' : ', total=False'
  const bases = [...(base === 'TypedDict' ? [] : [base]), ...(unnamed.length === 0 ? [] : [`_${name}Keys`])]
  return [
    ...(unnamed.length === 0
      ? []
      : [
          `_${name}Keys = TypedDict(`,
          `    "_${name}Keys",`,
          '    {',
          ...unnamed.flatMap(({ key, type, doc }) => [
            ...(doc === '' ? [] : wrap(doc, 100).map((line) => `        # ${line}`)),
            `        ${JSON.stringify(key)}: ${JSON.stringify(type)},`,
          ]),
          '    },',
          ...(isTotal ? [] : ['    total=False,']),
          ')',
          '',
          '',
        ]),
    `class ${name}(${bases.length === 0 ? 'TypedDict' : bases.join(', ')}${total}):`,
    ...(named.length === 0
      ? ['    pass']
      : named.flatMap(({ key, type, doc }) => [`    ${key}: ${type}`, ...(doc === '' ? [] : docstring(doc, '    '))])),
  ]
}

/** Words that Python keeps for itself. */
export const pythonKeywords: ReadonlySet<string> = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if import in is ' +
    'lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
)

const isName = (key: string): boolean => /^[A-Za-z_]\w*$/.test(key) && !key.startsWith('__') && !pythonKeywords.has(key)

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
