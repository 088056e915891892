import type { Dialect, ParamValue } from '../../sources/source.ts'
import { Budget, templateLimits } from './budget.ts'
import { decodeLiteral } from './decode-literal.ts'
import { checkPlace, checkSeparate, needsType, refusalAt, touchesWords, typeBefore } from './parameter-place.ts'
import { type Filling, type Mark, markAt, type Origin, originAt, type SqlDraft, SqlFragment } from './sql-draft.ts'
import { clauseAt, type Place, placesOf } from './sql-places.ts'
import { hole, readSqlTokens, type SqlToken, UnreadableSql } from './sql-tokens.ts'
import { locate, Refusal, TemplateFault } from './template-fault.ts'
import { describeValue, isList, type TemplateValue, textOf } from './value.ts'

/** A statement for `execute_query`. */
export interface BoundSql {
  readonly sql: string
  /** Values of `$1`, `$2` … in `sql`. */
  readonly params: readonly ParamValue[]
  /** Where the text at an offset of `sql` was written. */
  readonly originOf: (offset: number) => Origin
}

/**
 * Makes a statement of a draft: every value becomes a parameter. The text of the statement is put together from the text
 * of the draft, words that stand in its braces as they are, and words of ours (`$1`, `CAST`, parentheses, names that were
 * checked), never from a value.
 */
export const bindSql = (draft: SqlDraft, dialect: Dialect, budget: Budget = new Budget()): BoundSql => {
  const binder = new Binder(dialect, budget)
  binder.write(draft)
  return binder.finish()
}

/** Something of a draft that is written otherwise. */
interface Replacement {
  readonly start: number
  readonly end: number
  readonly write: () => void
}

class Binder {
  readonly #dialect: Dialect
  readonly #budget: Budget
  readonly #parts: string[] = []
  readonly #spans: Mark[] = []
  readonly #params: ParamValue[] = []
  /** Parameters that may be used again: where they stand and what they hold, to their number. */
  readonly #known = new Map<string, number>()
  #length = 0
  #drafts = 0

  constructor(dialect: Dialect, budget: Budget) {
    this.#dialect = dialect
    this.#budget = budget
  }

  finish(): BoundSql {
    const spans = this.#spans
    return {
      sql: this.#parts.join(''),
      params: this.#params,
      originOf: (offset) => originAt(spans, offset),
    }
  }

  /** Writes a draft, which is complete by itself. Throws a fault when it is not, or when a value stands where none can. */
  write(draft: SqlDraft): void {
    const id = this.#drafts++
    const sql = draft.text
    const tokens = this.#read(draft, sql)
    const places = placesOf(sql, tokens)
    const end = draft.originOf(Math.max(0, sql.length - 1))
    if (places === undefined) throw new TemplateFault(new Refusal('The parentheses do not match.'), end.template, end.at)
    const fillings = draft.fillings.values()
    const replacements: Replacement[] = []
    const indexOf = new Map(places.map((place, index) => [place.token, index]))
    for (const token of tokens) {
      const text = sql.slice(token.start, token.end)
      if (token.kind === 'param' || (text === '?' && this.#dialect === 'duckdb')) {
        const { template, at } = draft.originOf(token.start)
        throw new TemplateFault(
          new Refusal(`${text} is no value here.`, { hint: 'Write {{ name }} with the name of a variable.' }),
          template,
          at,
        )
      }
      if (!text.includes(hole)) continue
      const found = Array.from({ length: text.split(hole).length - 1 }, () => fillings.next().value as Filling)
      const first = (found[0] as Filling).origin
      locate(first.template, first.at, () =>
        replacements.push(this.#replace({ draft, id, sql, places, index: indexOf.get(token) ?? -1, token, fillings: found })),
      )
    }
    let cursor = 0
    for (const { start, end: stop, write } of replacements) {
      this.#copy(draft, sql, cursor, start)
      write()
      cursor = stop
    }
    this.#copy(draft, sql, cursor, sql.length)
    // What follows a fragment is no part of a comment that ends it.
    const last = tokens.at(-1)
    if (id > 0 && last?.kind === 'comment' && sql.startsWith('--', last.start)) this.#add('\n', end)
  }

  #read(draft: SqlDraft, sql: string): SqlToken[] {
    try {
      return readSqlTokens(sql)
    } catch (error) {
      if (!(error instanceof UnreadableSql)) throw error
      const { template, at } = draft.originOf(error.offset)
      throw new TemplateFault(error, template, at)
    }
  }

  #replace(spot: Spot): Replacement {
    const { token, fillings } = spot
    switch (token.kind) {
      case 'comment':
        return { start: token.start, end: token.end, write: () => this.#copyWithoutHoles(spot) }
      case 'hole':
        return this.#replaceHole(spot, fillings[0] as Filling)
      case 'string':
        return this.#replaceLiteral(spot)
      default:
        throw new Refusal('A value cannot be a part of a name.', { code: 'TEMPLATE_POSITION' })
    }
  }

  #copyWithoutHoles({ draft, sql, token }: Spot): void {
    let cursor = token.start
    for (let at = sql.indexOf(hole, cursor); at !== -1 && at < token.end; at = sql.indexOf(hole, cursor)) {
      this.#copy(draft, sql, cursor, at)
      cursor = at + 1
    }
    this.#copy(draft, sql, cursor, token.end)
  }

  #replaceHole(spot: Spot, { value, origin, isWritten }: Filling): Replacement {
    const { places, index, token } = spot
    checkSeparate(places, index)
    if (value instanceof SqlFragment) {
      const isAliased = value.alias !== undefined && takesAlias(places, index)
      return {
        start: token.start,
        end: token.end,
        write: () => {
          this.write(value.draft)
          if (isAliased) this.#add(` AS ${value.alias}`, origin)
        },
      }
    }
    const refusal = refusalAt(places, index)
    if (refusal !== undefined) {
      if (!isWritten || typeof value !== 'string' || !plainWord.test(value)) throw refusal
      return { start: token.start, end: token.end, write: () => this.#add(value, origin) }
    }
    const before = places[index - 1]
    const key = this.#keyOf(spot)
    const isUntyped = needsType(places, index)
    const written = (one: TemplateValue): Parameter => this.#bareParameter(one, isUntyped, key)
    if (!isList(value)) {
      const parameter = written(value)
      const isCount = before?.text === 'interval'
      return { start: token.start, end: token.end, write: () => this.#addParameter(parameter, origin, isCount) }
    }
    const hasParentheses = before?.text === '(' || before?.text === ',' || before?.text === '['
    if (before?.text === '(' && ['any', 'all', 'some'].includes(places[index - 2]?.text ?? ''))
      throw new Refusal('A list is no array.', { code: 'TEMPLATE_POSITION', hint: 'Write IN ({{ list }}).' })
    if (!hasParentheses && before?.text !== 'in')
      throw new Refusal('A list can stand after IN and between parentheses only.', { code: 'TEMPLATE_POSITION' })
    const parameters = value.map(written)
    return {
      start: token.start,
      end: token.end,
      write: () => {
        if (!hasParentheses) this.#add('(', origin)
        parameters.forEach((parameter, at) => {
          if (at > 0) this.#add(', ', origin)
          this.#addParameter(parameter, origin, false)
        })
        if (parameters.length === 0) this.#add('NULL', origin)
        if (!hasParentheses) this.#add(')', origin)
      },
    }
  }

  /** A literal with values in it is one parameter: its text, with the values put in. */
  #replaceLiteral(spot: Spot): Replacement {
    const { sql, places, index, token, fillings } = spot
    const quoting = token.quoting as NonNullable<SqlToken['quoting']>
    const values = fillings.values()
    const body = decodeLiteral(sql.slice(quoting.start, quoting.end), quoting.style)
    const text = body.replaceAll(hole, () => literalText((values.next().value as Filling).value))
    this.#budget.produce(text.length)
    const { origin } = fillings[0] as Filling
    if (quoting.style === 'unicode' && places[index + 1]?.text === 'uescape')
      throw new Refusal('A value cannot stand in a text with UESCAPE.', { code: 'TEMPLATE_POSITION' })
    const typed = typeBefore(places, index)
    if (typed === undefined) {
      checkPlace(places, index)
      const parameter: Parameter = { value: text, type: needsType(places, index) ? 'text' : undefined, key: this.#keyOf(spot) }
      const { left, right } = touchesWords(places, index)
      return {
        start: token.start,
        end: token.end,
        write: () => {
          if (left) this.#add(' ', origin)
          this.#addParameter(parameter, origin, false)
          if (right) this.#add(' ', origin)
        },
      }
    }
    const start = (places[typed.start] as Place).token.start
    const unit = typed.type === 'interval' ? places[index + 1] : undefined
    if (unit === undefined || unit.token.kind !== 'word' || !units.has(unit.text)) {
      const parameter: Parameter = { value: text, type: typed.type, key: undefined }
      return { start, end: token.end, write: () => this.#addParameter(parameter, origin, false) }
    }
    // The unit would cut a parameter that is an interval already, instead of saying what its number counts.
    if (places[index + 2]?.text === 'to' || !/^\s*[+-]?\d+(?:\.\d+)?\s*$/.test(text))
      throw new Refusal(`An interval before ${unit.text.toUpperCase()} is a number.`, { code: 'BAD_VARIABLE_VALUE' })
    const parameter: Parameter = { value: `${text.trim()} ${unit.text}`, type: 'interval', key: undefined }
    return { start, end: unit.token.end, write: () => this.#addParameter(parameter, origin, false) }
  }

  /** A value outside quotes has the type that it would have as a literal; a text has the type that its place gives. */
  #bareParameter(value: TemplateValue, isUntyped: boolean, key: string | undefined): Parameter {
    if (value === null) return { value, type: isUntyped ? 'text' : undefined, key: undefined }
    if (typeof value === 'boolean') return { value, type: 'boolean', key: undefined }
    if (typeof value === 'string') return { value, type: isUntyped ? 'text' : undefined, key }
    if (typeof value !== 'number') throw new Refusal(`${describeValue(value)} cannot be bound.`, { code: 'TEMPLATE_POSITION' })
    if (!Number.isFinite(value)) throw new Refusal('A number that is not finite cannot be bound.', { code: 'BAD_VARIABLE_VALUE' })
    if (Number.isSafeInteger(value)) return { value, type: Math.abs(value) < 2 ** 31 ? 'integer' : 'bigint', key: undefined }
    return { value: String(value), type: numericType(String(value), this.#dialect), key: undefined }
  }

  /**
   * Where a text stands, for equal texts that may share a parameter: the whole call around it, or what stands beside it.
   * GROUP BY knows an expression of SELECT again by its parameters; elsewhere, as in WHERE, each text has its own, since
   * Postgres gives a parameter one type.
   */
  #keyOf({ id, sql, places, index }: Spot): string | undefined {
    const place = places[index] as Place
    if (!['select', 'by', 'having', ''].includes(clauseAt(places, index))) return undefined
    const textFrom = (from: number, to: number): string =>
      places
        .slice(from, to)
        .map((one) =>
          one.token.kind === 'string' || one.token.kind === 'quotedName' ? sql.slice(one.token.start, one.token.end) : one.text,
        )
        .join(' ')
    const opener = places[place.opener]
    const callee = places[place.opener - 1]
    if (
      opener?.text === '(' &&
      callee?.token.kind === 'word' &&
      !['in', 'and', 'or', 'where', 'values', 'on', 'as', 'over'].includes(callee.text)
    ) {
      if (opener.closer - place.opener > 100) return undefined
      return `${id}:call:${index - place.opener}:${textFrom(place.opener - 1, opener.closer)}`
    }
    let from = index - 1
    while (from >= 0 && places[from]?.token.kind === 'symbol' && /^[=<>!~]$/.test(places[from]?.text ?? '')) from--
    while (places[from - 1]?.text === '.' && from >= 2) from -= 2
    return `${id}:near:${textFrom(Math.max(0, from), index)}:${places[index + 1]?.text ?? ''}`
  }

  #addParameter({ value, type, key }: Parameter, origin: Origin, hasParentheses: boolean): void {
    if (typeof value === 'string' && unbindable.test(value))
      throw new TemplateFault(
        new Refusal('A value has a character that no text of a database holds.', { code: 'BAD_VARIABLE_VALUE' }),
        origin.template,
        origin.at,
      )
    const name = `$${this.#numberOf(value, type === undefined ? key : `typed:${type}`, origin)}`
    const text = type === undefined ? name : `CAST(${name} AS ${type})`
    this.#add(hasParentheses ? `(${text})` : text, origin)
  }

  #numberOf(value: ParamValue, key: string | undefined, origin: Origin): number {
    const shared = key === undefined ? undefined : `${key}:${JSON.stringify(value)}`
    const known = shared === undefined ? undefined : this.#known.get(shared)
    if (known !== undefined) return known
    const next = this.#params.push(value)
    if (next > templateLimits.maxParams)
      throw new TemplateFault(new Refusal(`A query has at most ${templateLimits.maxParams} values.`), origin.template, origin.at)
    if (shared !== undefined) this.#known.set(shared, next)
    return next
  }

  #add(text: string, { template, at }: Origin, isText = false): void {
    if (text === '') return
    this.#spans.push({ template, at, isText, start: this.#length })
    this.#parts.push(text)
    this.#length += text.length
    if (this.#length > templateLimits.maxChars)
      throw new TemplateFault(new Refusal(`The statement has more than ${templateLimits.maxChars} characters.`), template, at)
  }

  /** Copies text of a draft, stretch by stretch of its origins. */
  #copy(draft: SqlDraft, sql: string, from: number, to: number): void {
    const marks = draft.marks
    let next = markAt(marks, from) + 1
    for (let at = from; at < to; ) {
      const end = Math.min(to, marks[next]?.start ?? to)
      const mark = marks[next - 1]
      if (mark !== undefined && end > at)
        this.#add(sql.slice(at, end), { template: mark.template, at: mark.isText ? mark.at + at - mark.start : mark.at }, mark.isText)
      at = end
      next++
    }
  }
}

interface Spot {
  readonly draft: SqlDraft
  /** Of the draft, in this statement. */
  readonly id: number
  readonly sql: string
  readonly places: readonly Place[]
  /** Of the token in `places`, -1 for a comment. */
  readonly index: number
  readonly token: SqlToken
  readonly fillings: readonly Filling[]
}

interface Parameter {
  readonly value: ParamValue
  /** Of a CAST around it; undefined lets its place decide. */
  readonly type: string | undefined
  /** Parameters of equal values with the same key are one; undefined for one of its own. */
  readonly key: string | undefined
}

/** A name or a word of SQL, which a template may choose where it is written in it. */
const plainWord = /^[A-Za-z_][A-Za-z0-9_]*$/

/** NUL, and halves of characters: Postgres refuses them, DuckDB cuts or replaces them. */
const unbindable = /\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

const units = new Set('year years month months week weeks day days hour hours minute minutes second seconds quarter quarters'.split(' '))

const literalText = (value: TemplateValue): string => {
  if (isList(value))
    throw new Refusal('A list cannot stand in quotes.', { code: 'TEMPLATE_POSITION', hint: 'Write IN ({{ list }}) without quotes.' })
  if (value instanceof SqlFragment) throw new Refusal(`${value.origin} cannot stand in quotes.`, { code: 'TEMPLATE_POSITION' })
  return textOf(value)
}

/** A number with a fraction is a decimal in both databases, as its literal would be. */
const numericType = (text: string, dialect: Dialect): string => {
  if (dialect === 'postgres') return 'numeric'
  const [, whole, fraction] = /^-?(\d+)\.(\d+)$/.exec(text) ?? []
  if (whole === undefined || fraction === undefined || whole.length + fraction.length > 38) return 'double'
  return `decimal(${whole.length + fraction.length}, ${fraction.length})`
}

/** Words that go on after a table in FROM; any other word is its alias. */
const afterTable = new Set(
  'where group order having limit offset join left right full inner cross natural on using union intersect except window fetch for qualify lateral asof positional semi anti tablesample sample'.split(
    ' ',
  ),
)

/** Whether a query stands where a table does, and has no alias of the author's. */
const takesAlias = (places: readonly Place[], index: number): boolean => {
  const [before, after] = [places[index - 1], places[index + 1]]
  const isTable =
    before !== undefined && (['from', 'join', 'lateral'].includes(before.text) || (before.text === ',' && places[index]?.clause === 'from'))
  if (!isTable) return false
  return after === undefined || (after.token.kind !== 'quotedName' && (after.token.kind !== 'word' || afterTable.has(after.text)))
}
