import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { Fault } from '../../envelope/fault.ts'
import { positionAt } from '../../envelope/text-position.ts'
import type { StatementFacts } from '../../sources/source.ts'
import type { CompiledBoard, CompiledQuery, Place } from '../compiled-board.ts'
import type { Origin } from '../template/sql-draft.ts'
import { TemplateFault } from '../template/template-fault.ts'
import { diagnostic } from './diagnostic.ts'
import { readQueries, type SqlCheckOptions } from './read-queries.ts'

/**
 * What is wrong with the SQL of a board as far as its text tells, with no database touched: each query is rendered with the
 * defaults of its variables, and must then be one statement that only reads, in the grammar of its engine.
 */
export const checkSql = async (board: CompiledBoard, options: SqlCheckOptions): Promise<BoardDiagnostic[]> =>
  (await readQueries(board, options)).flatMap(({ query, bound, facts, fault = facts && faultOf(facts) }) => {
    if (fault === undefined) return []
    const about = board.queries.has(query.id) ? { query: query.id } : {}
    if (fault instanceof TemplateFault) {
      const place = placeOf({ template: fault.template, at: fault.position.offset }, query, board)
      return isTold(place, board) ? [] : [diagnostic(fault.code, place, fault.message, fault.hint, about)]
    }
    const place = bound === undefined ? query.place : placeOf(bound.originOf(fault.details.position?.offset ?? 0), query, board)
    const code = fault.code === 'SQL_ERROR' ? 'SQL_ERROR' : 'SQL_REJECTED'
    return [diagnostic(code, place, fault.message, fault.details.hint, about)]
  })

/** Whether an error of a place was found when the board was compiled. */
const isTold = ({ file, line, column }: Place, { diagnostics }: CompiledBoard): boolean =>
  diagnostics.some((one) => one.level === 'error' && one.file === file && one.line === line && one.column === column)

/** Where a place of a template was written: in the query, or in one that it uses. */
export const placeOf = ({ template, at }: Origin, query: CompiledQuery, board: CompiledBoard): Place =>
  (board.queries.get(template.query ?? '') ?? query).locate('sql', positionAt(template.text, at))

const faultOf = ({ count, writes, kind }: StatementFacts): Fault | undefined => {
  if (count !== 1) return rejected(count === 0 ? 'The query holds no statement.' : `The query holds ${count} statements.`)
  if (writes.length > 0) return rejected(`The query does more than read: ${writes[0]}.`)
  return kind === 'select' ? undefined : rejected(`The query is no SELECT: ${kind}.`)
}

const rejected = (message: string): Fault => new Fault('SQL_REJECTED', message, { hint: 'Write one SELECT.' })
