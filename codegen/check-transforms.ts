import type * as z from 'zod'
import type { Contract, Transform } from '../contracts/define-contract.ts'
import { universalErrors } from '../contracts/define-contract.ts'
import { normalise } from './compat/normal-form.ts'
import { candidatesOf } from './compat/samples.ts'
import type { JsonSchema } from './json-schema.ts'
import type { ContractFinding, ToolModel } from './model.ts'

/** What is wrong with the ways from earlier versions to later ones: that one leads nowhere, or does not take what it is given. */
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
    return findings
  })
}

/** Values at the edges of a schema. */
const madeFrom = (schema: JsonSchema | undefined): readonly unknown[] => (schema === undefined ? [] : candidatesOf(normalise(schema)))

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
      const taken = taking.safeParse(transform(parsed.data as never))
      if (!taken.success) {
        const [issue] = taken.error.issues
        return `of ${shown} it makes what is refused at ${issue?.path.join('.') || 'its root'}: ${issue?.message}`
      }
    } catch (error) {
      return `it fails on ${shown}: ${error instanceof Error ? error.message : String(error)}`
    }
  }
  return undefined
}
