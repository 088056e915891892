import type { BoardDiagnostic, BoardDiagnosticCode } from '../../../contracts/v1/board/diagnostics.ts'
import { offsetOfByte } from '../../envelope/text-position.ts'
import type { UsedName } from '../../sources/source.ts'
import { diagnostic } from '../compile/diagnostic.ts'
import type { ReadQuery } from '../compile/read-queries.ts'
import type { CompiledBoard, CompiledQuery } from '../compiled-board.ts'

/** How the queries of a board are written, as the grammars of their engines read them. */
export const checkQueries = (board: CompiledBoard, read: readonly ReadQuery[]): BoardDiagnostic[] => {
  const found: BoardDiagnostic[] = []
  const known = new Map<string, string>()
  const readings = new Map(read.map((one) => [one.query.id, one]))
  for (const query of board.queries.values()) {
    if (!('sql' in query.definition)) continue
    const tell = (code: BoardDiagnosticCode, message: string): void => {
      if (!(query.definition.ignore ?? []).includes(code))
        found.push(diagnostic(code, query.place, message, undefined, { query: query.id }))
    }
    const reading = readings.get(query.id)
    if (hasOwn(reading, ({ stars }) => stars, /^(?:(?:"[^"]*"|[^\s.,*"]+)\s*\.\s*)*\*/))
      tell('SELECT_STAR', `The query "${query.id}" selects *.`)
    if (hasOwn(reading, ({ looseLimits }) => looseLimits)) tell('LIMIT_WITHOUT_ORDER', `The query "${query.id}" has LIMIT and no ORDER BY.`)
    // Of a source that is not there it is not known what it is.
    if (query.sourceFault !== undefined) continue
    const same = sameText(query, query.definition.sql)
    const other = known.get(same)
    if (other === undefined) known.set(same, query.id)
    else tell('DUPLICATE_QUERY', `The query "${query.id}" is the same as "${other}".`)
  }
  return found
}

/** Whether something stands in the text of the query itself, not in that of one that it uses or in what the engine adds. */
const hasOwn = (
  reading: ReadQuery | undefined,
  of: (facts: NonNullable<ReadQuery['facts']>) => readonly UsedName[],
  written = /^/,
): boolean => {
  const { bound, facts, query } = reading ?? {}
  if (bound === undefined || facts === undefined || query === undefined) return false
  return of(facts).some(({ position }) => {
    if (position === undefined) return false
    const offset = offsetOfByte(bound.sql, position)
    return bound.originOf(offset).template.query === query.id && written.test(bound.sql.slice(offset))
  })
}

const sameText = ({ source, scope }: CompiledQuery, sql: string): string =>
  JSON.stringify([source, sql.replace(/\s+/g, ' ').replace(/;\s*$/, '').trim(), /\bqueries\./.test(sql) ? [...scope] : []])
