/** The kind of a value as the schema library tells it. */
export const typeOf = (value: unknown): string => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value)

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a block of keys',
  record: 'a block of keys',
  null: 'empty',
}

/** The kind of a value in words for people who write YAML. */
export const nameOfType = (type: string): string => (Object.hasOwn(typeNames, type) ? typeNames[type] : undefined) ?? `of type ${type}`
