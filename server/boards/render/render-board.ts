import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { diagnostic } from '../compile/diagnostic.ts'
import type { BoundBoard } from '../compiled-board.ts'
import { withoutControls } from '../without-controls.ts'

export type RenderFormat = 'text' | 'html' | 'svg' | 'png' | 'terminal'

export interface Rendering {
  readonly contentType: string
  /** Bytes of a PNG, else text. */
  readonly content: string | Uint8Array
  /** Those of the board, and what drawing found. */
  readonly diagnostics: readonly BoardDiagnostic[]
}

export interface RenderOptions {
  readonly format: RenderFormat
  readonly scheme: 'light' | 'dark'
  readonly width?: number | undefined
  /** Id of the only chart that is wanted. */
  readonly chart?: string | undefined
  /** Milliseconds that drawing may take; undefined is as long as it takes. */
  readonly drawMs?: number | undefined
}

/** Renders a board that was bound. Every format knows all findings, for the picture is drawn for each but the terminal. */
export const renderBoard = async (board: BoundBoard, options: RenderOptions): Promise<Rendering> => {
  const { format, scheme, width } = options
  if (format === 'terminal') {
    const { renderTerminal } = await import('./render-terminal.ts')
    return {
      contentType: 'text/plain; charset=utf-8',
      content: withoutControls(renderTerminal(board, width ?? 100)),
      diagnostics: board.diagnostics,
    }
  }
  const { svg, findings } = await draw(board, options)
  const diagnostics = merged(board.diagnostics, findings, board)
  if (format === 'svg') return { contentType: 'image/svg+xml', content: svg, diagnostics }
  if (format === 'png') {
    const { charactersLacking, renderPng } = await import('../draw/render-png.ts')
    const lacking = charactersLacking(svg)
    const shown = lacking.slice(0, 10).join(' ') + (lacking.length > 10 ? ' …' : '')
    const told = lacking.length === 0 ? [] : [diagnostic('CHARACTERS_NOT_BUNDLED', board.root.place, `The bundled font lacks ${shown}.`)]
    return { contentType: 'image/png', content: await renderPng(svg, undefined, lacking), diagnostics: [...diagnostics, ...told] }
  }
  const { renderText } = await import('./render-text.ts')
  const text = withoutControls(renderText(board, diagnostics))
  if (format === 'text') return { contentType: 'text/plain; charset=utf-8', content: text, diagnostics }
  const { renderHtml } = await import('./render-html.ts')
  return { contentType: 'text/html; charset=utf-8', content: renderHtml(board, svg, text, scheme), diagnostics }
}

const draw = async (board: BoundBoard, { scheme, width, chart, drawMs }: RenderOptions) => {
  const bound = chart === undefined ? undefined : board.charts.get(chart)
  const [{ drawBoard }, { drawChart }, { resolveOptions }] = await Promise.all([
    import('../draw/draw-board.ts'),
    import('../draw/draw-chart.ts'),
    import('../charts/chart-context.ts'),
  ])
  const asked = {
    ...(width !== undefined && { width }),
    ...(drawMs !== undefined && { drawUntil: performance.now() + drawMs }),
  }
  return bound === undefined ? drawBoard(board, { scheme, ...asked }) : drawChart(bound, { ...resolveOptions(board, { scheme }), ...asked })
}

/** What drawing found is told once, and not where a chart or its query says that it knows. */
const merged = (known: readonly BoardDiagnostic[], found: readonly BoardDiagnostic[], board: BoundBoard): BoardDiagnostic[] => {
  const key = ({ code, chart, message }: BoardDiagnostic) => JSON.stringify([code, chart, message])
  const seen = new Set(known.map(key))
  const isIgnored = ({ level, code, chart }: BoardDiagnostic) =>
    level === 'warning' && board.charts.get(chart ?? '')?.chart.warnings_ignore?.includes(code) === true
  return [...known, ...found.filter((one) => !seen.has(key(one)) && !isIgnored(one) && seen.add(key(one)))]
}
