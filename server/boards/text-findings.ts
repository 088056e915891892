import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'
import { checkSql } from './compile/check-sql.ts'
import { usesOf } from './compile/query-depths.ts'
import { readQueries, type SqlCheckOptions } from './compile/read-queries.ts'
import type { BoundBoard, CompiledBoard } from './compiled-board.ts'
import { checkWrittenColumns, type WrittenColumns, writtenColumns } from './written-columns.ts'

/** What the text of a board tells of its SQL, with no database touched. */
interface SqlReading {
  /** What is wrong, by the id of the query. */
  readonly faults: ReturnType<typeof checkSql>
  readonly columns: WrittenColumns
}

const kept = new WeakMap<CompiledBoard, { readonly today: string; readonly reading: SqlReading }>()

/** Kept for as long as the board and the day. */
const readingOf = async (board: CompiledBoard, options: SqlCheckOptions): Promise<SqlReading> => {
  const known = kept.get(board)
  if (known?.today === options.today) return known.reading
  const read = await readQueries(board, options)
  const reading = { faults: checkSql(board, read), columns: writtenColumns(board, read) }
  kept.set(board, { today: options.today, reading })
  return reading
}

/** What the text of SQL tells of it, by the id of the query. */
export const faultsOfSql = async (board: CompiledBoard, options: SqlCheckOptions): Promise<SqlReading['faults']> =>
  (await readingOf(board, options)).faults

/** All that the text of a board tells, of its SQL too: one judgement, whoever asks for it. */
export const findingsOfText = async (board: CompiledBoard, options: SqlCheckOptions): Promise<readonly BoardDiagnostic[]> => {
  const { faults, columns } = await readingOf(board, options)
  return uniqueFindings([...board.diagnostics, ...faults.values(), ...checkWrittenColumns(board, columns)])
}

/** The same finding once, as it was told first: what is about the board is not about the first chart or query that it stops. */
export const uniqueFindings = (diagnostics: readonly BoardDiagnostic[]): BoardDiagnostic[] => {
  const seen = new Set<string>()
  return diagnostics.filter(({ code, file, line, column, message }) => {
    const key = JSON.stringify([code, file, line, column, message])
    return !seen.has(key) && seen.add(key)
  })
}

/** A board that was run, with what its text tells of the SQL that gave no rows, as that which nothing drawn uses, and of its columns. */
export const withSqlFaults = async (board: CompiledBoard, bound: BoundBoard, options: SqlCheckOptions): Promise<BoundBoard> => {
  const worked = workingQueries(board, bound)
  const { faults, columns } = await readingOf(board, options)
  const others = [...faults].filter(([id]) => !worked.has(id)).map(([, fault]) => fault)
  return { ...bound, diagnostics: uniqueFindings([...bound.diagnostics, ...others, ...checkWrittenColumns(board, columns, bound)]) }
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
