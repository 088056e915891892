import type { BoardDiagnostic, BoardDiagnosticCode } from '../../../contracts/v1/board/diagnostics.ts'
import { diagnostic } from '../compile/diagnostic.ts'
import type { CompiledBoard, CompiledQuery } from '../compiled-board.ts'

/** How the queries of a board are written. */
export const checkQueries = (board: CompiledBoard): BoardDiagnostic[] => {
  const found: BoardDiagnostic[] = []
  const known = new Map<string, string>()
  for (const query of board.queries.values()) {
    if (!('sql' in query.definition)) continue
    const tell = (code: BoardDiagnosticCode, message: string): void => {
      if (!(query.definition.ignore ?? []).includes(code))
        found.push(diagnostic(code, query.place, message, undefined, { query: query.id }))
    }
    const { sql } = query.definition
    const words = wordsOf(sql)
    if (/(\bselect(\s+(distinct|all))?|,)\s+(\w+\.)*\*(?=\s*(,|\)|\bfrom\b|$))/.test(words))
      tell('SELECT_STAR', `The query "${query.id}" selects *.`)
    if (/\b(limit\s+\S|fetch\s+first)/.test(words) && !/\border\s+by\b/.test(words))
      tell('LIMIT_WITHOUT_ORDER', `The query "${query.id}" has LIMIT and no ORDER BY.`)
    const same = sameText(query, sql)
    const other = known.get(same)
    if (other === undefined) known.set(same, query.id)
    else tell('DUPLICATE_QUERY', `The query "${query.id}" is the same as "${other}".`)
  }
  return found
}

/** The words of SQL in lower case, without comments and what is quoted. */
const wordsOf = (sql: string): string =>
  sql
    .replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
    .replace(/'(?:[^']|'')*'/g, "''")
    .replace(/"(?:[^"]|"")*"/g, 'x')
    .toLowerCase()
    .trim()

const sameText = ({ source, scope }: CompiledQuery, sql: string): string =>
  JSON.stringify([source, sql.replace(/\s+/g, ' ').replace(/;\s*$/, '').trim(), /\bqueries\./.test(sql) ? [...scope] : []])
