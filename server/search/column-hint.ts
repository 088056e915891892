import { Fault } from '../envelope/fault.ts'
import { nearestNames } from '../envelope/nearest-name.ts'
import { quoteName } from '../sources/quote-name.ts'
import type { CatalogTable, RelationName, SourceCatalog } from '../sources/source.ts'
import { type Token, tokensOf } from '../sources/sql-tokens.ts'

/** Suggestions given on a miss. */
const suggestionCount = 3

/**
 * The fault of a missing column with columns that the statement could read of its tables: those that are near, or all. The
 * name of its table may stand before `missing`; how the text writes it may tell that something else was meant.
 */
export const withColumnHint = (
  fault: Fault,
  missing: string,
  sql: string,
  relations: readonly RelationName[],
  catalog: SourceCatalog | undefined,
): Fault => {
  const offset = fault.details.position?.offset
  const hint = hintOf(missing, howWritten(sql, offset), offset === undefined ? undefined : meantAs(sql, offset), relations, catalog)
  return hint === undefined ? fault : new Fault(fault.code, fault.message, { ...fault.details, hint })
}

const hintOf = (
  missing: string,
  written: string | undefined,
  meant: string | undefined,
  relations: readonly RelationName[],
  catalog: SourceCatalog | undefined,
): string | undefined => {
  const tables = (catalog?.tables ?? []).filter((table) =>
    relations.some(({ schema, name }) => sameName(table.name, name) && (schema === undefined || sameName(table.schema, schema))),
  )
  const readable = ({ columns, unreadColumns }: CatalogTable): string[] =>
    columns.map((column) => column.name).filter((name) => unreadColumns?.includes(name) !== true)
  const names = [...new Set(tables.flatMap(readable))]
  const bare = missing.slice(missing.lastIndexOf('.') + 1)
  const owner = tables.find((table) => readable(table).includes(bare))
  if (owner !== undefined) return `${owner.name} has it: write the alias of that table before it, or nothing, where it is in sight.`
  if (meant !== undefined) return meant
  const near = nearestNames(bare, names, suggestionCount)
  if (near.length > 0)
    return `Did you mean ${near.map((name) => `"${name}"`).join(', ')}?${near.every(isPlain) ? '' : ' Write the double quotes too.'}`
  const shown = names.slice(0, 30).map((name) => (isPlain(name) ? name : quoteName(name)))
  const all = names.length === 0 ? undefined : `Columns of ${tables.map((table) => table.name).join(', ')}: ${shown.join(', ')}.`
  return [written, all].filter((part) => part !== undefined).join(' ') || undefined
}

/** What a name is likely meant as, by how it is written: a parameter, or a text. */
const howWritten = (sql: string, offset: number | undefined): string | undefined => {
  if (offset === undefined) return undefined
  if (sql[offset - 1] === '@') return 'Write parameters as $1, $2 and give their values in order in params.'
  return sql[offset] === '"' ? 'Double quotes are for names; write a text in single quotes.' : undefined
}

/** Functions whose first argument is a part of a date. */
const takesDatePart = /^date_?(diff|add|sub|trunc|part|name)$/

/** What the name at a place is certainly meant as: a part of a date, or an alias of the list of SELECT. */
const meantAs = (sql: string, offset: number): string | undefined => {
  const tokens = tokensOf(sql) ?? []
  const at = tokens.findIndex(({ start }) => start === offset)
  const name = tokens[at]?.text ?? ''
  if (name === '') return undefined
  if (tokens[at - 1]?.text === '(' && takesDatePart.test(tokens[at - 2]?.text ?? ''))
    return `Write '${name}' in single quotes: a part of a date is given as a text.`
  let depth = 0
  for (let before = at - 1; before > 0; before--) {
    const { text } = tokens[before] as Token
    // What is closed before the name is a query of its own, or an expression.
    if (text === ')') depth++
    else if (text === '(') depth = Math.max(0, depth - 1)
    const isNamed = text === name && depth === 0 && /^(as|\))$/.test(tokens[before - 1]?.text ?? '')
    if (isNamed && /^(,|from)$/.test(tokens[before + 1]?.text ?? ''))
      return `"${name}" is an alias of the list of SELECT, which WHERE, HAVING and other columns cannot name: repeat its expression, or put the query into a subquery.`
  }
  return undefined
}

/** Whether both databases take a name without quotes for what it is. */
const isPlain = (name: string): boolean => /^[a-z_][a-z0-9_]*$/.test(name)

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
