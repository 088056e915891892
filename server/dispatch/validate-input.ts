import type * as z from 'zod'
import type { Contract } from '../../contracts/define-contract.ts'
import { describeFaults, Fault } from '../envelope/fault.ts'
import { describeInputIssue } from './describe-input-issue.ts'

/** What may be given for an argument, as a sentence, where the contract cannot know it. */
export type KnownValues = (argument: string) => string | undefined

/**
 * Makes the input check of a contract. It returns the parsed input with defaults, or throws `Faults` that hold every
 * finding at once, up to a number. Null for an optional argument means absent: dialects that require every key send it so.
 */
export const createInputCheck = (
  contract: Contract,
  valuesOf: KnownValues = () => undefined,
): ((input: unknown) => Record<string, unknown>) => {
  const { shape } = contract.input
  const known = Object.keys(shape)
  const optional = new Set(
    known.filter((key) => (shape[key] as z.ZodType).safeParse(undefined).success && !acceptsNull(shape[key] as z.ZodType)),
  )

  const records = known.filter((key) => isRecord(shape[key] as z.ZodType))

  return (input) => {
    const given = input ?? {}
    if (typeof given !== 'object' || Array.isArray(given))
      throw new Fault('VALIDATION_ERROR', 'The arguments must be a JSON object.', {
        hint: `Known arguments: ${known.join(', ') || 'none'}.`,
      })
    const parsed = contract.input.safeParse(withRecords(withoutNulls(given as Record<string, unknown>, optional), records))
    if (parsed.success) return parsed.data
    throw describeFaults(oneByOne(withoutEchoes(parsed.error.issues)), (issue) => describeInputIssue(issue, given, known, valuesOf))
  }
}

/** One finding per argument: that a value of the wrong type also breaks a bound says nothing, nor does a second, wider bound. */
const withoutEchoes = (issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] => {
  const byPath = Map.groupBy(issues, ({ path }) => JSON.stringify(path))
  return [...byPath.values()].flatMap((same) => {
    const unknown = same.filter(({ code }) => code === 'unrecognized_keys')
    const others = same.filter(({ code }) => code !== 'unrecognized_keys')
    const kept = others.find(({ code }) => code === 'invalid_type') ?? others.at(-1)
    return kept === undefined ? unknown : [...unknown, kept]
  })
}

/** Every unknown key as an issue of its own. */
const oneByOne = (issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] =>
  issues.flatMap((issue): z.core.$ZodIssue[] =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => ({ ...issue, keys: [key] })) : [issue],
  )

/** Whether an argument is an object whose keys are not known beforehand. */
const isRecord = (schema: z.ZodType): boolean => schema.safeParse({}).success && schema.safeParse({ any: 'x' }).success

/** Dialects that know no object of unknown keys send the entries as a list of `{name, value}`. */
const withRecords = (given: Record<string, unknown>, records: readonly string[]): Record<string, unknown> => {
  const listed = records.filter((key) => Array.isArray(given[key]) && (given[key] as unknown[]).every(isPair))
  if (listed.length === 0) return given
  const taken = listed.map((key) => [key, Object.fromEntries((given[key] as Pair[]).map(({ name, value }) => [name, value]))])
  return { ...given, ...Object.fromEntries(taken) }
}

interface Pair {
  readonly name: string
  readonly value: unknown
}

const isPair = (item: unknown): item is Pair =>
  typeof item === 'object' &&
  item !== null &&
  typeof (item as Partial<Pair>).name === 'string' &&
  Object.keys(item).every((key) => key === 'name' || key === 'value')

const acceptsNull = (schema: z.ZodType): boolean => schema.safeParse(null).success

const withoutNulls = (given: Record<string, unknown>, optional: ReadonlySet<string>): Record<string, unknown> => {
  for (const key in given)
    if (given[key] === null && optional.has(key))
      return Object.fromEntries(Object.entries(given).filter(([name, value]) => value !== null || !optional.has(name)))
  return given
}
