import type { Variable } from '../../../contracts/v1/board/variables.ts'
import type { VariableValue } from '../compiled-board.ts'
import { isDay } from './days.ts'
import { inferInput } from './infer-input.ts'
import { readRelativeDay, readRelativeRange } from './relative-days.ts'
import { Refusal } from './template-fault.ts'

const maxChars = 10_000
const maxItems = 1000

type Scalar = string | number | null

/**
 * The value of a variable as its definition wants it, from the text of a URL or a command, from JSON, or from a default.
 * Null when there is none; `today` is a day in UTC, from which relative days count. Throws a refusal with BAD_VARIABLE_VALUE.
 *
 * - number, slider: a number between min and max
 * - range: a list of two numbers, either null for an open end; `3..5` is one too, and a number is both of its ends
 * - date: a day such as 2026-01-31, or words such as `yesterday`
 * - daterange: a list of two days, either null for an open end; words such as `last 30 days`
 * - checkbox: true or false
 * - multiselect: a list; one value is a list of one
 * - select, radio: one of the options where these are static
 */
export const readVariableValue = (name: string, definition: Variable, raw: unknown, today: string): VariableValue =>
  new ValueReader(name, definition, today).read(raw)

/** The value that a variable has when nobody gives one. */
export const defaultValue = (name: string, definition: Variable, today: string): VariableValue =>
  readVariableValue(name, definition, definition.default ?? null, today)

class ValueReader {
  readonly #name: string
  readonly #definition: Variable
  readonly #today: string

  constructor(name: string, definition: Variable, today: string) {
    this.#name = name
    this.#definition = definition
    this.#today = today
  }

  read(raw: unknown): VariableValue {
    if (raw === undefined || raw === null) return null
    const input = inferInput(this.#definition)
    if (raw === '') return input === 'multiselect' ? [] : null
    switch (input) {
      case 'multiselect':
        return this.#list(raw)
      case 'daterange':
        return this.#range(raw)
      case 'range': {
        const list = readList(raw) ?? (typeof raw === 'string' ? raw.split(/\.\.|,/) : [raw])
        const ends = list.map((end) => (isEmpty(end) ? null : this.#number(end)))
        return this.#ends(ends.length === 1 ? [ends[0] as Scalar, ends[0] as Scalar] : ends)
      }
    }
    const one = this.#single(raw)
    if (isEmpty(one)) return null
    switch (input) {
      case 'number':
      case 'slider':
        return this.#number(one)
      case 'date':
        return this.#day(one)
      case 'checkbox':
        return this.#boolean(one)
      case 'select':
      case 'radio':
        return this.#option(one)
      case 'text':
      case 'textarea':
        return this.#byType(one)
    }
  }

  /** A list of one is its element: URLs repeat a key for each value. */
  #single(raw: unknown): unknown {
    if (!Array.isArray(raw)) return raw
    if (raw.length > 1) throw this.#refusal('takes one value, and a list was given')
    return raw[0]
  }

  #list(raw: unknown): VariableValue {
    const list = readList(raw) ?? [raw]
    if (list.length > maxItems) throw this.#refusal(`takes at most ${maxItems} values`)
    return list.filter((item) => !isEmpty(item)).map((item) => this.#option(item))
  }

  #range(raw: unknown): VariableValue {
    const list = readList(raw) ?? (typeof raw === 'string' ? raw.split(/\.\.|,|\//) : [raw])
    if (list.length === 1 && typeof list[0] === 'string') {
      const relative = readRelativeRange(list[0], this.#today)
      if (relative !== undefined) return [relative.from, relative.to]
    }
    const ends = list.length === 1 ? [list[0], list[0]] : list
    return this.#ends(ends.map((end) => (isEmpty(end) ? null : this.#day(typeof end === 'string' ? end.trim() : end))))
  }

  /** Two ends in order; null when both are open. */
  #ends(ends: readonly Scalar[]): VariableValue {
    const [from = null, to = null] = ends
    if (ends.length !== 2) throw this.#refusal('takes a list of two, the first and the last')
    if (from === null && to === null) return null
    if (from !== null && to !== null && from > to) throw this.#refusal(`ends at ${to}, before it begins at ${from}`)
    return [from, to]
  }

  #number(raw: unknown): number {
    const number = typeof raw === 'string' && /^\s*[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(raw) ? Number(raw) : raw
    if (typeof number !== 'number' || !Number.isFinite(number)) throw this.#refusal(`takes a number, and ${shown(raw)} is none`)
    if (Number.isInteger(number) && !Number.isSafeInteger(number))
      throw this.#refusal(`takes whole numbers up to ${Number.MAX_SAFE_INTEGER}`)
    const { min, max } = this.#definition
    if (typeof min === 'number' && number < min) throw this.#refusal(`is at least ${min}, and ${number} is less`)
    if (typeof max === 'number' && number > max) throw this.#refusal(`is at most ${max}, and ${number} is more`)
    return number
  }

  #day(raw: unknown): string {
    const day = this.#readDay(raw)
    const { min, max } = this.#definition
    const limit = (text: unknown) => (typeof text === 'string' ? this.#readDay(text) : undefined)
    const [first, last] = [limit(min), limit(max)]
    if (first !== undefined && day < first) throw this.#refusal(`is at the earliest ${first}, and ${day} is before`)
    if (last !== undefined && day > last) throw this.#refusal(`is at the latest ${last}, and ${day} is after`)
    return day
  }

  #readDay(raw: unknown): string {
    if (raw instanceof Date && !Number.isNaN(raw.getTime())) return raw.toISOString().slice(0, 10)
    const day = typeof raw === 'string' ? (isDay(raw) ? raw : readRelativeDay(raw, this.#today)) : undefined
    if (day !== undefined) return day
    const isRange = typeof raw === 'string' && readRelativeRange(raw, this.#today) !== undefined
    throw this.#refusal(
      isRange
        ? `takes one day, and ${shown(raw)} are several: use input: daterange`
        : `takes a day such as 2026-01-31, and ${shown(raw)} is none`,
    )
  }

  #boolean(raw: unknown): boolean {
    if (typeof raw === 'boolean') return raw
    const known = booleans.get(typeof raw === 'string' ? raw.trim().toLowerCase() : raw)
    if (known === undefined) throw this.#refusal(`takes true or false, and ${shown(raw)} is neither`)
    return known
  }

  /** A value of a static list has the type that it has there. */
  #option(raw: unknown): Scalar {
    const { options } = this.#definition
    const known = Array.isArray(options) ? options : options !== undefined && 'static' in options ? options.static : undefined
    if (known === undefined) {
      const value = this.#byType(raw)
      return typeof value === 'boolean' ? String(value) : value
    }
    const found = known.find((option) => option === raw) ?? known.find((option) => String(option) === String(raw))
    if (found === undefined || (typeof raw === 'object' && raw !== null))
      throw this.#refusal(
        `is one of ${known.slice(0, 20).map(String).join(', ')}${known.length > 20 ? ' …' : ''}, and ${shown(raw)} is none of them`,
      )
    return found
  }

  /** A value whose control does not say what it is: by `data_type`, else by what the default is, else as text. */
  #byType(raw: unknown): string | number | boolean {
    const { data_type: type, default: value } = this.#definition
    const sample: unknown = Array.isArray(value) ? value[0] : value
    if (type === 'number' || (type === undefined && typeof sample === 'number')) return this.#number(raw)
    if (type === 'date') return this.#day(raw)
    if (type === 'boolean') return this.#boolean(raw)
    return this.#text(raw)
  }

  #text(raw: unknown): string {
    const text = raw instanceof Date ? raw.toISOString().slice(0, 10) : typeof raw === 'object' ? undefined : String(raw)
    if (text === undefined) throw this.#refusal('takes a text, and a structure was given')
    if (text.length > maxChars) throw this.#refusal(`has at most ${maxChars} characters`)
    if (refused.test(text)) throw this.#refusal('has a character that no text of a database holds')
    return text
  }

  #refusal(what: string): Refusal {
    return new Refusal(`${this.#name} ${what}.`, { code: 'BAD_VARIABLE_VALUE' })
  }
}

/** NUL and halves of characters. */
const refused = /\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

const booleans: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  [1, true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
  [0, false],
])

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === ''

/** A list, also one that is written as JSON in a text. */
const readList = (raw: unknown): readonly unknown[] | undefined => {
  if (Array.isArray(raw)) return raw
  if (typeof raw !== 'string' || !raw.trimStart().startsWith('[')) return undefined
  try {
    const list: unknown = JSON.parse(raw)
    return Array.isArray(list) ? list : undefined
  } catch {
    return undefined
  }
}

const shown = (raw: unknown): string => (typeof raw === 'object' ? 'a structure' : (JSON.stringify(raw)?.slice(0, 60) ?? 'nothing'))
