import type { Budget } from './budget.ts'
import { formatPrintf } from './python-format.ts'
import type { BinaryOperator, CompareOperator } from './syntax.ts'
import { Refusal } from './template-fault.ts'
import { compareValues, describeValue, isEqual, isList, isMap, itemsOf, numberOf, type TemplateValue, textOf } from './value.ts'

/** Applies an operator of Jinja. Throws a refusal for values that it does not take, and for numbers that are none. */
export const applyBinary = (operator: BinaryOperator, left: TemplateValue, right: TemplateValue, budget: Budget): TemplateValue => {
  if (operator === '~') return joinTexts(textOf(left), textOf(right), budget)
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return joinTexts(left, right, budget)
  if (operator === '+' && isList(left) && isList(right)) {
    budget.list(left.length + right.length)
    return [...left, ...right]
  }
  if (operator === '*' && typeof left === 'string' && typeof right === 'number') return repeat(left, right, budget)
  if (operator === '*' && typeof left === 'number' && typeof right === 'string') return repeat(right, left, budget)
  if (operator === '%' && typeof left === 'string') return formatPrintf(left, isList(right) ? right : [right], budget)
  return finite(calculate(operator, numberOf(left, operator), numberOf(right, operator)), operator)
}

const joinTexts = (left: string, right: string, budget: Budget): string => {
  budget.produce(left.length + right.length)
  return left + right
}

const repeat = (text: string, count: number, budget: Budget): string => {
  const times = Math.max(0, Math.trunc(count))
  budget.produce(text.length * times)
  return text.repeat(times)
}

const calculate = (operator: BinaryOperator, left: number, right: number): number => {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '//':
      return Math.floor(left / right)
    case '%':
      return left - right * Math.floor(left / right)
    case '**':
      return left ** right
    default:
      throw new Refusal(`${operator} takes texts.`)
  }
}

const finite = (number: number, operator: string): number => {
  if (Number.isFinite(number)) return number
  throw new Refusal(`${operator} has no result that is a number.`)
}

export const applyCompare = (operator: CompareOperator, left: TemplateValue, right: TemplateValue, budget: Budget): boolean => {
  switch (operator) {
    case '==':
      return isEqual(left, right)
    case '!=':
      return !isEqual(left, right)
    case '<':
      return compareValues(left, right) < 0
    case '<=':
      return compareValues(left, right) <= 0
    case '>':
      return compareValues(left, right) > 0
    case '>=':
      return compareValues(left, right) >= 0
    case 'in':
      return contains(right, left, budget)
    case 'not in':
      return !contains(right, left, budget)
  }
}

const contains = (container: TemplateValue, item: TemplateValue, budget: Budget): boolean => {
  if (typeof container === 'string') return container.includes(textOf(item))
  const items = itemsOf(container)
  budget.step(Math.ceil(items.length / 100))
  return items.some((one) => isEqual(one, item))
}

/** An element by its index, from the end when negative; a value by its key. Null when there is none. */
export const indexOf = (object: TemplateValue, index: TemplateValue): TemplateValue => {
  if (isMap(object)) return object.get(textOf(index)) ?? null
  if (isList(object) && typeof index === 'number') return object.at(index) ?? null
  if (typeof object === 'string' && typeof index === 'number') return object.at(index) ?? null
  throw new Refusal(`${describeValue(object)} has no elements.`)
}

/** `object[start:stop:step]`, as in Python. */
export const sliceOf = (
  object: TemplateValue,
  start: number | undefined,
  stop: number | undefined,
  step = 1,
  budget: Budget,
): TemplateValue => {
  if (!Number.isInteger(step) || step === 0) throw new Refusal('The step of a part of a list is a whole number other than 0.')
  const items = typeof object === 'string' ? [...object] : itemsOf(object)
  budget.step(Math.ceil(items.length / 100))
  const { length } = items
  const at = (bound: number) => Math.trunc(bound < 0 ? bound + length : bound)
  const taken: TemplateValue[] = []
  if (step > 0) for (let i = Math.max(0, at(start ?? 0)); i < Math.min(length, at(stop ?? length)); i += step) taken.push(items[i] ?? null)
  else
    for (
      let i = Math.min(length - 1, start === undefined ? length - 1 : at(start));
      i > (stop === undefined ? -1 : Math.max(-1, at(stop)));
      i += step
    )
      taken.push(items[i] ?? null)
  return typeof object === 'string' ? taken.join('') : taken
}
