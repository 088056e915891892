import { Refusal } from '../../boards/template/template-fault.ts'
import { type CallArguments, Namespace, TemplateFunction, type TemplateValue } from '../../boards/template/value.ts'
import { callsIn, dispatchIn, type Macro, type Macros } from './read-macros.ts'
import { type Rendered, renderTemplate, type TemplateScope } from './render-template.ts'

/** Macros that call each other. */
const maxDepth = 10

type Given = Pick<CallArguments, 'list' | 'named'>

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
): Rendered => new MacroRunner(macros, scope, own).run(macro, { list: given, named: new Map() }, 0)

/** The scope with what expressions of a package may call of macros. */
export const withMacros = (scope: TemplateScope, macros: Macros, own: string, called: Iterable<string>): TemplateScope => {
  const runner = new MacroRunner(macros, scope, [])
  return { ...scope, names: new Map([...runner.packages(0), ...(scope.names ?? [])]), functions: runner.functions(own, called, 0) }
}

class MacroRunner {
  readonly #macros: Macros
  readonly #scope: TemplateScope
  readonly #own: readonly TemplateFunction[]

  constructor(macros: Macros, scope: TemplateScope, own: readonly TemplateFunction[]) {
    this.#macros = macros
    this.#scope = scope
    this.#own = own
  }

  run({ parameters, body, package: from }: Macro, { list, named }: Given, depth: number): Rendered {
    if (depth > maxDepth) return { fault: 'Its macros call each other without an end.', missing: [] }
    const fallbackOf = (fallback: string | undefined): TemplateValue => {
      const rendered: Rendered = fallback === undefined ? { value: null } : renderTemplate(`{{ ${fallback} }}`, this.#scope)
      return 'value' in rendered ? rendered.value : null
    }
    const values = parameters.map(({ name, fallback }, index) => [name, list[index] ?? named.get(name) ?? fallbackOf(fallback)] as const)
    return renderTemplate(body, {
      ...this.#scope,
      names: new Map<string, TemplateValue>([...this.packages(depth), ...values]),
      functions: this.functions(from, callsIn(body), depth),
    })
  }

  /** What templates of a package may call by its name alone. */
  functions(from: string, called: Iterable<string>, depth: number): (readonly [string, TemplateFunction])[] {
    const adapter = String(this.#scope.target.get('type') ?? '')
    return [...called].flatMap((word) => {
      const dispatched = dispatchIn(word)
      const macro =
        dispatched === undefined
          ? this.#macros.named(word, from)
          : this.#macros.dispatched(dispatched.name, dispatched.namespace, from, adapter)
      const call =
        macro === undefined
          ? this.#own.find(({ name }) => name === (dispatched === undefined ? word : `dbt__${dispatched.name}`))
          : this.#callOf(word, macro, depth)
      return call === undefined ? [] : [[word, call] as const]
    })
  }

  /** Packages by name, with their macros as members. */
  packages(depth: number): (readonly [string, Namespace])[] {
    return this.#macros.packages.map((name) => {
      const member = (word: string): TemplateFunction => {
        const macro = this.#macros.of(word, name)
        if (macro === undefined) throw new Refusal(`There is no macro ${word.slice(0, 60)} of ${name}.`)
        return this.#callOf(word, macro, depth)
      }
      return [name, new Namespace(name, member)] as const
    })
  }

  #callOf(name: string, macro: Macro, depth: number): TemplateFunction {
    return new TemplateFunction(name, (args) => {
      const made = this.run(macro, args, depth + 1)
      if ('fault' in made) throw new Refusal(made.fault)
      return made.value
    })
  }
}
