import type * as z from 'zod'
import type { Contract } from '../../contracts/define-contract.ts'
import { Fault, Faults } from '../envelope/fault.ts'
import { nearestName } from '../envelope/nearest-name.ts'

/**
 * Makes the input check of a contract. It returns the parsed input with defaults, or throws `Faults` that hold every
 * finding at once. Null for an optional argument means absent: dialects that require every key send it so.
 */
export const createInputCheck = (contract: Contract): ((input: unknown) => Record<string, unknown>) => {
  const { shape } = contract.input
  const known = Object.keys(shape)
  const optional = new Set(
    known.filter((key) => (shape[key] as z.ZodType).safeParse(undefined).success && !acceptsNull(shape[key] as z.ZodType)),
  )

  return (input) => {
    const given = input ?? {}
    if (typeof given !== 'object' || Array.isArray(given))
      throw new Fault('VALIDATION_ERROR', 'The arguments must be a JSON object.', {
        hint: `Known arguments: ${known.join(', ') || 'none'}.`,
      })
    const parsed = contract.input.safeParse(withoutNulls(given as Record<string, unknown>, optional))
    if (parsed.success) return parsed.data
    throw new Faults(withoutEchoes(parsed.error.issues).flatMap((issue) => faultsOfIssue(issue, given, known)))
  }
}

/** A text in place of a list is of the wrong type; that its length also breaks the bounds of the list says nothing. */
const withoutEchoes = (issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] => {
  const pathOf = (issue: z.core.$ZodIssue): string => JSON.stringify(issue.path)
  const mistyped = new Set(issues.filter(({ code }) => code === 'invalid_type').map(pathOf))
  return issues.filter((issue) => issue.code === 'invalid_type' || !mistyped.has(pathOf(issue)))
}

const acceptsNull = (schema: z.ZodType): boolean => schema.safeParse(null).success

const withoutNulls = (given: Record<string, unknown>, optional: ReadonlySet<string>): Record<string, unknown> => {
  for (const key in given)
    if (given[key] === null && optional.has(key))
      return Object.fromEntries(Object.entries(given).filter(([name, value]) => value !== null || !optional.has(name)))
  return given
}

const faultsOfIssue = (issue: z.core.$ZodIssue, given: object, known: readonly string[]): Fault[] => {
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const near = nearestName(key, known)
      const all = known.length > 0 ? `Known arguments: ${known.join(', ')}.` : 'This tool takes no arguments.'
      return new Fault('VALIDATION_ERROR', `Unknown argument "${key.slice(0, 100)}".`, {
        path: path === '' ? key.slice(0, 100) : `${path}.${key.slice(0, 100)}`,
        hint: near === undefined ? all : `Did you mean "${near}"? ${all}`,
      })
    })
  }
  const missing = issue.code === 'invalid_type' && valueAt(given, issue.path) === undefined
  if (missing) return [new Fault('VALIDATION_ERROR', `The argument "${path}" is required.`, { path, hint: expectation(issue) })]
  return [new Fault('VALIDATION_ERROR', `The argument "${path}" is not valid: ${issue.message}.`, { path, hint: expectation(issue) })]
}

/** What would be accepted, in words. */
const expectation = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return `Give a value of type ${issue.expected}.`
    case 'invalid_value':
      return `Use one of: ${issue.values.map((value) => JSON.stringify(value)).join(', ')}.`
    case 'too_small':
      return `The least is ${issue.minimum}${sizeUnit(issue.origin)}.`
    case 'too_big':
      return `The most is ${issue.maximum}${sizeUnit(issue.origin)}.`
    case 'invalid_union':
      return 'Use one of the accepted types.'
    default:
      return 'See the input schema of the tool.'
  }
}

const sizeUnit = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' ? ' items' : '')

const valueAt = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    root,
  )
