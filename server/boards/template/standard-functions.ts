import type { Budget } from './budget.ts'
import { Refusal } from './template-fault.ts'
import { numberOf, TemplateFunction } from './value.ts'

/** What every template can call. */
export const standardFunctions = (budget: Budget): [string, TemplateFunction][] => [['range', rangeFunction(budget)]]

/** `range(stop)`, `range(start, stop)` and `range(start, stop, step)` of Python. */
const rangeFunction = (budget: Budget): TemplateFunction =>
  new TemplateFunction('range', ({ list }) => {
    const numbers = list.map((value) => Math.trunc(numberOf(value, 'range()')))
    const [start = 0, stop = 0, step = 1] = numbers.length === 1 ? [0, ...numbers] : numbers
    if (numbers.length === 0 || numbers.length > 3 || step === 0) throw new Refusal('range() takes 1 to 3 numbers, and no step of 0.')
    const count = Math.max(0, Math.ceil((stop - start) / step))
    budget.list(count)
    return Array.from({ length: count }, (_, index) => start + index * step)
  })
