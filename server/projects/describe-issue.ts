import * as z from 'zod'
import { entryOf } from '../envelope/entry-of.ts'
import { nearestName } from '../envelope/nearest-name.ts'
import { schemaAt, unwrap, valueAt } from '../yaml/schema-at.ts'
import { nameOfType, typeOf } from '../yaml/type-names.ts'
import type { Finding } from './check-settings.ts'
import type { DiagnosticCode } from './diagnostic.ts'
import { nearestType } from './guess-types.ts'

/** Names that other tools use for a key of ours. */
const foreignNames: Readonly<Record<string, string>> = {
  database: 'dbname',
  db: 'dbname',
  username: 'user',
  pass: 'password',
  ssl: 'sslmode',
  uri: 'url',
  dsn: 'url',
  connection_string: 'url',
  file: 'path',
  tables: 'files',
}

/**
 * Describes one issue of `schema` with `value`: where, what, and what to write instead. The value itself is quoted only
 * when `isLiteral` says that it stands in the file, since a variable may hold a secret.
 */
export const describeIssue = (
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  value: unknown,
  isLiteral: (path: readonly PropertyKey[]) => boolean,
): Finding[] => {
  const { path } = issue
  const name = path.length === 0 ? 'The file' : path.map(String).join('.')
  const given = valueAt(value, path)
  const target = schemaAt(schema, value, path)
  const about = target?.description
  const describe = (code: DiagnosticCode, message: string, hint: string | undefined = about): Finding[] => [
    { path, code, message, ...(hint !== undefined && { hint }) },
  ]
  if (issue.code === 'unrecognized_keys') {
    const known = target instanceof z.ZodObject ? Object.keys(target.shape) : []
    return issue.keys.map((key) => ({
      path: [...path, key],
      code: 'UNKNOWN_KEY',
      message: `Unknown key "${key}" in ${path.length === 0 ? 'the file' : name}.`,
      hint: suggestKey(key, known, schema, path),
    }))
  }
  if (issue.code === 'invalid_key')
    return describe(
      'BAD_NAME',
      `"${String(path.at(-1))}" cannot be used as a name.`,
      'Start with a letter or _; go on with letters, digits, _ and -.',
    )
  if (given === undefined && path.length > 0)
    return describe(
      'MISSING_KEY',
      `The key "${String(path.at(-1))}" is required in ${path.slice(0, -1).map(String).join('.') || 'the file'}.`,
      choices(issue) ?? about,
    )
  if (given === null && path.length === 0) return describe('MISSING_VALUE', 'The file is empty.', leastKeys)
  if (given === null) return describe('MISSING_VALUE', `${name} has no value.`, choices(issue) ?? 'Give it a value or remove the line.')

  switch (issue.code) {
    case 'invalid_type':
      return describe(
        'WRONG_TYPE',
        `${name} must be ${nameOfType(issue.expected)}, not ${nameOfType(typeOf(given))}.`,
        path.length === 0 ? leastKeys : isList(issue, given) ? 'Write each entry as a key of its own, name: ..., without the dash.' : about,
      )
    case 'invalid_union': {
      const options = choices(issue)
      if (options === undefined) return describe('WRONG_TYPE', `${name} must be a whole number${quote(given, isLiteral(path), ', not')}.`)
      return describe('WRONG_VALUE', `${name} is no known type${quote(given, isLiteral(path))}.`, withNearest(given, issue, options))
    }
    case 'invalid_value':
      return describe(
        'WRONG_VALUE',
        `${name} has a value that is not known${quote(given, isLiteral(path))}.`,
        withNearest(given, issue, choices(issue) ?? ''),
      )
    case 'too_small':
      return issue.origin === 'number'
        ? describe('WRONG_VALUE', `${name} must be at least ${issue.minimum}.`)
        : describe('MISSING_VALUE', `${name} must not be empty.`)
    case 'too_big':
      return describe('WRONG_VALUE', `${name} must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}.`)
    default:
      return describe('WRONG_VALUE', `${name} does not have the form it must have.`)
  }
}

const leastKeys = 'It needs at least name and sources, each a key with its value: name: shop.'

const isList = (issue: z.core.$ZodIssueInvalidType, given: unknown): boolean =>
  Array.isArray(given) && ['object', 'record'].includes(issue.expected)

const suggestKey = (key: string, known: readonly string[], schema: z.ZodType, path: readonly PropertyKey[]): string => {
  const list = `Known keys: ${known.join(', ')}.`
  const foreign = entryOf(foreignNames, key.toLowerCase())
  const near = foreign !== undefined && known.includes(foreign) ? foreign : nearestName(key, known)
  if (near !== undefined) return `Did you mean "${near}"? ${list}`
  const types = path.length === 2 && path[0] === 'sources' ? typesWithKey(schema, key) : []
  return types.length === 0 ? list : `It belongs to sources of type ${types.join(' or ')}. ${list}`
}

/** The source types that know a key. */
const typesWithKey = (schema: z.ZodType, key: string): string[] => {
  const sources = schema instanceof z.ZodObject ? unwrap(schema.shape.sources) : undefined
  const union = sources instanceof z.ZodRecord ? sources.valueType : undefined
  if (!(union instanceof z.ZodDiscriminatedUnion)) return []
  return union.options
    .filter((option): option is z.ZodObject => option instanceof z.ZodObject && key in option.shape)
    .map((option) => String((option.shape.type as z.ZodLiteral).value))
}

const choices = (issue: z.core.$ZodIssue): string | undefined => {
  const names = namesOf(issue)
  return names === undefined ? undefined : `Use one of: ${names.join(', ')}.`
}

const namesOf = (issue: z.core.$ZodIssue): string[] | undefined => {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)) return issue.options.map(String)
  return undefined
}

const withNearest = (given: unknown, issue: z.core.$ZodIssue, options: string): string => {
  const nearest = issue.code === 'invalid_union' ? nearestType : (text: string) => nearestName(text, namesOf(issue) ?? [])
  const near = typeof given === 'string' ? nearest(given) : undefined
  return near === undefined ? options : `Did you mean "${near}"? ${options}`
}

const quote = (given: unknown, literal: boolean, before = ':'): string =>
  literal && typeof given === 'string' ? `${before} "${given.slice(0, 60)}"` : ''
