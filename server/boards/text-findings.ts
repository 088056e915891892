import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'
import { checkSql } from './compile/check-sql.ts'
import { usesOf } from './compile/query-depths.ts'
import type { SqlCheckOptions } from './compile/read-queries.ts'
import type { BoundBoard, CompiledBoard } from './compiled-board.ts'

type SqlFaults = Awaited<ReturnType<typeof checkSql>>

const kept = new WeakMap<CompiledBoard, { readonly today: string; readonly faults: SqlFaults }>()

/** What the text of SQL tells of it, by the id of the query. Kept for as long as the board and the day. */
export const faultsOfSql = async (board: CompiledBoard, options: SqlCheckOptions): Promise<SqlFaults> => {
  const known = kept.get(board)
  if (known?.today === options.today) return known.faults
  const faults = await checkSql(board, options)
  kept.set(board, { today: options.today, faults })
  return faults
}

/** All that the text of a board tells, of its SQL too: one judgement, whoever asks for it. */
export const findingsOfText = async (board: CompiledBoard, options: SqlCheckOptions): Promise<readonly BoardDiagnostic[]> =>
  uniqueFindings([...board.diagnostics, ...(await faultsOfSql(board, options)).values()])

/** The same finding once, as it was told first: what is about the board is not about the first chart or query that it stops. */
export const uniqueFindings = (diagnostics: readonly BoardDiagnostic[]): BoardDiagnostic[] => {
  const seen = new Set<string>()
  return diagnostics.filter(({ code, file, line, column, message }) => {
    const key = JSON.stringify([code, file, line, column, message])
    return !seen.has(key) && seen.add(key)
  })
}

/** A board that was run, with what its text tells of the SQL that gave no rows, as that which nothing drawn uses. */
export const withSqlFaults = async (board: CompiledBoard, bound: BoundBoard, options: SqlCheckOptions): Promise<BoundBoard> => {
  const worked = workingQueries(board, bound)
  const others = [...(await faultsOfSql(board, options))].filter(([id]) => !worked.has(id)).map(([, fault]) => fault)
  return others.length === 0 ? bound : { ...bound, diagnostics: uniqueFindings([...bound.diagnostics, ...others]) }
}

/** The queries that gave the rows of charts, and those that these use. */
const workingQueries = ({ charts, queries }: CompiledBoard, bound: BoundBoard): ReadonlySet<string> => {
  const open = [...bound.charts.values()].flatMap(({ id, rows, layers: layerRows = [] }) => {
    const { query, layers = [] } = charts.get(id) ?? {}
    return [rows && query, ...layers.filter((_, index) => layerRows[index] !== undefined)].filter((one) => one !== undefined)
  })
  const working = new Set<string>()
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (working.has(id)) continue
    working.add(id)
    open.push(...usesOf(queries.get(id)))
  }
  return working
}
