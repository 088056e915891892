import { reviewDashboard } from '../../contracts/v1/tools/review-dashboard.ts'
import { boardsOf } from '../boards/board-store.ts'
import { boardOfInput } from '../boards/find-board.ts'
import { renderBoard } from '../boards/render/render-board.ts'
import { reviewBoard } from '../boards/review/review-board.ts'
import { runBoard } from '../boards/run/run-board.ts'
import { runnerOptions } from '../boards/run/runner-options.ts'
import { defineHandler } from '../dispatch/define-handler.ts'

export const handler = defineHandler(reviewDashboard, async (input, context) => {
  const { project } = context
  const { board } = await boardOfInput(boardsOf(project), input)
  const bound = await runBoard(board, { ...runnerOptions(project, context), values: input.variables ?? {} })
  const { diagnostics } = await renderBoard(bound, { format: 'svg', scheme: 'light' })
  const { findings, counts, verdict } = reviewBoard(board, bound, diagnostics, input.max_findings)
  return { data: { findings: findings.map((one) => ({ ...one })), counts: { ...counts }, verdict } }
})
