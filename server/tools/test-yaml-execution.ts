import { testYamlExecution } from '../../contracts/v2/tools/test-yaml-execution.ts'
import { boardsOf } from '../boards/board-store.ts'
import { countFindings } from '../boards/count-findings.ts'
import { boardOfInput } from '../boards/find-board.ts'
import { takingTurn } from '../boards/render/render-aside.ts'
import { queryProgress } from '../boards/run/query-progress.ts'
import { runnerOptions } from '../boards/run/runner-options.ts'
import { testBoard } from '../boards/run/test-board.ts'
import { tellFindings } from '../boards/tell-findings.ts'
import { defineHandler } from '../dispatch/define-handler.ts'

export const handler = defineHandler(testYamlExecution, async (input, context) => {
  const { board } = await boardOfInput(boardsOf(context.project), input)
  const { caller, signal } = context
  const onQueryDone = queryProgress(board.queries.keys(), context.progress)
  const { queries, charts, diagnostics } = await takingTurn(caller.id, signal, () =>
    testBoard(board, {
      ...runnerOptions(context.project, context, { isFresh: true }),
      values: input.variables ?? {},
      maxRows: input.limit,
      onQueryDone,
      signal,
    }),
  )
  const counts = countFindings(diagnostics)
  const rows = queries.reduce((sum, { row_count: count = 0 }) => sum + count, 0)
  return { rows, data: { works: counts.errors === 0, queries, charts, diagnostics: tellFindings(diagnostics), counts } }
})
