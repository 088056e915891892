import { Refusal } from './template-fault.ts'

/**
 * What a template computes with. There are no objects of JavaScript among them, so no template reaches a prototype, a
 * constructor or anything else that it was not given.
 */
export type TemplateValue =
  | null
  | boolean
  | number
  | string
  | readonly TemplateValue[]
  | ReadonlyMap<string, TemplateValue>
  | Fragment
  | Namespace
  | TemplateFunction

/** SQL that a function has made. It can be put out as it is and nothing else; see `sql-draft.ts`. */
export abstract class Fragment {
  /** Says in an error what it is. */
  abstract readonly origin: string

  /** Throws a refusal when it has no such member. */
  member(name: string): TemplateValue {
    throw new Refusal(`${this.origin} has no ${name}.`)
  }
}

/** A name whose members are looked up, such as `queries`. */
export class Namespace {
  readonly name: string
  /** Throws a refusal when there is no such member. */
  readonly member: (name: string) => TemplateValue
  constructor(name: string, member: (name: string) => TemplateValue) {
    this.name = name
    this.member = member
  }
}

/** The arguments of a call. */
export interface CallArguments {
  readonly list: readonly TemplateValue[]
  readonly named: ReadonlyMap<string, TemplateValue>
  /** For each of `list`, whether it is a text that is written in the template itself. */
  readonly isWritten: readonly boolean[]
  /** Where the call stands in its template. */
  readonly at: number
}

export class TemplateFunction {
  readonly name: string
  /** Throws a refusal when the arguments do not fit. */
  readonly call: (args: CallArguments) => TemplateValue
  constructor(name: string, call: (args: CallArguments) => TemplateValue) {
    this.name = name
    this.call = call
  }
}

export const isList = (value: TemplateValue): value is readonly TemplateValue[] => Array.isArray(value)
export const isMap = (value: TemplateValue): value is ReadonlyMap<string, TemplateValue> => value instanceof Map

/** A value in the words of an error. */
export const describeValue = (value: TemplateValue): string => {
  if (value === null) return 'null'
  if (isList(value)) return 'a list'
  if (isMap(value)) return 'a map'
  if (value instanceof Fragment) return value.origin
  if (value instanceof Namespace) return value.name
  if (value instanceof TemplateFunction) return `the function ${value.name}`
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`
}

const weights = new WeakMap<object, number>()

/**
 * How much a value holds, in elements and in thousands of characters, those of lists within it too. A list that is held
 * twice weighs twice, as it does when it is written out.
 */
export const weightOf = (value: TemplateValue): number => {
  if (typeof value === 'string') return 1 + Math.floor(value.length / 1000)
  if (!isList(value) && !isMap(value)) return 1
  const known = weights.get(value)
  if (known !== undefined) return known
  let weight = 1
  for (const item of value.values()) weight += weightOf(item)
  weights.set(value, weight)
  return weight
}

/** Whether `{% if %}` takes a value for true: not null, false, 0, or empty. */
export const isTrue = (value: TemplateValue): boolean => {
  if (isList(value)) return value.length > 0
  if (isMap(value)) return value.size > 0
  return value !== null && value !== false && value !== 0 && value !== ''
}

/** A value as text: null is empty, a list is its elements with commas. Throws a refusal for what has no text. */
export const textOf = (value: TemplateValue): string => {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (isList(value)) return value.map(textOf).join(', ')
  throw new Refusal(`There is no text of ${describeValue(value)}.`)
}

/** Equality of values: lists element by element. */
export const isEqual = (a: TemplateValue, b: TemplateValue): boolean => {
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, index) => isEqual(item, b[index] ?? null))
  return a === b
}

/** Order of two numbers or two texts. Throws a refusal for anything else. */
export const compareValues = (a: TemplateValue, b: TemplateValue): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  throw new Refusal(`${capitalise(describeValue(a))} and ${describeValue(b)} have no order.`)
}

/** The elements of a list or of a text, the keys of a map. Throws a refusal for anything else. */
export const itemsOf = (value: TemplateValue): readonly TemplateValue[] => {
  if (isList(value)) return value
  if (value === null) return []
  if (typeof value === 'string') return [...value]
  if (isMap(value)) return [...value.keys()]
  throw new Refusal(`${capitalise(describeValue(value))} has no elements.`)
}

/** A number, or a refusal that says what there is. */
export const numberOf = (value: TemplateValue, what: string): number => {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new Refusal(`${what} takes a number, and ${describeValue(value)} is there.`)
}

const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
