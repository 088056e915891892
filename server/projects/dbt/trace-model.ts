import { parseTemplate } from '../../boards/template/parse-template.ts'
import type { Arguments, Expression, ForPart, IfPart, TemplatePart } from '../../boards/template/syntax.ts'
import { Refusal, TemplateFault } from '../../boards/template/template-fault.ts'
import { isMap, isTrue, itemsOf, type TemplateValue, textOf } from '../../boards/template/value.ts'
import { asExpressions, dispatchIn, type Macro, type Macros } from './read-macros.ts'
import type { Ref } from './references.ts'
import { renderParts, renderTemplate, type TemplateScope } from './render-template.ts'
import { withMacros } from './run-macro.ts'

/** What a template calls where it is run, as far as that can be told without dbt. */
export interface Traced {
  readonly refs: readonly Ref[]
  readonly sources: readonly string[]
  /** Arguments of `config()`; the last of a name holds. */
  readonly settings: ReadonlyMap<string, { readonly value: TemplateValue } | { readonly fault: string }>
}

/** Macros within macros. */
const maxDepth = 10
/** Parts, each round of a loop anew. */
const maxSteps = 5_000

type Names = Map<string, TemplateValue>

/**
 * Follows a template of a package through its loops and the macros that it calls, with what is known of their values: where
 * a condition is not known both ways are gone, and a loop over what is not known is gone through once. Undefined when the
 * template cannot be read.
 */
export const traceModel = (text: string, macros: Macros, own: string, scope: TemplateScope): Traced | undefined => {
  const parts = partsOf(text)
  if (parts === undefined) return undefined
  const tracer = new Tracer(macros, scope)
  tracer.run(parts, { names: new Map(), changed: changedIn(text), own, depth: 0 })
  return tracer
}

/** Statements of Jinja that boards do not have, as ones that they have; what a block is called with does not matter. */
const partsOf = (text: string): readonly TemplatePart[] | undefined => {
  const plain = asExpressions(text)
    .replace(/\{%-?\s*call\s*(?:\([^)]*\))?\s+([\s\S]+?)-?%\}/g, '{{ $1 }}')
    .replace(/\{%-?\s*(?:endcall|break|continue|with\b[^%]*|endwith|filter\b[^%]*|endfilter)\s*-?%\}/g, '')
    .replace(/(\{%-?\s*set\s+)(?:\w+\.\w+|\w+(?:\s*,\s*\w+)+)\s*=/g, '$1done =')
  try {
    return parseTemplate({ text: plain })
  } catch (error) {
    if (error instanceof TemplateFault || error instanceof Refusal) return undefined
    throw error
  }
}

/** Names whose values a template changes where they are, as with `{% do list.append(x) %}`: what they hold is not followed. */
const changedIn = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/\b(\w+)\.(?:append|extend|insert|remove|pop|update|clear|add|setdefault)\s*\(/g)].map(([, name]) => name as string),
  )

interface Place {
  /** Those that are known. */
  readonly names: Names
  readonly changed: ReadonlySet<string>
  /** The package that the template is of. */
  readonly own: string
  readonly depth: number
}

class Tracer implements Traced {
  readonly refs: Ref[] = []
  readonly sources: string[] = []
  readonly settings = new Map<string, { value: TemplateValue } | { fault: string }>()
  readonly #macros: Macros
  readonly #scope: TemplateScope
  readonly #bodies = new Map<Macro, readonly TemplatePart[]>()
  #steps = 0

  constructor(macros: Macros, scope: TemplateScope) {
    this.#macros = macros
    this.#scope = scope
  }

  run(parts: readonly TemplatePart[], place: Place): void {
    for (const part of parts) if (++this.#steps <= maxSteps) this.#part(part, place)
  }

  #part(part: TemplatePart, place: Place): void {
    const { names } = place
    switch (part.kind) {
      case 'text':
        break
      case 'output':
        this.#visit(part.value, place)
        break
      case 'set': {
        this.#visit(part.value, place)
        const value = this.#valueOf(part.value, place)
        if ('fault' in value || place.changed.has(part.name)) names.delete(part.name)
        else names.set(part.name, value.value)
        break
      }
      case 'capture':
        this.run(part.body, { ...place, names: new Map(names) })
        names.delete(part.name)
        break
      case 'if':
        this.#if(part, place)
        break
      case 'for':
        this.#for(part, place)
    }
  }

  #if({ test, body, otherwise }: IfPart, place: Place): void {
    this.#visit(test, place)
    const made = this.#valueOf(test, place)
    if ('value' in made) {
      this.run(isTrue(made.value) ? body : otherwise, place)
      return
    }
    const { names } = place
    const [yes, no] = [new Map(names), new Map(names)]
    this.run(body, { ...place, names: yes })
    this.run(otherwise, { ...place, names: no })
    // What both ways come to alike is known.
    names.clear()
    for (const [name, value] of yes) if (no.has(name) && no.get(name) === value) names.set(name, value)
  }

  #for({ names, items, test, body, otherwise }: ForPart, place: Place): void {
    this.#visit(items, place)
    const rounds = roundsOf(names, this.#valueOf(items, place))
    if (rounds?.length === 0) this.run(otherwise, place)
    for (const round of rounds ?? [new Map()]) {
      const outer = [...place.names].filter(([name]) => !names.includes(name))
      const each = { ...place, names: new Map([...outer, ...round]) }
      const made = test === undefined ? undefined : this.#valueOf(test, each)
      if (made === undefined || 'fault' in made || isTrue(made.value)) this.run(body, each)
    }
  }

  /** Records what an expression calls. */
  #visit(expression: Expression, place: Place): void {
    if (++this.#steps > maxSteps) return
    if (expression.kind === 'call') this.#call(expression.callee, expression.args, place)
    for (const child of childrenOf(expression)) this.#visit(child, place)
  }

  #call(callee: Expression, args: Arguments, place: Place): void {
    const [from, name] =
      callee.kind === 'name'
        ? [undefined, callee.name]
        : callee.kind === 'member' && callee.object.kind === 'name'
          ? [callee.object.name, callee.name]
          : []
    if (name === undefined) return
    const isOfDbt = from === undefined || from === 'builtins' || from === 'dbt'
    if (isOfDbt && name === 'ref') this.#ref(args, place)
    else if (isOfDbt && name === 'source') this.#source(args, place)
    else if (isOfDbt && name === 'config') this.#config(args, place)
    else this.#macro(this.#macroOf(name, from, place), args, place)
  }

  #macroOf(name: string, from: string | undefined, { own }: Place): Macro | undefined {
    const dispatched = dispatchIn(name)
    if (dispatched !== undefined)
      return this.#macros.dispatched(dispatched.name, dispatched.namespace, own, String(this.#scope.target.get('type')))
    return from === undefined ? this.#macros.named(name, own) : this.#macros.of(name, from)
  }

  #macro(macro: Macro | undefined, args: Arguments, place: Place): void {
    if (macro === undefined || place.depth >= maxDepth || !this.#macros.telling.has(macro.name)) return
    const changed = changedIn(macro.body)
    const names = this.#given(macro, args, place)
    for (const name of changed) names.delete(name)
    this.run(this.#bodyOf(macro), { names, changed, own: macro.package, depth: place.depth + 1 })
  }

  #ref({ list, named }: Arguments, place: Place): void {
    const [first, second] = list.map((item) => this.#textOf(item, place))
    if (first === undefined || (list.length > 1 && second === undefined)) return
    const written = named.find(({ name }) => name === 'v' || name === 'version')
    const version = written === undefined ? undefined : this.#textOf(written.value, place)
    this.refs.push({
      name: second ?? first,
      ...(second !== undefined && { package: first }),
      ...(version !== undefined && { version }),
    })
  }

  #source({ list }: Arguments, place: Place): void {
    const [source, table] = list.map((item) => this.#textOf(item, place))
    if (source !== undefined && table !== undefined) this.sources.push(`${source}.${table}`)
  }

  #config({ list, named }: Arguments, place: Place): void {
    const [map] = list
    const entries = map?.kind === 'map' ? map.entries.flatMap(({ key, value }) => [{ name: this.#textOf(key, place) ?? '', value }]) : named
    for (const { name, value } of entries)
      if (name !== '__proto__') this.settings.set(name.replaceAll('-', '_'), this.#valueOf(value, place))
  }

  #bodyOf(macro: Macro): readonly TemplatePart[] {
    const known = this.#bodies.get(macro) ?? partsOf(macro.body) ?? []
    this.#bodies.set(macro, known)
    return known
  }

  /** The names of a macro, of those whose values are known. */
  #given({ parameters }: Macro, { list, named }: Arguments, place: Place): Names {
    return new Map(
      parameters.flatMap(({ name, fallback }, index): [string, TemplateValue][] => {
        const given = list[index] ?? named.find((one) => one.name === name)?.value
        if (given === undefined && fallback === undefined) return []
        const value = given === undefined ? renderTemplate(`{{ ${fallback} }}`, this.#scope) : this.#valueOf(given, place)
        return 'value' in value ? [[name, value.value]] : []
      }),
    )
  }

  #textOf(expression: Expression, place: Place): string | undefined {
    const made = this.#valueOf(expression, place)
    return 'value' in made && (typeof made.value === 'string' || typeof made.value === 'number') ? textOf(made.value) : undefined
  }

  #valueOf(expression: Expression, { names, own }: Place): { readonly value: TemplateValue } | { readonly fault: string } {
    if (++this.#steps > maxSteps) return { fault: 'The template takes too many steps.' }
    const scope = { ...this.#scope, names: new Map([...(this.#scope.names ?? []), ...names]) }
    const called = calledIn(expression).filter((name) => name !== 'ref' && name !== 'source')
    return renderParts(
      [{ kind: 'output', at: 0, value: expression }],
      called.length === 0 ? scope : withMacros(scope, this.#macros, own, called),
    )
  }
}

/** What the names of a loop are in each round; undefined when that is not known. */
const roundsOf = (names: readonly string[], items: { readonly value: TemplateValue } | { readonly fault: string }): Names[] | undefined => {
  if ('fault' in items) return undefined
  const { value } = items
  const list = Array.isArray(value) || isMap(value) ? itemsOf(value) : []
  return list.map((item) => {
    const values = names.length === 1 ? [item] : Array.isArray(item) ? item : []
    return new Map(names.flatMap((name, index): [string, TemplateValue][] => (values[index] === undefined ? [] : [[name, values[index]]])))
  })
}

/** Names of what an expression calls, anywhere within it. */
const calledIn = (expression: Expression): string[] => {
  const inner = childrenOf(expression).flatMap(calledIn)
  if (expression.kind !== 'call') return inner
  const { callee } = expression
  return [callee.kind === 'name' ? callee.name : callee.kind === 'member' ? callee.name : '', ...inner]
}

const childrenOf = (expression: Expression): readonly Expression[] => {
  const present = (...parts: readonly (Expression | undefined)[]) => parts.filter((part) => part !== undefined)
  const ofArguments = ({ list, named }: Arguments) => [...list, ...named.map(({ value }) => value)]
  switch (expression.kind) {
    case 'literal':
    case 'name':
      return []
    case 'list':
      return expression.items
    case 'map':
      return expression.entries.flatMap(({ key, value }) => [key, value])
    case 'member':
      return [expression.object]
    case 'index':
      return [expression.object, expression.index]
    case 'slice':
      return present(expression.object, expression.start, expression.stop, expression.step)
    case 'call':
      return [...(expression.callee.kind === 'name' ? [] : childrenOf(expression.callee)), ...ofArguments(expression.args)]
    case 'filter':
      return [expression.operand, ...ofArguments(expression.args)]
    case 'test':
      return [expression.operand, ...expression.args]
    case 'not':
    case 'sign':
      return [expression.operand]
    case 'binary':
    case 'logic':
      return [expression.left, expression.right]
    case 'compare':
      return [expression.first, ...expression.rest.map(({ right }) => right)]
    case 'choice':
      return present(expression.value, expression.test, expression.otherwise)
  }
}
