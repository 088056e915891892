import type { Column } from '../../../contracts/v1/values.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import type { BoundChart, Rows } from '../compiled-board.ts'
import { countRows } from '../encoded-rows.ts'
import { noValue } from '../formats/number-text.ts'
import { toNumber, toTime, valueKind } from '../formats/value-kind.ts'
import { withoutControls } from '../without-controls.ts'
import type { Findings } from './findings.ts'

/** A column of a chart with its values, in row order. */
export interface ChartColumn {
  readonly column: Column
  readonly index: number
  readonly values: readonly unknown[]
}

/** What a dimension is drawn as. Text whose every value is an ISO month, date or timestamp is time. */
export type DimensionKind = 'time' | 'number' | 'category'

/** Finds a column that a chart names; without it the finding lists what there is. */
export function findColumn(rows: Rows, name: string, role: string, findings: Findings): ChartColumn | undefined {
  const index = rows.columns.findIndex((column) => column.name === name)
  const column = rows.columns[index]
  if (column !== undefined) return { column, index, values: rows.rows.map((row) => row[index]) }
  const names = rows.columns.map((each) => each.name)
  findings.add('UNKNOWN_COLUMN', unknownColumn(names, name, role), role)
  return undefined
}

/** That a chart names a column that its query does not give, said in the same words wherever it is found. */
export function unknownColumn(names: readonly string[], name: string, role: string): string {
  const nearest = nearestName(name, names)
  const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`
  return `${role} names "${name}"; the query gives ${listNames(names)}.${hint}`
}

export const listNames = (names: readonly string[]): string =>
  names.length === 0 ? 'no columns' : names.slice(0, 20).join(', ') + (names.length > 20 ? `, and ${names.length - 20} more` : '')

/** The numbers of a measure; text counts when every value of it is a number. */
export function findMeasure(rows: Rows, name: string, role: string, findings: Findings): ChartColumn | undefined {
  const found = findColumn(rows, name, role, findings)
  if (found === undefined) return undefined
  const present = found.values.filter((value) => value !== null)
  const isNumeric = valueKind(found.column.type) === 'number' || (present.length > 0 && present.every((value) => isNumberText(value)))
  if (isNumeric || present.length === 0) return found
  findings.add('MEASURE_NOT_NUMERIC', `${role} names "${name}", which is of type ${found.column.type}: ${example(present[0])}.`, role)
  return undefined
}

const isNumberText = (value: unknown): boolean => typeof value === 'string' && toNumber(value) !== undefined

const example = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return JSON.stringify([...text].slice(0, 40).join(''))
}

export function dimensionKind({ column, values }: ChartColumn): DimensionKind {
  const kind = valueKind(column.type)
  if (kind === 'number') return 'number'
  if (kind !== 'time' && kind !== 'text') return 'category'
  const present = values.filter((value) => value !== null && !isUnboundedDate(value))
  return present.length > 0 && present.every((value) => toTime(value) !== undefined) ? 'time' : 'category'
}

const isUnboundedDate = (value: unknown): boolean => value === 'infinity' || value === '-infinity'

/** A value as the name of a category. Characters that XML cannot hold are left out. */
export function categoryText(value: unknown): string {
  if (value === null || value === undefined) return noValue
  if (value === '') return '(empty)'
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  const text = cleanText(typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value))
  return text.trim() === '' ? '(blank)' : text
}

export const cleanText = (text: string): string => withoutControls(text).replace(/\s+/g, ' ')

/** What a column is called: words with the first letter large. */
export function columnLabel(name: string): string {
  const words = cleanText(name)
    .replace(/[_\s]+/g, ' ')
    .trim()
  return words === '' ? name : words[0]?.toUpperCase() + words.slice(1)
}

/** The rows of a chart with what is wrong about them as a whole; undefined when there is nothing to draw. */
export function chartRows({ rows }: BoundChart, findings: Findings): Rows | undefined {
  if (rows === undefined) return undefined
  if (rows.truncated !== undefined) findings.add('RESULT_TRUNCATED', cutMessage(rows))
  if (rows.rows.length > 0) return rows
  findings.add('ZERO_ROWS', 'The query returned no rows.')
  return undefined
}

/** That a result was cut, said in the same words wherever it is found. */
export const cutMessage = (rows: Rows): string => `The query was cut at ${countRows(rows)} rows (${rows.truncated}).`

/** More than half of the values missing. */
export function checkNulls({ column, values }: ChartColumn, findings: Findings): void {
  const missing = values.filter((value) => value === null).length
  if (values.length > 1 && missing * 2 > values.length) {
    findings.add('MOSTLY_NULL', `${missing} of ${values.length} values of "${column.name}" are null.`)
  }
}
