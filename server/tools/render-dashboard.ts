import { renderDashboard } from '../../contracts/v1/tools/render-dashboard.ts'
import { boardsOf } from '../boards/board-store.ts'
import { boardOfInput } from '../boards/find-board.ts'
import { renderBoard } from '../boards/render/render-board.ts'
import { chartsIn, runBoard } from '../boards/run/run-board.ts'
import { runnerOptions } from '../boards/run/runner-options.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { Fault } from '../envelope/fault.ts'
import { nearestName } from '../envelope/nearest-name.ts'

/** Characters of a rendering; more helps nobody who asked over a call. */
const maxChars = 16 * 1024 * 1024

export const handler = defineHandler(renderDashboard, async (input, context) => {
  const { project } = context
  const { board } = await boardOfInput(boardsOf(project), input)
  const { chart, format } = input
  if (chart !== undefined && !board.charts.has(chart)) {
    const near = nearestName(chart, board.charts.keys())
    throw new Fault('VALIDATION_ERROR', `The board has no chart "${chart}".`, {
      path: 'chart',
      hint: near === undefined ? `Charts: ${[...board.charts.keys()].slice(0, 50).join(', ') || 'none'}.` : `Did you mean "${near}"?`,
    })
  }
  const bound = await runBoard(board, { ...runnerOptions(project, context), values: input.variables ?? {}, chart })
  const rendering = format === 'json' ? undefined : await renderBoard(bound, { format, scheme: input.theme, width: input.width, chart })
  const content = rendering === undefined ? undefined : asText(rendering.content)
  if (content !== undefined && content.length > maxChars)
    throw new Fault('RESULT_TOO_LARGE', 'The rendering is larger than an answer may be.', { hint: 'Ask for one chart, or for text.' })
  const ids = chart === undefined ? chartsIn(bound.root) : [chart]
  return {
    data: {
      format,
      content_type: rendering?.contentType ?? 'application/json',
      ...(content !== undefined && { content }),
      ...(bound.title !== undefined && { title: bound.title }),
      charts: ids.flatMap((id) => {
        const one = bound.charts.get(id)
        if (one === undefined) return []
        return [
          {
            name: id,
            type: one.chart.type,
            ...(one.chart.title !== undefined && { title: one.chart.title }),
            ...(one.rows !== undefined && { row_count: one.rows.rows.length, truncated: one.rows.truncated !== undefined }),
            ...(one.rows !== undefined &&
              format === 'json' && { columns: [...one.rows.columns], rows: one.rows.rows.map((row) => [...row]) }),
          },
        ]
      }),
      variables: bound.variables.map(({ name, label, value }) => ({ name, label, value: value as unknown })),
      diagnostics: [...(rendering?.diagnostics ?? bound.diagnostics)],
    },
  }
})

const asText = (content: string | Uint8Array): string => (typeof content === 'string' ? content : Buffer.from(content).toString('base64'))
