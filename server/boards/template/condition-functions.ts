import { nearestName } from '../../envelope/nearest-name.ts'
import { isDay, nextDay } from './days.ts'
import { SqlDraft, SqlFragment } from './sql-draft.ts'
import { Refusal, type TemplateText } from './template-fault.ts'
import { type CallArguments, describeValue, isList, TemplateFunction, type TemplateValue } from './value.ts'

const name = '(?:[A-Za-z_][A-Za-z0-9_$]*|"(?:[^"\\u0000]|"")+")'
const columnPattern = new RegExp(`^${name}(?:\\.${name}){0,3}$`)

/** The operators of `filter()`, to what SQL calls them. */
const operators: ReadonlyMap<string, string> = new Map([
  ['=', '='],
  ['==', '='],
  ['!=', '<>'],
  ['<>', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
  ['in', 'IN'],
  ['not in', 'NOT IN'],
  ['like', 'LIKE'],
  ['not like', 'NOT LIKE'],
  ['ilike', 'ILIKE'],
  ['not ilike', 'NOT ILIKE'],
  ['between', 'BETWEEN'],
])

/** Whether a variable asks for nothing: unset, an empty text or an empty list. */
const isUnset = (value: TemplateValue): boolean =>
  value === null || value === '' || (isList(value) && value.every((item) => item === null || item === ''))

type Word = string | { readonly value: TemplateValue }

const condition = (words: readonly Word[], from: string, template: TemplateText, at: number): SqlFragment => {
  const draft = new SqlDraft()
  for (const word of words) {
    if (typeof word === 'string') draft.addText(word, { template, at }, false)
    else draft.addValue(word.value, { template, at })
  }
  return new SqlFragment(from, draft)
}

/**
 * The functions that make conditions. Their column is written in the template itself, so no value names what is read; what
 * it is compared with is bound.
 */
export const conditionFunctions = (template: TemplateText): [string, TemplateFunction][] => [
  ['filter', new TemplateFunction('filter', (args) => condition(filterWords(args), 'filter()', template, args.at))],
  [
    'filter_date_range',
    new TemplateFunction('filter_date_range', (args) => condition(dateRangeWords(args), 'filter_date_range()', template, args.at)),
  ],
]

const listOperators: ReadonlyMap<string, string> = new Map([
  ['=', 'IN'],
  ['IN', 'IN'],
  ['<>', 'NOT IN'],
  ['NOT IN', 'NOT IN'],
])

const filterWords = (args: CallArguments): readonly Word[] => {
  const column = columnOf('filter', args)
  const value = compared('filter', args)
  const operator = operatorOf(args.list[2] ?? args.named.get('op') ?? args.named.get('operator') ?? '=')
  if (isUnset(value)) return ['TRUE']
  if (operator === 'BETWEEN') return between(column, value)
  if (isList(value)) {
    const asList = listOperators.get(operator)
    if (asList !== undefined) return [`${column} ${asList} (`, { value }, ')']
    throw new Refusal(`filter() takes one value with ${operator}, and a list is there.`, { code: 'BAD_VARIABLE_VALUE' })
  }
  return operator.endsWith('IN') ? [`${column} ${operator} (`, { value }, ')'] : [`${column} ${operator} `, { value }]
}

const dateRangeWords = (args: CallArguments): readonly Word[] => {
  const column = columnOf('filter_date_range', args)
  const value = compared('filter_date_range', args)
  return isUnset(value) ? ['TRUE'] : dateRange(column, value)
}

const columnOf = (from: string, { list, isWritten }: CallArguments): string => {
  const [column] = list
  if (isWritten[0] !== true || typeof column !== 'string')
    throw new Refusal(`${from}() takes a column that is written in the template, such as ${from}('region', region).`, {
      code: 'TEMPLATE_POSITION',
    })
  if (!columnPattern.test(column))
    throw new Refusal(`${from}() takes the name of a column, such as region, o.region or "Sales Region".`, { code: 'TEMPLATE_POSITION' })
  return column
}

const compared = (from: string, { list, named }: CallArguments): TemplateValue => {
  const value = list[1] ?? named.get('value')
  if (list.length < 2 && value === undefined) throw new Refusal(`${from}() takes a column and a variable.`)
  if (value === undefined || value === null) return null
  if (isList(value) || typeof value !== 'object') return value
  throw new Refusal(`${from}() takes a variable, and ${describeValue(value)} is there.`)
}

const operatorOf = (value: TemplateValue): string => {
  const written = typeof value === 'string' ? value.trim().toLowerCase().replace(/\s+/g, ' ') : ''
  const operator = operators.get(written)
  if (operator !== undefined) return operator
  const nearest = nearestName(written, operators.keys())
  throw new Refusal(`filter() has no such operator.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`, {
    hint: `It has ${[...operators.keys()].join(', ')}.`,
  })
}

/** Both ends belong to it; an end that is null is open. In parentheses, since NOT may stand before it. */
const between = (column: string, value: TemplateValue): Word[] => {
  if (!isList(value) || value.length !== 2)
    throw new Refusal('filter() with between takes a list of two values.', { code: 'BAD_VARIABLE_VALUE' })
  const [from = null, to = null] = value
  const parts: Word[] = ['(']
  if (from !== null) parts.push(`${column} >= `, { value: from })
  if (from !== null && to !== null) parts.push(' AND ')
  if (to !== null) parts.push(`${column} <= `, { value: to })
  return [...parts, ')']
}

/**
 * Whole days from the first to the last, both included. The end is said as before the next day: so a timestamp of the last
 * day is in, whatever the type of the column, and an index serves.
 */
const dateRange = (column: string, value: TemplateValue): Word[] => {
  const ends = isList(value) ? value : [value, value]
  if (ends.length !== 2) throw new Refusal('filter_date_range() takes a list of two days.', { code: 'BAD_VARIABLE_VALUE' })
  const [from, to] = ends.map((end) => {
    if (end === null || end === undefined || end === '') return undefined
    if (typeof end === 'string' && isDay(end)) return end
    throw new Refusal('filter_date_range() takes days such as 2026-01-31.', { code: 'BAD_VARIABLE_VALUE' })
  })
  const parts: Word[] = ['(']
  if (from !== undefined) parts.push(`${column} >= `, { value: from })
  if (from !== undefined && to !== undefined) parts.push(' AND ')
  if (to !== undefined) parts.push(`${column} < `, { value: nextDay(to) })
  return [...parts, ')']
}
