import type * as z from 'zod'
import { Fault } from '../envelope/fault.ts'
import { nearestName } from '../envelope/nearest-name.ts'

/** What other tools, and models from memory, call an argument of ours. */
const foreignNames: Readonly<Record<string, readonly string[]>> = {
  sql: ['query', 'statement', 'sql_query', 'q', 'command'],
  source: ['database', 'db', 'connection', 'datasource', 'data_source', 'source_name', 'server'],
  table: ['name', 'relation', 'view', 'object'],
  schema: ['namespace', 'dataset'],
  limit: ['max_rows', 'max_results', 'top', 'count', 'rows', 'page_size', 'first'],
  cursor: ['offset', 'page', 'page_token', 'next_cursor', 'after', 'skip'],
  params: ['parameters', 'args', 'arguments', 'bindings', 'values'],
  format: ['output', 'output_format', 'as'],
  search: ['query', 'filter', 'pattern', 'like', 'text', 'keyword', 'q'],
  query: ['search', 'text', 'keyword', 'keywords', 'topic', 'q'],
  kinds: ['types', 'type'],
  detail: ['level', 'verbosity'],
  max_tokens: ['budget', 'token_budget', 'tokens'],
  max_bytes: ['bytes', 'size', 'max_size', 'byte_limit'],
  timeout_ms: ['timeout', 'timeout_seconds', 'deadline', 'time_limit', 'max_time'],
}

/** The fault of one issue with the input of a tool whose arguments are `known`, in words of the caller; an unknown key is an issue of its own. */
export const describeInputIssue = (
  issue: z.core.$ZodIssue,
  given: object,
  known: readonly string[],
  valuesOf: (argument: string) => string | undefined,
): Fault => {
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') return unknownArgument(path, String(issue.keys[0]).slice(0, 100), known)
  const value = issue.path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), given)
  const { message, hint } = describe(issue, value)
  return new Fault('VALIDATION_ERROR', `The argument "${path}" ${message}.`, {
    path,
    hint: valuesOf(path) ?? hintOfParams(path, value) ?? hint,
  })
}

/** Values of parameters are given as other databases take them. */
const hintOfParams = (path: string, value: unknown): string | undefined => {
  if (path === 'params' && value !== undefined && !Array.isArray(value))
    return 'Give a list with the values of $1, $2 in order, such as ["north", 5]; parameters have numbers and no names.'
  if (/^params\.\d+$/.test(path) && typeof value === 'object')
    return 'A value is a string, a number, true, false or null. Send a list or an object as text, and cast it in SQL, as in $1::json.'
  return undefined
}

const unknownArgument = (path: string, key: string, known: readonly string[]): Fault => {
  const wanted = key.toLowerCase()
  const near = nearestName(key, known) ?? known.find((name) => foreignNames[name]?.includes(wanted))
  const all = known.length > 0 ? `Known arguments: ${known.join(', ')}.` : 'This tool takes no arguments.'
  return new Fault('VALIDATION_ERROR', `Unknown argument "${key}".`, {
    path: path === '' ? key : `${path}.${key}`,
    hint: near === undefined ? all : `Did you mean "${near}"? ${all}`,
  })
}

/** What is wrong, as the end of a sentence about the argument, and what would be accepted. */
const describe = (issue: z.core.$ZodIssue, value: unknown): { message: string; hint: string } => {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? { message: 'is required', hint: `Give ${typeName(issue.expected)}.` }
        : { message: `must be ${typeName(issue.expected)}, not ${valueName(value)}`, hint: `Give ${typeName(issue.expected)}.` }
    case 'invalid_value': {
      const near = typeof value === 'string' ? nearestName(value, issue.values.map(String)) : undefined
      const choices = `Use one of: ${issue.values.map((choice) => JSON.stringify(choice)).join(', ')}.`
      return { message: 'is not one of its values', hint: near === undefined ? choices : `Did you mean "${near}"? ${choices}` }
    }
    case 'too_small':
      return {
        message: value === '' ? 'is empty' : sizeFault(issue.origin, 'is too short', 'has too few items', 'is too small'),
        hint: `The least is ${size(issue.minimum, issue.origin)}.`,
      }
    case 'too_big':
      return {
        message: sizeFault(issue.origin, 'is too long', 'has too many items', 'is too large'),
        hint: `The most is ${size(issue.maximum, issue.origin)}.`,
      }
    case 'invalid_union': {
      const accepted = issue.errors.flat().flatMap((error) => (error.code === 'invalid_type' ? [typeName(error.expected)] : []))
      const list = [...new Set(accepted)].join(', or ') || 'one of the accepted types'
      return { message: `must be ${list}, not ${valueName(value)}`, hint: `Give ${list}.` }
    }
    default:
      return { message: 'does not have the form it must have', hint: 'See the input schema of the tool.' }
  }
}

const sizeFault = (origin: string, text: string, list: string, number: string): string =>
  origin === 'string' ? text : origin === 'array' ? list : number

const size = (bound: number | bigint, origin: string): string => {
  const unit = origin === 'string' ? 'character' : origin === 'array' ? 'item' : ''
  return unit === '' ? String(bound) : `${bound} ${unit}${Number(bound) === 1 ? '' : 's'}`
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

const typeName = (type: string): string => typeNames[type] ?? type

/** A number or a boolean as it is; of anything else its type, since it may be long. */
const valueName = (value: unknown): string => {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeName(Array.isArray(value) ? 'array' : typeof value)
}
