import type { Variable } from '../../../contracts/v1/board/variables.ts'
import type { BoundVariable } from '../compiled-board.ts'
import { isDay } from './days.ts'
import { readRelativeDay, readRelativeRange } from './relative-days.ts'

/** Any day serves to tell whether words are relative days. */
const someDay = '2026-01-01'

/** Whether a text is a day, or words for one. */
const isDayLike = (value: unknown): boolean =>
  value instanceof Date || (typeof value === 'string' && (isDay(value) || readRelativeDay(value, someDay) !== undefined))

/** The control of a variable: as declared, or by its options, its data type, its default and its limits, in this order. */
export const inferInput = (definition: Variable): BoundVariable['input'] => {
  const { input = 'auto', options, column, query, data_type: type, min, max } = definition
  if (input === 'input') return 'text'
  if (input === 'datepicker') return 'date'
  // What is called a range and begins with one number is one to slide.
  if (input === 'range' && typeof definition.default === 'number') return 'slider'
  if (input !== 'auto') return input
  const value: unknown = definition.default
  const isList = Array.isArray(value)
  const limits = [min, max].filter((limit) => limit !== undefined)
  // A column with limits is a range to slide over, not a list to choose from.
  if (options !== undefined || query !== undefined || (column !== undefined && limits.length === 0))
    return isList || type === 'array' || definition.operator === 'in' ? 'multiselect' : 'select'
  if (isList)
    return value.length === 2 && value.some(isDayLike) && value.every((end) => end === null || isDayLike(end)) ? 'daterange' : 'multiselect'
  if (type === 'array') return 'multiselect'
  if (type === 'boolean' || typeof value === 'boolean') return 'checkbox'
  if (typeof value === 'string' && readRelativeRange(value, someDay) !== undefined) return 'daterange'
  if (type === 'date' || (type === undefined && (isDayLike(value) || (limits.length > 0 && limits.every(isDayLike))))) return 'date'
  if (type === 'number' || (type === undefined && (typeof value === 'number' || typeof min === 'number' || typeof max === 'number')))
    return typeof min === 'number' && typeof max === 'number' ? 'slider' : 'number'
  return 'text'
}
