import { format } from 'd3-format'
import { formatAliases } from '../../../contracts/v1/board/formats.ts'
import type { Budget } from './budget.ts'
import { Refusal } from './template-fault.ts'
import { isMap, numberOf, type TemplateValue, textOf } from './value.ts'

/** Widths and digits beyond these are mistakes, or meant to fill memory. */
const maxWidth = 1000
const maxDigits = 50

/** What Python writes and d3 does not know: a conversion of texts, capital letters of conversions, `_` between digits. */
const pythonSpec =
  /^(?<before>(?:.?[<>=^])?[+\- ]?)z?(?<alternate>#?)(?<width>0?\d*)(?<group>[,_]?)(?<digits>(?:\.\d+)?)(?<type>[bcdeEfFgGnosxX%]?)$/su

/**
 * A value in a format of Python or of d3, which are near the same, or by the name of a format: `.0%`, `,.2f`, `>10`,
 * `currency_whole`. Texts take a width and a side only. Throws a refusal for a format that is none.
 */
export const formatValue = (value: TemplateValue, spec: string): string => {
  if (spec === '') return textOf(value)
  const known = Object.hasOwn(formatAliases, spec) ? formatAliases[spec as keyof typeof formatAliases] : spec
  if (value === null) return ''
  // Decimals and integers of 64 bits travel as texts.
  if (typeof value === 'string' && !isNumeral(value, known)) return formatTextAs(value, known)
  const number = numberOf(typeof value === 'boolean' || typeof value === 'string' ? Number(value) : value, `The format ${spec}`)
  checkSpec(known)
  const python = pythonSpec.exec(known)?.groups
  try {
    if (python === undefined) return format(known)(number)
    const { before = '', alternate = '', width = '', group = '', digits = '', type = '' } = python
    const text = format(`${before}${alternate}${width}${group === '' ? '' : ','}${digits}${types[type] ?? type}`)(number)
    return group === '_' ? text.replaceAll(',', '_') : 'EGX'.includes(type) && type !== '' ? text.toUpperCase() : text
  } catch {
    throw notANumberFormat(spec)
  }
}

const isNumeral = (text: string, spec: string): boolean => /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) && !textSpec.test(spec)

const types: Readonly<Record<string, string>> = { F: 'f', E: 'e', G: 'g', n: 'g', i: 'd', s: '~s' }

const textSpec = /^(?:(?<fill>.)?(?<side>[<>^]))?(?<width>\d*)(?:\.(?<length>\d+))?s?$/su

const formatTextAs = (text: string, spec: string): string => {
  const groups = textSpec.exec(spec)?.groups
  if (groups === undefined) throw new Refusal(`The format ${spec} takes a number, and a text is there.`)
  checkSpec(spec)
  const { fill = ' ', side = '<', width = '', length } = groups
  const cut = length === undefined ? text : text.slice(0, Number(length))
  const wanted = Number(width)
  if (side === '<') return cut.padEnd(wanted, fill)
  if (side === '>') return cut.padStart(wanted, fill)
  return cut.padStart(cut.length + Math.floor(Math.max(0, wanted - cut.length) / 2), fill).padEnd(wanted, fill)
}

const notANumberFormat = (spec: string): Refusal =>
  new Refusal(`${spec} is no format of numbers.`, { hint: 'Write one such as ",.2f", ".0%" or "currency_whole".' })

const checkSpec = (spec: string): void => {
  if (spec.length > 100) throw new Refusal('The format is too long.')
  const type = /[a-z]$/i.exec(spec)?.[0]
  if (type !== undefined && !'bcdeEfFgGinoprsxX'.includes(type)) throw notANumberFormat(spec)
  for (const [digits] of spec.matchAll(/\d+/g)) if (Number(digits) > maxWidth) throw new Refusal(`The format ${spec} is too wide.`)
  const precision = /\.(\d+)/.exec(spec)?.[1]
  if (precision !== undefined && Number(precision) > maxDigits) throw new Refusal(`The format ${spec} has too many digits.`)
}

const field = /\{\{|\}\}|\{(?<name>[^{}:!]*)(?:![rs])?(?::(?<spec>[^{}]*))?\}|[{}]/g

/** `'{:.0%}'.format(share)` of Python: fields by number, by name, or in order. */
export const formatFields = (
  text: string,
  list: readonly TemplateValue[],
  named: ReadonlyMap<string, TemplateValue>,
  budget: Budget,
): string => {
  let next = 0
  const fieldValue = (name: string): TemplateValue => {
    const [head = '', ...members] = name.split('.')
    let value = /^\d*$/.test(head) ? list[head === '' ? next++ : Number(head)] : named.get(head)
    for (const member of members) value = value !== undefined && isMap(value) ? value.get(member) : undefined
    if (value === undefined) throw new Refusal(`format() is given no value for {${name}}.`)
    return value
  }
  const parts: string[] = []
  let cursor = 0
  for (const match of text.matchAll(field)) {
    parts.push(text.slice(cursor, match.index))
    cursor = match.index + match[0].length
    if (match[0] === '{{' || match[0] === '}}') parts.push(match[0].charAt(0))
    else if (match.groups?.name === undefined) throw new Refusal(`${match[0]} stands alone in the text of format().`)
    else parts.push(formatValue(fieldValue(match.groups.name.trim()), match.groups.spec ?? ''))
    budget.step()
  }
  parts.push(text.slice(cursor))
  return finish(parts, budget)
}

const conversion = /%(?:\((?<name>\w+)\))?(?<spec>[-+ 0#]{0,5}\d{0,5}(?:\.\d{1,5})?)(?<type>[sdifFeEgGxXr%])|%/g

/** `'%s: %.2f' % (name, value)` of Python. */
export const formatPrintf = (text: string, list: readonly TemplateValue[], budget: Budget): string => {
  let next = 0
  const parts: string[] = []
  let cursor = 0
  for (const match of text.matchAll(conversion)) {
    parts.push(text.slice(cursor, match.index))
    cursor = match.index + match[0].length
    const { spec = '', type } = match.groups ?? {}
    budget.step()
    if (type === undefined) throw new Refusal('A % in the text of a format is written %%.')
    if (type === '%') {
      parts.push('%')
      continue
    }
    const value = list[next++]
    if (value === undefined) throw new Refusal('The text has more formats than there are values.')
    if (type === 's' || type === 'r') parts.push(formatTextAs(textOf(value), spec.replace(/^-/, '<').replace(/^(?=\d)/, '>')))
    else if (type === 'd' || type === 'i') parts.push(formatValue(Math.trunc(numberOf(value, `%${type}`)), `${spec}d`))
    else parts.push(formatValue(numberOf(value, `%${type}`), `${spec.replace(/^-/, '<')}${type}`))
  }
  parts.push(text.slice(cursor))
  return finish(parts, budget)
}

const finish = (parts: readonly string[], budget: Budget): string => {
  const text = parts.join('')
  budget.produce(text.length)
  return text
}
