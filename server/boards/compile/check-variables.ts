import type { Variable } from '../../../contracts/v1/board/variables.ts'
import type { CompiledVariable } from '../compiled-board.ts'
import { isDay } from '../template/days.ts'
import { inferInput } from '../template/infer-input.ts'
import { readRelativeDay } from '../template/relative-days.ts'
import { Refusal } from '../template/template-fault.ts'
import { defaultValue } from '../template/variable-value.ts'
import type { Compiling } from './compile-board.ts'

/** Days far apart: what does not fit on either of them, fits on none. */
const days = ['1950-01-31', '2950-01-31'] as const

/** Controls that offer a list. */
const choosing: ReadonlySet<string> = new Set(['select', 'multiselect', 'radio'])

/** What is wrong with a variable by itself: the column of its options, its limits, and a default that does not fit it. */
export const checkVariable = ({ name, definition }: CompiledVariable, path: readonly PropertyKey[], { report }: Compiling): void => {
  const { column } = definition
  if (column !== undefined && !/[^.]\.[^.]/.test(column))
    report('WRONG_VALUE', [...path, 'column'], `The column of "${name}" names no table: "${column}".`, 'Write it as table.column.')
  const { options } = definition
  const isEmpty =
    (Array.isArray(options) && options.length === 0) || (options !== undefined && 'static' in options && options.static.length === 0)
  const hasOther = definition.query !== undefined || column !== undefined
  if (isEmpty || (options === undefined && !hasOther && choosing.has(inferInput(definition)) && definition.input !== undefined))
    report(
      'WRONG_VALUE',
      [...path, isEmpty ? 'options' : 'input'],
      `The variable "${name}" has nothing to choose from.`,
      'Add options: a list, or {query: ...}; or column: table.column.',
    )
  if (checkLimits(name, definition, path, report)) return
  const refusals = days.map((today) => refusalOf(name, definition, today))
  const [first, second] = refusals
  if (first !== undefined && second !== undefined) report('BAD_VARIABLE_VALUE', [...path, 'default'], first.message, first.hint)
}

const refusalOf = (name: string, definition: Variable, today: string): Refusal | undefined => {
  try {
    defaultValue(name, definition, today)
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

/** Limits that are of another kind than the values, or the wrong way round. */
const checkLimits = (name: string, definition: Variable, path: readonly PropertyKey[], report: Compiling['report']): boolean => {
  const { min, max } = definition
  const input = inferInput(definition)
  const isOfDays = input === 'date' || input === 'daterange'
  if (!isOfDays && input !== 'number' && input !== 'slider' && input !== 'range') return false
  const wrong = (['min', 'max'] as const).filter((key) => {
    const limit = definition[key]
    return limit !== undefined && (isOfDays ? !isDayLike(limit) : !Number.isFinite(Number(limit)))
  })
  for (const key of wrong)
    report(
      'WRONG_VALUE',
      [...path, key],
      `${key} of "${name}" is no ${isOfDays ? 'day' : 'number'}: ${JSON.stringify(definition[key])}.`,
      isOfDays ? 'Write a day such as 2026-01-31, or words such as today.' : 'Write a number, without quotes.',
    )
  if (wrong.length > 0) return true
  const isTurned = isOfDays ? isDay(String(min)) && isDay(String(max)) && String(min) > String(max) : Number(min) > Number(max)
  if (min === undefined || max === undefined || !isTurned) return false
  report('WRONG_VALUE', [...path, 'min'], `min of "${name}" is ${min}, which is more than max, ${max}.`, 'Swap them.')
  return true
}

const isDayLike = (limit: unknown): boolean =>
  typeof limit === 'string' && (isDay(limit) || days.some((today) => readRelativeDay(limit, today) !== undefined))
