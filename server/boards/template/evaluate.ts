import { nearestName } from '../../envelope/nearest-name.ts'
import type { Budget } from './budget.ts'
import { conditions } from './conditions.ts'
import { type Filter, type FilterContext, filters } from './filters.ts'
import { callMethod } from './methods.ts'
import { applyBinary, applyCompare, indexOf, sliceOf } from './operators.ts'
import type { Arguments, Expression, ForPart, TemplatePart } from './syntax.ts'
import { locate, Refusal, type TemplateText } from './template-fault.ts'
import {
  type CallArguments,
  describeValue,
  Fragment,
  isMap,
  isTrue,
  itemsOf,
  Namespace,
  numberOf,
  TemplateFunction,
  type TemplateValue,
  textOf,
} from './value.ts'

/** Where a template writes what it renders. */
export interface Output {
  /** Text of the template itself. */
  text(text: string, at: number): void
  /** What an expression came to; `isWritten` of a text that stands in the template. Throws a refusal when it cannot stand there. */
  value(value: TemplateValue, at: number, isWritten: boolean): void
}

export interface Environment {
  readonly template: TemplateText
  /** Variables and namespaces by name. */
  readonly names: ReadonlyMap<string, TemplateValue>
  /** What can be called by name; a variable of the same name hides none. */
  readonly functions: ReadonlyMap<string, TemplateFunction>
  readonly budget: Budget
  readonly output: Output
  /** Whether a block may be captured as text: never in SQL, where text of the template is no value. */
  readonly captures: boolean
  /** Whether what is made is SQL; filters that would undo the binding are refused then. */
  readonly isSql: boolean
  /** Filters beside those that every template has. */
  readonly filters?: ReadonlyMap<string, Filter>
}

/** Runs a template. Throws a fault at the first part that cannot be evaluated, or where a limit is met. */
export const evaluate = (parts: readonly TemplatePart[], environment: Environment): void => {
  new Evaluator(environment).run(parts, environment.output)
}

class Evaluator {
  readonly #environment: Environment
  /** Names that the template has set; those of a loop end with it. */
  #scope: ReadonlyMap<string, TemplateValue> = new Map()
  readonly #filterContext: FilterContext

  constructor(environment: Environment) {
    this.#environment = environment
    this.#filterContext = {
      budget: environment.budget,
      isSql: environment.isSql,
      filter: (name, value, args) => this.#filter(name, value, args),
      test: (name, value, args) => this.#test(name, value, args),
    }
  }

  run(parts: readonly TemplatePart[], output: Output): void {
    for (const part of parts) locate(this.#environment.template, part.at, () => this.#runPart(part, output))
  }

  #runPart(part: TemplatePart, output: Output): void {
    this.#environment.budget.step()
    switch (part.kind) {
      case 'text':
        output.text(part.text, part.at)
        break
      case 'output':
        output.value(this.#evaluate(part.value), part.at, isWritten(part.value))
        break
      case 'if':
        this.run(isTrue(this.#evaluate(part.test)) ? part.body : part.otherwise, output)
        break
      case 'for':
        this.#runFor(part, output)
        break
      case 'set':
        this.#set(part.name, this.#evaluate(part.value))
        break
      case 'capture':
        if (!this.#environment.captures)
          throw new Refusal('A block that is kept as text cannot be SQL.', { hint: 'Write {% set name = value %}, or use a query.' })
        this.#set(part.name, this.#capture(part.body))
    }
  }

  #capture(parts: readonly TemplatePart[]): string {
    const texts: string[] = []
    this.run(parts, { text: (text) => texts.push(text), value: (value) => texts.push(textOf(value)) })
    const text = texts.join('')
    this.#environment.budget.produce(text.length)
    return text
  }

  #set(name: string, value: TemplateValue): void {
    this.#scope = new Map(this.#scope).set(name, value)
    this.#environment.budget.step(this.#scope.size)
  }

  #runFor({ names, items, test, body, otherwise }: ForPart, output: Output): void {
    const { budget } = this.#environment
    const outer = this.#scope
    const bind = (item: TemplateValue): void => {
      const values = names.length === 1 ? [item] : itemsOf(item)
      if (values.length !== names.length) throw new Refusal(`The loop names ${names.length} values, and there are ${values.length}.`)
      for (const [index, name] of names.entries()) this.#set(name, values[index] ?? null)
    }
    const chosen: TemplateValue[] = []
    for (const item of itemsOf(this.#evaluate(items))) {
      budget.step()
      if (test !== undefined) {
        bind(item)
        const isChosen = isTrue(this.#evaluate(test))
        this.#scope = outer
        if (!isChosen) continue
      }
      chosen.push(item)
    }
    chosen.forEach((item, index) => {
      bind(item)
      this.#set('loop', loopOf(chosen, index))
      this.run(body, output)
      this.#scope = outer
    })
    if (chosen.length === 0) this.run(otherwise, output)
  }

  /** The value of an expression; refusals get its place, unless a part of it has given its own. */
  #evaluate(expression: Expression): TemplateValue {
    return locate(this.#environment.template, expression.at, () => {
      const { budget } = this.#environment
      budget.step()
      const value = this.#valueOf(expression)
      budget.use(value)
      return value
    })
  }

  #valueOf(expression: Expression): TemplateValue {
    const { budget } = this.#environment
    switch (expression.kind) {
      case 'literal':
        return expression.value
      case 'name':
        return this.#lookUp(expression.name)
      case 'list':
        return expression.items.map((item) => this.#evaluate(item))
      case 'map':
        return new Map(expression.entries.map(({ key, value }) => [textOf(this.#evaluate(key)), this.#evaluate(value)]))
      case 'member':
        return this.#member(this.#evaluate(expression.object), expression.name)
      case 'index':
        return indexOf(this.#evaluate(expression.object), this.#evaluate(expression.index))
      case 'slice': {
        const bound = (part: Expression | undefined) =>
          part === undefined ? undefined : numberOf(this.#evaluate(part), 'A part of a list')
        return sliceOf(this.#evaluate(expression.object), bound(expression.start), bound(expression.stop), bound(expression.step), budget)
      }
      case 'call':
        return this.#call(expression.callee, expression.args)
      case 'filter': {
        const { operand, name, nameAt, args } = expression
        const value = isDefault(name) ? this.#evaluateOptional(operand) : this.#evaluate(operand)
        const given = this.#argumentsOf(args, nameAt)
        return locate(this.#environment.template, nameAt, () => this.#filter(name, value, given))
      }
      case 'test': {
        const { operand, name, nameAt, isNegated, args } = expression
        const value = name === 'defined' || name === 'undefined' ? this.#evaluateOptional(operand) : this.#evaluate(operand)
        const given = args.map((arg) => this.#evaluate(arg))
        return locate(this.#environment.template, nameAt, () => this.#test(name, value, given)) !== isNegated
      }
      case 'not':
        return !isTrue(this.#evaluate(expression.operand))
      case 'sign': {
        const number = numberOf(this.#evaluate(expression.operand), expression.operator)
        return expression.operator === '-' ? -number : number
      }
      case 'binary':
        return applyBinary(expression.operator, this.#evaluate(expression.left), this.#evaluate(expression.right), budget)
      case 'compare': {
        let left = this.#evaluate(expression.first)
        for (const { operator, right: next } of expression.rest) {
          const right = this.#evaluate(next)
          if (!applyCompare(operator, left, right, budget)) return false
          left = right
        }
        return true
      }
      case 'logic': {
        const left = this.#evaluate(expression.left)
        return isTrue(left) === (expression.operator === 'or') ? left : this.#evaluate(expression.right)
      }
      case 'choice': {
        const { test, value, otherwise } = expression
        if (isTrue(this.#evaluate(test))) return this.#evaluate(value)
        return otherwise === undefined ? null : this.#evaluate(otherwise)
      }
    }
  }

  #lookUp(name: string): TemplateValue {
    const value = this.#scope.get(name) ?? this.#environment.names.get(name)
    if (value !== undefined) return value
    if (this.#scope.has(name) || this.#environment.names.has(name)) return null
    const nearest = nearestName(name, [...this.#scope.keys(), ...this.#environment.names.keys()])
    throw new Refusal(`There is no variable ${name}.`, {
      code: 'UNKNOWN_VARIABLE',
      hint: nearest === undefined ? undefined : `Did you mean ${nearest}?`,
    })
  }

  /** A value that may be missing, as what is asked whether it is defined: null then. */
  #evaluateOptional(expression: Expression): TemplateValue {
    const isUnknown = expression.kind === 'name' && !this.#scope.has(expression.name) && !this.#environment.names.has(expression.name)
    return isUnknown ? null : this.#evaluate(expression)
  }

  #member(object: TemplateValue, name: string): TemplateValue {
    if (object instanceof Namespace || object instanceof Fragment) return object.member(name)
    if (isMap(object)) return object.get(name) ?? null
    throw new Refusal(`${describeValue(object)} has no ${name}.`, { hint: endOfRange.get(name) })
  }

  #call(callee: Expression, args: Arguments): TemplateValue {
    const given = this.#argumentsOf(args, callee.at)
    if (callee.kind === 'name') {
      const known = this.#environment.functions.get(callee.name)
      if (known !== undefined) return known.call(given)
      throw new Refusal(`There is no function ${callee.name}.`, { hint: this.#nearestFunction(callee.name) })
    }
    if (callee.kind === 'member') {
      const object = this.#evaluate(callee.object)
      if (object instanceof Namespace) {
        const member = object.member(callee.name)
        if (member instanceof TemplateFunction) return member.call(given)
      }
      return callMethod(object, callee.name, given, this.#environment.budget)
    }
    throw new Refusal('This is no function.')
  }

  #nearestFunction(name: string): string | undefined {
    const nearest = nearestName(name, this.#environment.functions.keys())
    return nearest === undefined ? undefined : `Did you mean ${nearest}?`
  }

  #argumentsOf({ list, named }: Arguments, at: number): CallArguments {
    return {
      at,
      list: list.map((item) => this.#evaluate(item)),
      named: new Map(named.map(({ name, value }) => [name, this.#evaluate(value)])),
      isWritten: list.map((item) => item.kind === 'literal' && isWritten(item)),
    }
  }

  #filter(name: string, value: TemplateValue, args: CallArguments): TemplateValue {
    const filter = this.#environment.filters?.get(name) ?? filters.get(name)
    if (filter === undefined) {
      const nearest = nearestName(name, filters.keys())
      throw new Refusal(`There is no filter ${name}.`, { hint: nearest === undefined ? undefined : `Did you mean ${nearest}?` })
    }
    this.#environment.budget.step()
    return filter(value, args, this.#filterContext)
  }

  #test(name: string, value: TemplateValue, args: readonly TemplateValue[]): boolean {
    const condition = conditions.get(name)
    if (condition === undefined) {
      const nearest = nearestName(name, conditions.keys())
      throw new Refusal(`There is no test ${name}.`, { hint: nearest === undefined ? undefined : `Did you mean ${nearest}?` })
    }
    return condition(value, args)
  }
}

const isDefault = (filter: string): boolean => filter === 'default' || filter === 'd'

/** What `loop` is in a round. */
const loopOf = (items: readonly TemplateValue[], index: number): ReadonlyMap<string, TemplateValue> =>
  new Map<string, TemplateValue>([
    ['index', index + 1],
    ['index0', index],
    ['revindex', items.length - index],
    ['revindex0', items.length - index - 1],
    ['first', index === 0],
    ['last', index === items.length - 1],
    ['length', items.length],
    ['previtem', items[index - 1] ?? null],
    ['nextitem', items[index + 1] ?? null],
  ])

/** What is meant by the ends of a range, which is a list. */
const endOfRange: ReadonlyMap<string, string> = new Map(
  [
    ['start', 'from', 'begin', 'first', 'min', 'lower'],
    ['end', 'to', 'until', 'last', 'max', 'upper'],
  ].flatMap((names, index) =>
    names.map((name) => [name, `A range is a list of two: write name[${index}], or filter_date_range('column', name).`] as const),
  ),
)

/** Whether an expression comes to a text that stands in it, whatever it depends on which. */
const isWritten = (expression: Expression): boolean => {
  if (expression.kind === 'choice')
    return isWritten(expression.value) && expression.otherwise !== undefined && isWritten(expression.otherwise)
  return expression.kind === 'literal' && typeof expression.value === 'string'
}
