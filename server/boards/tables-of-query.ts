import type { StatementFacts } from '../sources/source.ts'

/** The tables that SQL itself names: those of queries that it uses are theirs. `facts`: what the grammar of its engine reads in it. */
export const tablesOfQuery = (sql: string, facts: StatementFacts | undefined): string[] =>
  facts === undefined ? tablesOfWords(sql) : tablesOfTree(facts, sql)

/** What the grammar of the engine takes for tables, of those that the text itself names: those of queries that it uses are theirs. */
const tablesOfTree = ({ relations }: StatementFacts, sql: string): string[] => {
  const words = new Set(sql.toLowerCase().split(/[^\p{L}\p{N}_$]+/u))
  const own = relations.filter(({ name }) =>
    name
      .toLowerCase()
      .split(/[^\p{L}\p{N}_$]+/u)
      .every((word) => words.has(word)),
  )
  return [...new Set(own.map(({ schema, name }) => (schema === undefined ? name : `${schema}.${name}`)))].sort()
}

/** Where no grammar reads the text: names after FROM and JOIN, and those in ref() and source(). */
const tablesOfWords = (sql: string): string[] => {
  // A comment without an end goes on to the end of the text.
  const plain = sql.replace(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, ' ')
  const ctes = new Set(
    [...plain.matchAll(/(?:\bwith(?:\s+recursive)?|,)\s*([A-Za-z_]\w*)\s+as\s*(?:not\s+materialized\s*|materialized\s*)?\(/gi)].map(
      ([, name]) => name?.toLowerCase(),
    ),
  )
  const direct = [...plain.matchAll(/\b(?:from|join)\s+((?:"[^"]+"|[A-Za-z_]\w*)(?:\.(?:"[^"]+"|[A-Za-z_]\w*))*)(?!\s*\()/gi)].map(
    ([, name]) => name as string,
  )
  const dbt = [...plain.matchAll(/\b(?:ref|source)\(\s*'([^']+)'\s*(?:,\s*'([^']+)'\s*)?\)/g)].map(([, first, second]) =>
    second === undefined ? (first as string) : `${first}.${second}`,
  )
  return [...new Set([...direct.filter((name) => !ctes.has(name.toLowerCase())), ...dbt])].sort()
}
