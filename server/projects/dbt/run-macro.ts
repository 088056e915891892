import { Refusal } from '../../boards/template/template-fault.ts'
import { type CallArguments, Namespace, TemplateFunction, type TemplateValue } from '../../boards/template/value.ts'
import { dispatchIn, type Macro, type Macros } from './read-macros.ts'
import { type Rendered, renderTemplate, type TemplateScope } from './render-template.ts'

/** Macros that call each other. */
const maxDepth = 10

/**
 * Runs a macro, which may call others of the project and its packages.
 * @param own functions of dbt: `dbt__name` stands for `dbt.name`, and holds for `default__name` where the project has none.
 */
export const runMacro = (
  macros: Macros,
  macro: Macro,
  given: readonly TemplateValue[],
  scope: TemplateScope,
  own: readonly TemplateFunction[],
): Rendered => {
  const adapter = String(scope.target.get('type') ?? '')
  const run = (macroNow: Macro, { list, named }: Pick<CallArguments, 'list' | 'named'>, depth: number): Rendered => {
    if (depth > maxDepth) return { fault: 'Its macros call each other without an end.', missing: [] }
    const { parameters, body, package: from } = macroNow
    const fallbackOf = (fallback: string | undefined): TemplateValue => {
      const rendered: Rendered = fallback === undefined ? { value: null } : renderTemplate(`{{ ${fallback} }}`, scope)
      return 'value' in rendered ? rendered.value : null
    }
    const values = parameters.map(({ name, fallback }, index) => [name, list[index] ?? named.get(name) ?? fallbackOf(fallback)] as const)
    const callOf = (name: string, other: Macro): TemplateFunction =>
      new TemplateFunction(name, (args) => {
        const made = run(other, args, depth + 1)
        if ('fault' in made) throw new Refusal(made.fault)
        return made.value
      })
    const functionOf = (word: string): TemplateFunction | undefined => {
      const dispatched = dispatchIn(word)
      const other =
        dispatched === undefined ? macros.named(word, from) : macros.dispatched(dispatched.name, dispatched.namespace, from, adapter)
      if (other !== undefined) return callOf(word, other)
      return own.find(({ name }) => name === (dispatched === undefined ? word : `dbt__${dispatched.name}`))
    }
    const called = new Set([...body.matchAll(/\b(\w+)\s*\(/g)].map(([, word]) => word as string))
    const packages = macros.packages.map(
      (name) =>
        [
          name,
          new Namespace(name, (member) => {
            const other = macros.of(member, name)
            if (other === undefined) throw new Refusal(`There is no macro ${member.slice(0, 60)} of ${name}.`)
            return callOf(member, other)
          }),
        ] as const,
    )
    return renderTemplate(body, {
      ...scope,
      names: new Map<string, TemplateValue>([...packages, ...values]),
      functions: [...called].flatMap((word) => {
        const call = functionOf(word)
        return call === undefined ? [] : [[word, call] as const]
      }),
    })
  }
  return run(macro, { list: given, named: new Map() }, 0)
}
