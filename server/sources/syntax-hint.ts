import { Fault } from '../envelope/fault.ts'
import { positionAt } from '../envelope/text-position.ts'
import type { Dialect, SourceCatalog } from './source.ts'
import { type Token, tokensOf } from './sql-tokens.ts'

/** A text longer than this is not searched for what its grammar did not take. */
const longestText = 20_000

/**
 * The fault of a text that the grammar of its engine does not take, with what to write instead: in place of syntax that
 * another database, a driver or a command line has, and of names that need quotes. `readCatalog`: what callers may see.
 */
export const withSyntaxHint = async (
  fault: Fault,
  sql: string,
  dialect: Dialect,
  readCatalog: () => Promise<SourceCatalog | undefined>,
): Promise<Fault> => {
  if (fault.code !== 'SQL_ERROR' || fault.details.hint !== undefined) return fault
  const isShort = sql.length <= longestText
  const found = isShort ? (findForeign(sql, dialect) ?? findName(sql, fault.details.position?.offset, await readCatalog())) : undefined
  // DuckDB says nothing of use where it gives no place.
  const message = fault.details.position === undefined ? 'The statement does not parse.' : fault.message
  return new Fault(fault.code, message, {
    ...fault.details,
    hint: found?.hint ?? `Write the statement as ${dialect === 'postgres' ? 'PostgreSQL' : 'DuckDB'} does.`,
    ...(found?.offset !== undefined && { position: positionAt(sql, found.offset) }),
  })
}

interface Found {
  readonly hint: string
  readonly offset?: number
}

/** A place in a text that its grammar did not take. */
class Place {
  readonly dialect: Dialect
  readonly #sql: string
  readonly #tokens: readonly Token[]
  readonly #at: number
  constructor(sql: string, dialect: Dialect, tokens: readonly Token[], at: number) {
    this.#sql = sql
    this.dialect = dialect
    this.#tokens = tokens
    this.#at = at
  }
  get isFirst(): boolean {
    return this.#at === 0
  }
  /** The token so many further, in lower case; empty beyond the ends. */
  word(offset = 0): string {
    return this.#raw(offset).toLowerCase()
  }
  /** The token so many further when nothing stands before it; else empty. */
  joined(offset = 1): string {
    const [before, token] = [this.#tokens[this.#at + offset - 1], this.#tokens[this.#at + offset]]
    return before !== undefined && token !== undefined && before.end === token.start ? this.#raw(offset) : ''
  }
  /** The text from here up to the next one of a mark, without both; undefined when there is none. */
  until(mark: string): string | undefined {
    const start = (this.#tokens[this.#at] as Token).end
    const end = this.#sql.indexOf(mark, start)
    return end === -1 ? undefined : this.#sql.slice(start, end)
  }
  /** Whether a value is wanted here: behind an operator, an opening bracket, a comma, or a word that a value follows. */
  get wantsValue(): boolean {
    return /^(|[=<>!+\-*/%|~(,[]|where|and|or|not|limit|offset|like|ilike|in|between|then|else|when|select|by|values|interval|any|all|on)$/.test(
      this.word(-1),
    )
  }
  #raw(offset: number): string {
    const token = this.#tokens[this.#at + offset]
    return token === undefined ? '' : this.#sql.slice(token.start, token.end)
  }
}

const isNumber = (text: string): boolean => /^\d+$/.test(text)
const isWord = (text: string): boolean => /^[\p{L}_][\p{L}\p{N}_$]*$/u.test(text)
const parameters = 'Write parameters as $1, $2 and give their values in order in params.'

/** What to write in place of syntax that neither engine has, or only the other one; each is asked at every token. */
const rules: readonly ((place: Place) => string | undefined)[] = [
  (at) => (at.isFirst && at.word() === '`' && at.joined() === '`' ? 'Send the SQL alone, without the fence of Markdown.' : undefined),
  (at) => (at.word() === '`' ? `Write names in double quotes: "${at.until('`') ?? 'name'}".` : undefined),
  (at) => {
    const isName = at.word() === '[' && isWord(at.word(1)) && at.word(2) === ']'
    return isName && /^(from|join|select|,|\.|by|where|and|or)$/.test(at.word(-1))
      ? `Write names in double quotes: "${at.word(1)}".`
      : undefined
  },
  (at) =>
    /^'.*'$/s.test(at.word()) && isWord(at.joined()) && !reserved.has(at.joined().toLowerCase())
      ? "Double a quote that stands within a text, as in 'O''Brien'."
      : undefined,
  (at) => (at.isFirst && /^(describe|desc)$/.test(at.word()) ? tellsTable(at.word(1)) : undefined),
  (at) => (at.isFirst && at.word() === 'show' ? tellsTables : undefined),
  (at) => (at.isFirst && at.word() === 'use' ? 'Name the source in source, and write the schema before a table: schema.table.' : undefined),
  (at) => (at.isFirst && at.word() === '.' && isWord(at.joined()) ? tellsTables : undefined),
  (at) => {
    if (at.word() !== '\\' || !isWord(at.joined())) return undefined
    return /^d/.test(at.joined()) && isWord(at.word(2)) ? tellsTable(at.word(2)) : tellsTables
  },
  (at) => (/^(explain)$/.test(at.word()) && /^(plan|query)$/.test(at.word(1)) ? 'Write EXPLAIN right before the SELECT.' : undefined),
  (at) => (at.dialect === 'postgres' && at.isFirst && at.word() === 'from' ? 'Begin with SELECT * FROM.' : undefined),
  (at) =>
    at.dialect === 'postgres' && at.isFirst && at.word() === 'summarize'
      ? 'Call describe_table, or select count(*), min(x), max(x) of the columns.'
      : undefined,
  (at) => (at.dialect === 'postgres' && at.word() === '?' && at.wantsValue ? parameters : undefined),
  (at) => (at.word() === '%' && at.wantsValue && /^(s|d|\()$/.test(at.joined()) ? parameters : undefined),
  (at) => (/^[:@]$/.test(at.word()) && at.wantsValue && /^\w+$/.test(at.joined()) ? parameters : undefined),
  (at) => (/^[{$#]$/.test(at.word()) && at.joined() === '{' ? `Nothing is put into the text of a statement. ${parameters}` : undefined),
  (at) =>
    at.word() === 'limit' && isNumber(at.word(1)) && at.word(2) === ',' && isNumber(at.word(3))
      ? `Write LIMIT ${at.word(3)} OFFSET ${at.word(1)}.`
      : undefined,
  (at) => {
    const number = at.word(1) === '(' ? at.word(2) : at.word(1)
    const isTop = at.word() === 'top' && /^(select|distinct|all)$/.test(at.word(-1)) && isNumber(number)
    return isTop ? `Leave out TOP ${number} and write LIMIT ${number} at the end of the statement.` : undefined
  },
  (at) => (at.word() === 'minus' && at.word(1) === 'select' ? 'Write EXCEPT in place of MINUS.' : undefined),
  (at) =>
    at.dialect === 'postgres' && at.word() === 'qualify'
      ? 'Write the condition of QUALIFY around the query: SELECT * FROM (SELECT ..., row_number() OVER (...) AS n FROM ...) q WHERE n = 1.'
      : undefined,
  (at) =>
    at.word() === '*' && at.word(1) === 'except' && at.word(2) === '('
      ? at.dialect === 'duckdb'
        ? 'Write EXCLUDE in place of EXCEPT.'
        : 'Name the columns you want in place of * EXCEPT (...).'
      : undefined,
  (at) =>
    at.dialect === 'postgres' && at.word() === '*' && /^(exclude|replace)$/.test(at.word(1))
      ? 'Name the columns you want in place of all but some.'
      : undefined,
  (at) =>
    at.word() === ',' && (/^(from|where|\)|)$/.test(at.word(1)) || at.word(2) === 'by')
      ? 'Remove the comma, or write what follows it.'
      : undefined,
  (at) =>
    at.dialect === 'postgres' && at.word() === 'interval' && isNumber(at.word(1)) && isWord(at.word(2))
      ? `Write interval '${at.word(1)} ${at.word(2)}'.`
      : undefined,
  (at) =>
    at.dialect === 'postgres' && at.word() === 'by' && at.word(-1) === 'group' && at.word(1) === 'all' && at.word(2) !== '('
      ? 'Name the columns to group by, or count them, as in GROUP BY 1, 2.'
      : undefined,
  (at) => (at.word() === 'in' && at.word(1) === '(' && at.word(2) === ')' ? 'Give IN one value at least.' : undefined),
  (at) =>
    at.dialect === 'postgres' &&
    /^(i?like|=)$/.test(at.word()) &&
    /^(any|all)$/.test(at.word(1)) &&
    at.word(2) === '(' &&
    at.word(4) === ','
      ? `Write the values as an array: ${at.word(1).toUpperCase()} (ARRAY[...]).`
      : undefined,
  (at) =>
    at.dialect === 'postgres' && /^[\])]$/.test(at.word()) && at.joined() === '['
      ? 'Put what a subscript is taken of into brackets, as in (f(x))[1].'
      : undefined,
  (at) =>
    at.dialect === 'postgres' && /^(try|safe)_cast$/.test(at.word()) && at.word(1) === '('
      ? "Test the text before you cast it, as in CASE WHEN x ~ '^[0-9]+$' THEN x::integer END."
      : undefined,
  (at) =>
    at.dialect === 'postgres' && /^(un)?pivot$/.test(at.word()) && at.word(1) === '('
      ? 'Write a column for each value, as in sum(x) FILTER (WHERE y = 1).'
      : undefined,
  (at) =>
    at.dialect === 'postgres' && at.word() === 'tablesample' && isNumber(at.word(1))
      ? `Write TABLESAMPLE system (${at.word(1)}), of which the number is a percentage.`
      : undefined,
  (at) =>
    at.dialect === 'duckdb' && at.word() === 'within' && at.word(1) === 'group'
      ? "Sort inside the brackets, as in string_agg(x, ',' ORDER BY y)."
      : undefined,
  (at) =>
    at.dialect === 'duckdb' && at.word() === '#' && at.joined() === '>' ? "Write the path as JSON has it, as in x ->> '$.key'." : undefined,
  (at) =>
    /^(rlike|regexp)$/.test(at.word()) && /^['$]/.test(at.word(1))
      ? `Write ${at.dialect === 'postgres' ? "x ~ 'pattern'" : "regexp_matches(x, 'pattern')"}.`
      : undefined,
  (at) => (at.word() === 'with' && at.word(1) === 'offset' ? 'Write WITH ORDINALITY AS t(value, number).' : undefined),
  (at) =>
    at.word() === 'with' && at.word(1) === '(' && at.word(2) === 'nolock'
      ? 'Leave out WITH (NOLOCK); reading locks nothing here.'
      : undefined,
]

const tellsTables = 'Call list_tables for the tables and describe_table for the columns of one.'
const tellsTable = (name: string): string => (isWord(name) ? `Call describe_table with table "${name}".` : tellsTables)

const findForeign = (sql: string, dialect: Dialect): Found | undefined => {
  const tokens = tokensOf(sql) ?? []
  for (const [index, { start }] of tokens.entries()) {
    const place = new Place(sql, dialect, tokens, index)
    for (const rule of rules) {
      const hint = rule(place)
      if (hint !== undefined) return { hint, offset: start }
    }
  }
  return undefined
}

/** Words that stand for themselves in one of the two grammars, and name nothing unless they are quoted. */
const reserved: ReadonlySet<string> = new Set(
  (
    'all analyse analyze and anti any array as asc asof asymmetric at authorization binary both case cast check collate collation column ' +
    'constraint create cross current_date current_role current_time current_timestamp current_user default deferrable desc describe ' +
    'distinct do else end except false fetch for foreign freeze from full glob grant group having ilike in initially inner intersect ' +
    'into is isnull join lambda lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or ' +
    'order outer overlaps pivot placing positional primary qualify references returning right select semi session_user show similar ' +
    'some summarize symmetric table tablesample then to trailing true union unique unpivot user using variadic verbose when where ' +
    'window with'
  ).split(' '),
)

/** A table or column at the place of the error, or right before it, whose name is no plain word, or is a word of SQL. */
const findName = (sql: string, place: number | undefined, catalog: SourceCatalog | undefined): Found | undefined => {
  if (place === undefined || catalog === undefined) return undefined
  const text = sql.toLowerCase()
  const before = sql.slice(0, place).trimEnd().length
  const names = catalog.tables.flatMap(({ name, columns }) => [name, ...columns.map((column) => column.name)])
  /** Where a name stands, up to the place; -1 for nowhere. */
  const find = (name: string): number => {
    const wanted = name.toLowerCase()
    for (
      let start = text.lastIndexOf(wanted, place);
      start >= 0 && start + name.length >= before;
      start = text.lastIndexOf(wanted, start - 1)
    ) {
      if (!/[\w"]/.test(text[start - 1] ?? ' ') && !/[\w"]/.test(text[start + name.length] ?? ' ')) return start
      if (start === 0) break
    }
    return -1
  }
  /** One of them may be a name then; the only one is the clause. */
  const hasTwoFroms = /\bfrom\b.*\bfrom\b/s.test(text)
  /** Whether a name stands at the place itself, as what the grammar did not take; before it stand words that it took. */
  const isHere = ({ name, offset }: { name: string; offset: number }) => offset + name.length > place
  // The longest says most: "unit price" and not "unit".
  const [found] = [...new Set(names)]
    .filter((name) => name !== '' && (!isWord(name) || reserved.has(name.toLowerCase())))
    .filter((name) => name.toLowerCase() !== 'from' || hasTwoFroms)
    .map((name) => ({ name, offset: find(name) }))
    .filter(({ offset }) => offset >= 0)
    .sort((a, b) => Number(isHere(b)) - Number(isHere(a)) || b.name.length - a.name.length)
  if (found === undefined) return undefined
  const { name, offset } = found
  return {
    offset,
    hint: isWord(name)
      ? `"${name}" is also a word of SQL; as a name it is written in double quotes.`
      : `Write the name "${name}" in double quotes.`,
  }
}
