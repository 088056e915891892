import type { Budget } from './budget.ts'
import { formatFields, formatPrintf, formatValue } from './python-format.ts'
import { Refusal } from './template-fault.ts'
import {
  type CallArguments,
  compareValues,
  describeValue,
  isList,
  isMap,
  isTrue,
  itemsOf,
  numberOf,
  type TemplateValue,
  textOf,
} from './value.ts'

/** What a filter may ask of the evaluator. */
export interface FilterContext {
  readonly budget: Budget
  readonly isSql: boolean
  readonly filter: (name: string, value: TemplateValue, args: CallArguments) => TemplateValue
  readonly test: (name: string, value: TemplateValue, args: readonly TemplateValue[]) => boolean
}

/** Throws a refusal when the value or the arguments do not fit. */
export type Filter = (value: TemplateValue, args: CallArguments, context: FilterContext) => TemplateValue

const argument = ({ list, named }: CallArguments, index: number, name: string): TemplateValue | undefined => list[index] ?? named.get(name)

/** A filter of texts that makes one not much longer. */
const ofText =
  (change: (text: string) => string): Filter =>
  (value, _, { budget }) => {
    const text = textOf(value)
    budget.produce(text.length)
    return change(text)
  }

const lengthOf: Filter = (value) => {
  if (isMap(value)) return value.size
  return typeof value === 'string' ? value.length : itemsOf(value).length
}

/** Default: of null, and with a second argument that is true, of everything that is not true. */
const withDefault: Filter = (value, args) => {
  const isMissing = isTrue(argument(args, 1, 'boolean') ?? null) ? !isTrue(value) : value === null
  return isMissing ? (argument(args, 0, 'default_value') ?? '') : value
}

const numeral = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*$/

/** Unlike in Jinja, what is no number is an error when no default is given: 0 would be a number that nobody gave. */
const toNumber =
  (name: string, change: (number: number) => number): Filter =>
  (value, args) => {
    const number = typeof value === 'string' && numeral.test(value) ? Number(value) : typeof value === 'boolean' ? Number(value) : value
    if (typeof number === 'number' && Number.isFinite(number)) return change(number)
    const fallback = argument(args, 0, 'default')
    if (fallback !== undefined) return fallback
    throw new Refusal(
      `${name} takes a number, and ${typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : describeValue(value)} is none.`,
      {
        code: 'BAD_VARIABLE_VALUE',
      },
    )
  }

const round: Filter = (value, args) => {
  const precision = numberOf(argument(args, 0, 'precision') ?? 0, 'round')
  const method = argument(args, 1, 'method') ?? 'common'
  const by = method === 'floor' ? Math.floor : method === 'ceil' ? Math.ceil : Math.round
  const number = numberOf(typeof value === 'string' ? Number(value) : value, 'round')
  const factor = 10 ** Math.max(-15, Math.min(15, Math.trunc(precision)))
  const rounded = by(Math.abs(number * factor) === Number.POSITIVE_INFINITY ? number : number * factor) / factor
  return Number.isFinite(rounded) ? rounded : number
}

const join: Filter = (value, args, { budget, isSql }) => {
  const separator = textOf(argument(args, 0, 'd') ?? '')
  if (isSql && separator.includes("'"))
    throw new Refusal('A list is not joined with quotes.', { hint: 'Write IN ({{ list }}): each element is bound by itself.' })
  const texts = itemsOf(value).map((item) => textOf(pick(item, argument(args, 1, 'attribute'))))
  budget.produce(texts.reduce((sum, text) => sum + text.length + separator.length, 0))
  return texts.join(separator)
}

const replace: Filter = (value, args, { budget }) => {
  const text = textOf(value)
  const from = textOf(argument(args, 0, 'old') ?? null)
  const to = textOf(argument(args, 1, 'new') ?? null)
  if (from === '') return text
  const parts = text.split(from)
  budget.produce(text.length + parts.length * to.length)
  return parts.join(to)
}

const pick = (item: TemplateValue, attribute: TemplateValue | undefined): TemplateValue => {
  if (attribute === undefined || attribute === null) return item
  return isMap(item)
    ? (item.get(textOf(attribute)) ?? null)
    : isList(item) && typeof attribute === 'number'
      ? (item[attribute] ?? null)
      : null
}

const caseless = (value: TemplateValue): TemplateValue => (typeof value === 'string' ? value.toLowerCase() : value)

const sort: Filter = (value, args, { budget }) => {
  const items = [...itemsOf(value)]
  budget.step(items.length)
  const isReverse = isTrue(argument(args, 0, 'reverse') ?? null)
  const isCaseSensitive = isTrue(argument(args, 1, 'case_sensitive') ?? null)
  const keyOf = (item: TemplateValue) => {
    const key = pick(item, argument(args, 2, 'attribute'))
    return isCaseSensitive ? key : caseless(key)
  }
  const sorted = items.sort((a, b) => compareValues(keyOf(a), keyOf(b)))
  return isReverse ? sorted.reverse() : sorted
}

const unique: Filter = (value, _, { budget }) => {
  const items = itemsOf(value)
  budget.step(items.length)
  const seen = new Set<TemplateValue>()
  return items.filter((item) => {
    const key = caseless(item)
    return seen.has(key) ? false : seen.add(key)
  })
}

const extreme =
  (sign: 1 | -1): Filter =>
  (value) =>
    itemsOf(value).reduce<TemplateValue>((best, item) => (best === null || sign * compareValues(item, best) > 0 ? item : best), null)

const sum: Filter = (value, args) =>
  itemsOf(value).reduce<number>((total, item) => total + numberOf(pick(item, argument(args, 1, 'attribute')), 'sum'), 0)

const map: Filter = (value, args, { budget, filter }) => {
  const attribute = args.named.get('attribute')
  const [name, ...rest] = args.list
  return itemsOf(value).map((item) => {
    budget.step()
    if (attribute !== undefined) return pick(item, attribute)
    return filter(textOf(name ?? null), item, { list: rest, named: new Map(), isWritten: [], at: args.at })
  })
}

const choose =
  (wanted: boolean): Filter =>
  (value, { list: [name, ...rest] }, { budget, test }) =>
    itemsOf(value).filter((item) => {
      budget.step()
      return (name === undefined ? isTrue(item) : test(textOf(name), item, rest)) === wanted
    })

/** `format(',.2f')` of a value, or `format(a, b)` of a text with formats of Python in it. */
const format: Filter = (value, args, { budget }) => {
  const [spec] = args.list
  if (typeof value === 'string' && /%[^%]/.test(value)) return formatPrintf(value, args.list, budget)
  if (typeof value === 'string' && /\{[^{}]*\}/.test(value)) return formatFields(value, args.list, args.named, budget)
  if (spec === undefined) throw new Refusal('format takes a format such as ",.2f".')
  const text = formatValue(value, textOf(spec))
  budget.produce(text.length)
  return text
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }
const escapeHtml: Filter = (value, _, { budget }) => {
  const text = textOf(value).replace(/[&<>"']/g, (char) => entities[char] as string)
  budget.produce(text.length)
  return text
}

const plain = (value: TemplateValue): unknown => {
  if (isList(value)) return value.map(plain)
  if (isMap(value)) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]))
  return value === null || typeof value !== 'object' ? value : textOf(value)
}
const toJson: Filter = (value, _, { budget }) => {
  const text = JSON.stringify(plain(value))
  budget.produce(text.length)
  return text
}

const truncate: Filter = (value, args) => {
  const text = textOf(value)
  const length = numberOf(argument(args, 0, 'length') ?? 255, 'truncate')
  const end = textOf(argument(args, 2, 'end') ?? '...')
  if (text.length <= length) return text
  const cut = text.slice(0, Math.max(0, length - end.length))
  const lastSpace = cut.lastIndexOf(' ')
  const isCutInWord = lastSpace === -1 || isTrue(argument(args, 1, 'killwords') ?? null)
  return (isCutInWord ? cut : cut.slice(0, lastSpace).trimEnd()) + end
}

/** SQL has no text that is safe: what a filter cannot undo is that values are bound. */
const safe: Filter = (value, _, { isSql }) => {
  if (isSql)
    throw new Refusal('Values cannot be made SQL.', {
      code: 'TEMPLATE_POSITION',
      hint: 'Write SQL outside {{ }}, with {% if %} where it varies.',
    })
  return value
}

export const titleCase = (text: string): string =>
  text.toLowerCase().replace(/(^|[^\p{L}\p{N}'])(\p{L})/gu, (_, before, letter) => before + letter.toUpperCase())
export const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()

/** What may follow `|`. */
export const filters: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['default', withDefault],
  ['d', withDefault],
  ['upper', ofText((text) => text.toUpperCase())],
  ['lower', ofText((text) => text.toLowerCase())],
  ['title', ofText(titleCase)],
  ['capitalize', ofText(capitalize)],
  ['trim', ofText((text) => text.trim())],
  ['string', ofText((text) => text)],
  ['urlencode', ofText(encodeURIComponent)],
  ['replace', replace],
  ['truncate', truncate],
  ['escape', escapeHtml],
  ['e', escapeHtml],
  ['format', format],
  ['tojson', toJson],
  ['round', round],
  ['int', toNumber('int', Math.trunc)],
  ['float', toNumber('float', (number) => number)],
  ['abs', (value) => Math.abs(numberOf(value, 'abs'))],
  ['length', lengthOf],
  ['count', lengthOf],
  ['join', join],
  ['first', (value) => itemsOf(value)[0] ?? null],
  ['last', (value) => itemsOf(value).at(-1) ?? null],
  ['list', (value) => [...itemsOf(value)]],
  ['items', (value) => (isMap(value) ? [...value] : [])],
  ['reverse', (value) => (typeof value === 'string' ? [...value].reverse().join('') : [...itemsOf(value)].reverse())],
  ['sort', sort],
  ['unique', unique],
  ['min', extreme(-1)],
  ['max', extreme(1)],
  ['sum', sum],
  ['map', map],
  ['select', choose(true)],
  ['reject', choose(false)],
  ['safe', safe],
  ['sqlsafe', safe],
])
