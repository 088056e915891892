import { reviewDashboard } from '../../contracts/v1/tools/review-dashboard.ts'
import { boardsOf } from '../boards/board-store.ts'
import { readQueries } from '../boards/compile/read-queries.ts'
import { boardOfInput } from '../boards/find-board.ts'
import { renderAside, takingTurn } from '../boards/render/render-aside.ts'
import { reviewBoard } from '../boards/review/review-board.ts'
import { queriesOfCharts, queryProgress } from '../boards/run/query-progress.ts'
import { runBoard } from '../boards/run/run-board.ts'
import { runnerOptions, sqlCheckOptions } from '../boards/run/runner-options.ts'
import { withSqlFaults } from '../boards/text-findings.ts'
import { defineHandler } from '../dispatch/define-handler.ts'

export const handler = defineHandler(reviewDashboard, async (input, context) => {
  const { project } = context
  const { board } = await boardOfInput(boardsOf(project), input)
  const { caller, signal } = context
  const onQueryDone = queryProgress(queriesOfCharts(board), context.progress)
  const { bound, diagnostics } = await takingTurn(caller.id, signal, async () => {
    const run = await runBoard(board, { ...runnerOptions(project, context), values: input.variables ?? {}, onQueryDone })
    const bound = await withSqlFaults(board, run, sqlCheckOptions(project, signal))
    return { bound, ...(await renderAside(bound, { format: 'svg', scheme: 'light' }, signal)) }
  })
  const read = await readQueries(board, sqlCheckOptions(project, signal))
  const { findings, counts, verdict } = reviewBoard(board, bound, diagnostics, read, input.max_findings)
  return { data: { findings: findings.map((one) => ({ ...one })), counts: { ...counts }, verdict } }
})
