import type { z } from 'zod'
import { renderDashboard } from '../../contracts/v1/tools/render-dashboard.ts'
import { boardsOf } from '../boards/board-store.ts'
import type { BoundChart } from '../boards/compiled-board.ts'
import { countRows, countRowsOf } from '../boards/encoded-rows.ts'
import { boardOfInput } from '../boards/find-board.ts'
import { fitRows } from '../boards/render/fit-rows.ts'
import { renderAside, takingTurn } from '../boards/render/render-aside.ts'
import { queriesOfCharts, queryProgress } from '../boards/run/query-progress.ts'
import { chartsIn, runBoard } from '../boards/run/run-board.ts'
import { boardTimeoutMs, runnerOptions, sqlCheckOptions } from '../boards/run/runner-options.ts'
import { tellFindings } from '../boards/tell-findings.ts'
import { withSqlFaults } from '../boards/text-findings.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { EncodedJson } from '../envelope/encoded-json.ts'
import { Fault } from '../envelope/fault.ts'
import { nearestName } from '../envelope/nearest-name.ts'
import { countTokens } from '../envelope/tokens-aside.ts'

type Input = z.output<typeof renderDashboard.input>

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
  const onQueryDone = queryProgress(queriesOfCharts(board, chart), context.progress)
  const { bound, rendering } = await takingTurn(context.caller.id, context.signal, async () => {
    const run = await runBoard(board, { ...runnerOptions(project, context), values: input.variables ?? {}, chart, onQueryDone })
    const bound = chart === undefined ? await withSqlFaults(board, run, sqlCheckOptions(project, context.signal)) : run
    if (format === 'json') return { bound, rendering: undefined }
    const look = { format, scheme: input.theme, width: input.width, chart, drawMs: boardTimeoutMs(project) / 4 }
    return { bound, rendering: await renderAside(bound, look, context.signal) }
  })
  const content = rendering === undefined ? undefined : asText(rendering.content)
  if (content !== undefined) await checkSize(content, input)
  const ids = chart === undefined ? chartsIn(bound.root) : [chart]
  const charts = ids.flatMap((id) => bound.charts.get(id) ?? [])
  const { given, warnings } = format === 'json' ? await giveRows(charts, input) : { given: charts.map(aboutChart), warnings: [] }
  return {
    warnings,
    rows: countRowsOf(charts),
    data: {
      format,
      content_type: rendering?.contentType ?? 'application/json',
      ...(content !== undefined && { content }),
      ...(bound.title !== undefined && { title: bound.title }),
      charts: given,
      variables: bound.variables.map(({ name, label, value }) => ({ name, label, value: value as unknown })),
      diagnostics: tellFindings(rendering?.diagnostics ?? bound.diagnostics),
    },
  }
})

const aboutChart = ({ id, chart: { type, title }, rows }: BoundChart) => ({
  name: id,
  type,
  ...(title !== undefined && { title }),
  ...(rows !== undefined && { row_count: countRows(rows), truncated: rows.truncated !== undefined }),
})

/** Refuses what is too much to answer with: of text, which a model reads, tokens; of anything, bytes. */
const checkSize = async (content: string, { format, max_tokens: maxTokens, max_bytes: maxBytes }: Input): Promise<void> => {
  const bytes = Buffer.byteLength(content)
  if (bytes > maxBytes)
    throw new Fault('RESULT_TOO_LARGE', `The rendering has ${bytes} bytes, more than ${maxBytes}.`, {
      hint: 'Ask for one chart, for text, or for more with max_bytes.',
    })
  // A PNG is counted as a picture by whoever reads it.
  if (format === 'png' || format === 'json' || bytes <= maxTokens) return
  const [tokens = 0] = await countTokens([content])
  if (tokens > maxTokens)
    throw new Fault('RESULT_TOO_LARGE', `The rendering has ${tokens} tokens, more than ${maxTokens}.`, {
      hint: `Ask for ${format === 'svg' || format === 'html' ? 'png, text, ' : ''}one chart, or for more with max_tokens.`,
    })
}

/** The charts with their columns and as many of their rows as fit. What their sources wrote is given as it is. */
const giveRows = async (charts: readonly BoundChart[], input: Input) => {
  const shown = charts.flatMap(({ id, rows }) => (rows === undefined ? [] : [{ id, rows }]))
  const fitted = await fitRows(
    shown.map(({ rows }) => rows),
    input.max_tokens,
  )
  const fitOf = new Map(shown.map(({ id }, index) => [id, fitted[index]]))
  const parts = charts.map((bound) => {
    const fit = fitOf.get(bound.id)
    if (bound.rows === undefined || fit === undefined) return JSON.stringify(aboutChart(bound))
    const about = aboutChart(bound)
    const head = JSON.stringify({ ...about, truncated: about.truncated === true || fit.isCut, columns: bound.rows.columns })
    return `${head.slice(0, -1)},"rows":${fit.json}}`
  })
  const json = `[${parts.join(',')}]`
  await checkSize(json, input)
  const message = `Rows of charts were cut to fit ${input.max_tokens} tokens. Ask for one chart, or for more with max_tokens.`
  return { given: new EncodedJson(json), warnings: fitted.some(({ isCut }) => isCut) ? [{ code: 'ROWS_CUT', message }] : [] }
}

const asText = (content: string | Uint8Array): string => (typeof content === 'string' ? content : Buffer.from(content).toString('base64'))
