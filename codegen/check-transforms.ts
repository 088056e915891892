import { isDeepStrictEqual } from 'node:util'
import type * as z from 'zod'
import type { Contract, Transform } from '../contracts/define-contract.ts'
import { universalErrors } from '../contracts/define-contract.ts'
import { normalise } from './compat/normal-form.ts'
import { candidatesOf } from './compat/samples.ts'
import { variationsOf } from './compat/variations.ts'
import type { JsonSchema } from './json-schema.ts'
import type { ContractFinding, ToolModel } from './model.ts'

/**
 * What is wrong with the ways from earlier versions to later ones: that one leads nowhere, does not take what it is given,
 * changes it, or does not bring the answer of an example back.
 */
export const checkTransforms = (
  contracts: readonly Contract[],
  transforms: readonly Transform[],
  models: readonly ToolModel[],
): ContractFinding[] => {
  const modelOf = ({ name, version }: Contract): ToolModel | undefined =>
    models.find((model) => model.name === name && model.version === version)
  return transforms.flatMap((transform) => {
    const { from, to, errors = {} } = transform
    const label = `transform ${from.version} to ${to.version}`
    const findings: ContractFinding[] = []
    const report = (message: string) => findings.push({ tool: from.name, field: label, message })
    if (from.name !== to.name) report(`leads to ${to.name}, another tool`)
    if (Number(from.version.split('.')[0]) >= Number(to.version.split('.')[0])) report('must lead to a later major version')
    if (!contracts.includes(to) && !transforms.some((next) => next.from === to)) report(`${to.version} is not served`)
    if (from.deprecated === undefined) report(`${from.version} must say since when it is deprecated`)
    const known: readonly string[] = [...from.errors, ...universalErrors]
    for (const code of to.errors) {
      const told = errors[code] ?? code
      if (!known.includes(told)) report(`errors: ${from.version} has no ${told}; say which of its codes stands for ${code}`)
    }
    for (const [side, given, taking] of [
      ['input', from, to],
      ['output', to, from],
    ] as const) {
      const fault = firstFault(transform[side] as (value: never) => unknown, {
        values: [...given.examples.map((example) => example[side]), ...madeFrom(modelOf(given)?.[side])],
        given: given[side],
        taking: side === 'input' ? taking.input : taking.output.strict(),
      })
      if (fault !== undefined) report(`${side}: ${fault}`)
    }
    if (findings.length === 0) for (const title of unanswered(transform)) report(`the example "${title}" does not come back as it was`)
    return findings
  })
}

/** Examples of the earlier version that, sent up as the input of one of the later version, do not get their own answer. */
const unanswered = ({ from, to, input, output }: Transform): string[] =>
  from.examples
    .filter((example) => fits(from, example))
    .filter((example) => {
      const asked = to.input.parse(input(from.input.parse(example.input)))
      const answers = to.examples.filter((other) => fits(to, other) && isDeepStrictEqual(to.input.parse(other.input), asked))
      const wanted = from.output.parse(example.output)
      return !answers.some((answer) => isDeepStrictEqual(from.output.parse(output(to.output.parse(answer.output))), wanted))
    })
    .map(({ title }) => title)

/** An example that does not fit its own contract is told elsewhere. */
const fits = ({ input, output }: Contract, example: Contract['examples'][number]): boolean =>
  input.safeParse(example.input).success && output.safeParse(example.output).success

/** Values at the edges of a schema, and of its parts. */
const madeFrom = (schema: JsonSchema | undefined): readonly unknown[] => {
  if (schema === undefined) return []
  const normal = normalise(schema)
  return [...candidatesOf(normal), ...variationsOf(normal)]
}

/** The first value of those that fit a schema which a transform fails on, or of which it makes something that does not fit. */
const firstFault = (
  transform: (value: never) => unknown,
  { values, given, taking }: { readonly values: readonly unknown[]; readonly given: z.ZodType; readonly taking: z.ZodType },
): string | undefined => {
  for (const value of values) {
    const parsed = given.safeParse(value)
    if (!parsed.success) continue
    const shown = JSON.stringify(value).slice(0, 200)
    try {
      const whole = frozen(parsed.data)
      const made = transform(whole as never)
      const taken = taking.safeParse(made)
      if (!taken.success) {
        const [issue] = taken.error.issues
        return `of ${shown} it makes what is refused at ${issue?.path.join('.') || 'its root'}: ${issue?.message}`
      }
      if (!isDeepStrictEqual(transform(whole as never), made)) return `of ${shown} it makes something else each time`
      const unknown = keyBeyond(made, taken.data)
      if (unknown !== undefined) return `of ${shown} it makes what the other version does not know: ${unknown}`
    } catch (error) {
      return `it fails on ${shown}: ${error instanceof Error ? error.message : String(error)}`
    }
  }
  return undefined
}

/** A copy that fails whoever changes it. */
const frozen = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  const copy: object = Array.isArray(value)
    ? value.map(frozen)
    : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, frozen(one)]))
  return Object.freeze(copy)
}

/** The first key, dotted, that a schema took out of a value, because it does not know it. */
const keyBeyond = (value: unknown, kept: unknown, at = ''): string | undefined => {
  if (typeof value !== 'object' || value === null || typeof kept !== 'object' || kept === null) return undefined
  for (const [key, one] of Object.entries(value)) {
    const place = at === '' ? key : `${at}.${key}`
    if (one !== undefined && !Object.hasOwn(kept, key)) return place
    const inner = keyBeyond(one, (kept as Record<string, unknown>)[key], place)
    if (inner !== undefined) return inner
  }
  return undefined
}
