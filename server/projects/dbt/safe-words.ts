import type { CatalogTable, SourceCatalog } from '../../sources/source.ts'
import type { Hidden } from '../../sources/table-policy.ts'
import type { DbtGraph } from './graph.ts'
import type { Matched } from './match-tables.ts'

/** What of the texts of dbt may be shown, where a policy hides tables or columns that they name. */
export interface SafeWords {
  /** The text, unless it names what is hidden. */
  text(text: string | undefined): string | undefined
  /** Whether SQL of a semantic model reads nothing but columns of the table that are shown. */
  isSafeSql(sql: string, table: CatalogTable): boolean
}

const open: SafeWords = { text: (text) => text, isSafeSql: () => true }

/** Words of SQL that are no columns; a name with a parenthesis behind it is a function. */
const keywords = new Set(
  'case when then else end and or not null is in between like ilike as cast distinct true false date timestamp interval int integer bigint float double precision numeric decimal varchar text boolean day week month quarter year hour minute second from'.split(
    ' ',
  ),
)

const partsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/** Whether a text holds one of the names, alone or as a part of another name: `wages` is in `letter_of_wages`. */
const nameTest = (names: ReadonlySet<string>): ((text: string) => boolean) => {
  // A text is compared only with the names that begin with one of its parts.
  const byFirst = Map.groupBy([...names].map(partsOf), ([first = '']) => first)
  return (text) => {
    const parts = partsOf(text)
    return parts.some((part, at) => byFirst.get(part)?.some((name) => name.every((one, index) => parts[at + index] === one)) === true)
  }
}

/** Names that tell something where they stand in prose: a word such as payments does so only of a table that is denied. */
const named = (names: readonly string[], isDenied: boolean): readonly string[] => names.filter((name) => isDenied || /[^\p{L}]/u.test(name))

/** Judges texts by what a policy hides. */
export const safeWords = (graph: DbtGraph, catalog: SourceCatalog, hidden: Hidden, matched: Matched): SafeWords => {
  if (!hidden.isRestricted) return open
  const shown = new Set(
    catalog.tables.flatMap(({ name, columns }) => [name, ...columns.map((column) => column.name)]).map((name) => name.toLowerCase()),
  )
  const names = [
    ...hidden.tables.flatMap(({ schema = '', name }) => named([name], hidden.denies({ schema, name }))),
    ...[...graph.nodes.values()].filter(matched.isHidden).flatMap(({ schemas, name, alias, kind }) => {
      const isDenied = schemas.some((schema) => hidden.denies({ schema, name: alias }))
      return named([alias, kind === 'source' ? name.slice(name.indexOf('.') + 1) : name], isDenied)
    }),
    ...named([...hidden.columns], false),
  ]
  const banned = new Set(names.map((name) => name.toLowerCase()).filter((name) => !shown.has(name)))
  const isBanned = nameTest(banned)
  return {
    text: (text) => (text === undefined || isBanned(text) ? undefined : text),
    isSafeSql(sql, { columns }) {
      const own = new Set(columns.map(({ name }) => name.toLowerCase()))
      const plain = sql.replace(/'(?:[^']|'')*'/g, ' ').toLowerCase()
      return [...plain.matchAll(/([\p{L}_][\p{L}\p{N}_$]*)(\s*\()?/gu)].every(
        ([, word = '', call]) => call !== undefined || own.has(word) || keywords.has(word),
      )
    },
  }
}
