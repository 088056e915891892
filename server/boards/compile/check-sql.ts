import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { Fault } from '../../envelope/fault.ts'
import { positionAt } from '../../envelope/text-position.ts'
import type { StatementFacts } from '../../sources/source.ts'
import type { CompiledBoard, CompiledQuery, Place } from '../compiled-board.ts'
import type { Origin } from '../template/sql-draft.ts'
import { TemplateFault } from '../template/template-fault.ts'
import { diagnostic } from './diagnostic.ts'
import type { ReadQuery } from './read-queries.ts'

/**
 * What is wrong with the SQL of a board as far as its text tells, by the id of the query: each is rendered with the defaults
 * of its variables, and must then be one statement that only reads, in the grammar of its engine.
 */
export const checkSql = (board: CompiledBoard, read: readonly ReadQuery[]): ReadonlyMap<string, BoardDiagnostic> => {
  const found = new Map<string, BoardDiagnostic>()
  /** The queries in whose text the faults of others lie. */
  const origins = new Map<string, string | undefined>()
  for (const { query, bound, facts, fault = facts && faultOf(facts) } of read) {
    if (fault === undefined) continue
    const isTemplate = fault instanceof TemplateFault
    const origin = isTemplate ? originOf(fault) : bound?.originOf(fault.details.position?.offset ?? 0)
    const finding = isTemplate ? templateFinding(fault, query, board) : sqlFinding(fault, query, origin, board)
    if (!isTemplate || !isTold(finding, board)) found.set(query.id, finding)
    origins.set(query.id, origin?.template.query)
  }
  // What is wrong with a query is told as it is by itself, and not once more of those that use it.
  return new Map([...found].map(([id, finding]) => [id, found.get(origins.get(id) ?? '') ?? finding]))
}

/** A template of SQL that cannot be rendered, where it was written. */
export const templateFinding = (fault: TemplateFault, query: WrittenSql, board: CompiledBoard): BoardDiagnostic =>
  diagnostic(fault.code, placeOf(originOf(fault), query, board), fault.message, fault.hint, aboutOf(query, board))

const originOf = ({ template, position }: TemplateFault): Origin => ({ template, at: position.offset })

const sqlFinding = ({ code, message, details }: Fault, query: CompiledQuery, origin: Origin | undefined, board: CompiledBoard) => {
  const place = origin === undefined ? query.place : placeOf(origin, query, board)
  return diagnostic(code === 'SQL_ERROR' ? code : 'SQL_REJECTED', place, message, details.hint, aboutOf(query, board))
}

/** SQL of a board: a query, or what is no query of it, such as the options of a variable. */
type WrittenSql = Pick<CompiledQuery, 'id' | 'locate'>

const aboutOf = ({ id }: WrittenSql, { queries }: CompiledBoard): { query?: string } => (queries.has(id) ? { query: id } : {})

/** Whether an error of a place was found when the board was compiled. */
const isTold = ({ file, line, column }: Place, { diagnostics }: CompiledBoard): boolean =>
  diagnostics.some((one) => one.level === 'error' && one.file === file && one.line === line && one.column === column)

/** Where a place of a template was written: in the query, or in one that it uses. */
export const placeOf = ({ template, at }: Origin, query: WrittenSql, board: CompiledBoard): Place =>
  (board.queries.get(template.query ?? '') ?? query).locate('sql', positionAt(template.text, at))

const faultOf = ({ count, writes, kind }: StatementFacts): Fault | undefined => {
  if (count !== 1) return rejected(count === 0 ? 'The query holds no statement.' : `The query holds ${count} statements.`)
  if (writes.length > 0) return rejected(`The query does more than read: ${writes[0]}.`)
  return kind === 'select' ? undefined : rejected(`The query is no SELECT: ${kind}.`)
}

const rejected = (message: string): Fault => new Fault('SQL_REJECTED', message, { hint: 'Write one SELECT.' })
