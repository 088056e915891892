import type { Position } from '../../../contracts/v1/errors.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import { positionAt } from '../../envelope/text-position.ts'
import { conditions } from './conditions.ts'
import { parseCondition } from './evaluate-condition.ts'
import { filters } from './filters.ts'
import { parseTemplate } from './parse-template.ts'
import type { Expression, TemplatePart } from './syntax.ts'
import { Refusal, TemplateFault } from './template-fault.ts'

/** A name that a template uses, and where. */
export interface Use {
  readonly name: string
  /** In the text of the template. */
  readonly position: Position
}

/** What a template uses, in the order of its text. */
export interface TemplateUses {
  /** `isTested`: asked only whether it is defined, or given a default, so that it may be missing. */
  readonly variables: readonly (Use & { readonly isTested: boolean })[]
  /** Members of `queries`. */
  readonly queries: readonly Use[]
  /** Calls of `ref` and `source` whose names are written in the template. */
  readonly relations: readonly { readonly kind: 'ref' | 'source'; readonly names: readonly string[]; readonly position: Position }[]
  /** Functions that are called by name, `dbt.date_trunc` among them. */
  readonly functions: readonly Use[]
  /** Filters, tests and functions that there are not, and blocks that SQL cannot have. */
  readonly faults: readonly TemplateFault[]
}

/** What can be called in a text, and in SQL. */
export const functionNames = {
  text: ['range'],
  sql: ['range', 'filter', 'filter_date_range', 'ref', 'source', 'dbt.date_trunc', 'dbt_utils.safe_divide', 'fivetran_utils.percentile'],
} as const satisfies Record<string, readonly string[]>

/**
 * Lists what a template uses, without values or a database. In a text, `queries.name` is no use of a query. Throws a fault
 * when the template cannot be read.
 */
export const findUses = (text: string, kind: 'text' | 'sql' | 'condition'): TemplateUses => {
  const finder = new UseFinder(text, kind === 'sql' ? 'sql' : 'text')
  finder.parts(kind === 'condition' ? parseCondition({ text }) : parseTemplate({ text }), new Set())
  return finder.uses
}

class UseFinder {
  readonly uses = {
    variables: [] as (Use & { isTested: boolean })[],
    queries: [] as Use[],
    relations: [] as { kind: 'ref' | 'source'; names: readonly string[]; position: Position }[],
    functions: [] as Use[],
    faults: [] as TemplateFault[],
  }
  readonly #text: string
  readonly #kind: 'text' | 'sql'

  constructor(text: string, kind: 'text' | 'sql') {
    this.#text = text
    this.#kind = kind
  }

  /** `bound` are the names that the template itself has set so far. */
  parts(parts: readonly TemplatePart[], bound: Set<string>): void {
    for (const part of parts) {
      switch (part.kind) {
        case 'text':
          break
        case 'output':
          this.#expression(part.value, bound)
          break
        case 'if':
          this.#expression(part.test, bound)
          this.parts(part.body, bound)
          this.parts(part.otherwise, bound)
          break
        case 'for': {
          this.#expression(part.items, bound)
          const inside = new Set([...bound, ...part.names, 'loop'])
          if (part.test !== undefined) this.#expression(part.test, inside)
          this.parts(part.body, inside)
          this.parts(part.otherwise, bound)
          break
        }
        case 'set':
          this.#expression(part.value, bound)
          bound.add(part.name)
          break
        case 'capture':
          if (this.#kind === 'sql') this.#fault(new Refusal('A block that is kept as text cannot be SQL.'), part.at)
          this.parts(part.body, bound)
          bound.add(part.name)
      }
    }
  }

  #expression(expression: Expression, bound: ReadonlySet<string>, isTested = false): void {
    const visit = (...parts: (Expression | undefined)[]) => {
      for (const part of parts) if (part !== undefined) this.#expression(part, bound)
    }
    switch (expression.kind) {
      case 'literal':
        break
      case 'name':
        if (!bound.has(expression.name)) this.uses.variables.push({ ...this.#use(expression.name, expression.at), isTested })
        break
      case 'list':
        visit(...expression.items)
        break
      case 'map':
        for (const { key, value } of expression.entries) visit(key, value)
        break
      case 'member':
        this.#member(expression.object, expression.name, expression.at, bound)
        break
      case 'index':
        visit(expression.object, expression.index)
        break
      case 'slice':
        visit(expression.object, expression.start, expression.stop, expression.step)
        break
      case 'call':
        this.#call(expression.callee, expression.args.list, bound)
        visit(...expression.args.list, ...expression.args.named.map(({ value }) => value))
        break
      case 'filter':
        this.#expression(expression.operand, bound, expression.name === 'default' || expression.name === 'd')
        this.#known('filter', expression.name, filters, expression.nameAt)
        visit(...expression.args.list, ...expression.args.named.map(({ value }) => value))
        break
      case 'test':
        this.#expression(expression.operand, bound, expression.name === 'defined' || expression.name === 'undefined')
        this.#known('test', expression.name, conditions, expression.nameAt)
        visit(...expression.args)
        break
      case 'not':
      case 'sign':
        visit(expression.operand)
        break
      case 'binary':
      case 'logic':
        visit(expression.left, expression.right)
        break
      case 'compare':
        visit(expression.first, ...expression.rest.map(({ right }) => right))
        break
      case 'choice':
        visit(expression.value, expression.test, expression.otherwise)
    }
  }

  #member(object: Expression, name: string, at: number, bound: ReadonlySet<string>): void {
    const isOfQuery = object.kind === 'member' && object.object.kind === 'name' && object.object.name === 'queries' && !bound.has('queries')
    if (isOfQuery && this.#kind === 'text')
      this.#fault(new Refusal('A text cannot show a figure of a query.', { hint: 'Show it in a KPI or a table.' }), at)
    if (object.kind !== 'name' || bound.has(object.name) || !namespaces.has(object.name)) this.#expression(object, bound)
    else if (object.name === 'queries' && this.#kind === 'sql') this.uses.queries.push(this.#use(name, at))
  }

  #call(callee: Expression, args: readonly Expression[], bound: ReadonlySet<string>): void {
    if (callee.kind === 'name') {
      this.#function(callee.name, callee.at)
      const names = args.map((arg) => (arg.kind === 'literal' && typeof arg.value === 'string' ? arg.value : undefined))
      if ((callee.name === 'ref' || callee.name === 'source') && names.every((name) => name !== undefined))
        this.uses.relations.push({ kind: callee.name, names, position: positionAt(this.#text, callee.at) })
    } else if (callee.kind === 'member' && callee.object.kind === 'name' && namespaces.has(callee.object.name))
      this.#function(`${callee.object.name}.${callee.name}`, callee.object.at)
    else this.#expression(callee.kind === 'member' ? callee.object : callee, bound)
  }

  #function(name: string, at: number): void {
    this.uses.functions.push(this.#use(name, at))
    this.#known('function', name, new Set<string>(functionNames[this.#kind]), at)
  }

  #known(what: string, name: string, known: ReadonlyMap<string, unknown> | ReadonlySet<string>, at: number): void {
    if (known.has(name)) return
    const nearest = nearestName(name, known.keys())
    const hint = nearest === undefined ? undefined : `Did you mean ${nearest}?`
    this.#fault(new Refusal(`There is no ${what} ${name}.`, { hint }), at)
  }

  #fault(refusal: Refusal, at: number): void {
    this.uses.faults.push(new TemplateFault(refusal, { text: this.#text }, at))
  }

  #use(name: string, at: number): Use {
    return { name, position: positionAt(this.#text, at) }
  }
}

const namespaces: ReadonlySet<string> = new Set(['queries', 'target', 'dbt', 'dbt_utils', 'fivetran_utils'])
