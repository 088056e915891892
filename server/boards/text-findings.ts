import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'
import { checkSql } from './compile/check-sql.ts'
import { usesOf } from './compile/query-depths.ts'
import type { SqlCheckOptions } from './compile/read-queries.ts'
import type { BoundBoard, CompiledBoard } from './compiled-board.ts'

const kept = new WeakMap<CompiledBoard, { readonly today: string; readonly diagnostics: readonly BoardDiagnostic[] }>()

/** All that the text of a board tells, of its SQL too: one judgement, whoever asks for it. Kept for as long as the board and the day. */
export const findingsOfText = async (board: CompiledBoard, options: SqlCheckOptions): Promise<readonly BoardDiagnostic[]> => {
  const known = kept.get(board)
  if (known?.today === options.today) return known.diagnostics
  const diagnostics = [...board.diagnostics, ...(await checkSql(board, options))]
  kept.set(board, { today: options.today, diagnostics })
  return diagnostics
}

/** A board that was run, with what its text tells of the SQL that was not: nothing that is drawn uses it. */
export const withUnusedSql = async (board: CompiledBoard, bound: BoundBoard, options: SqlCheckOptions): Promise<BoundBoard> => {
  const used = usedQueries(board, bound)
  const told = new Set(bound.diagnostics.filter(({ level }) => level === 'error').map(({ query }) => query))
  const unused = (await findingsOfText(board, options)).filter(
    (one) => !board.diagnostics.includes(one) && one.query !== undefined && !used.has(one.query) && !told.has(one.query),
  )
  return unused.length === 0 ? bound : { ...bound, diagnostics: [...bound.diagnostics, ...unused] }
}

/** The queries of the charts that were run, and those that these use. */
const usedQueries = ({ charts, queries }: CompiledBoard, bound: BoundBoard): ReadonlySet<string> => {
  const open = [...bound.charts.keys()].flatMap((id) => {
    const { query, layers = [] } = charts.get(id) ?? {}
    return [query, ...layers].filter((one) => one !== undefined)
  })
  const used = new Set<string>()
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (used.has(id)) continue
    used.add(id)
    open.push(...usesOf(queries.get(id)))
  }
  return used
}
