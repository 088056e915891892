import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { BoardStyle } from '../../../contracts/v1/board/style.ts'
import { inkOnGround, resolveOptions, themeOfGround } from '../charts/chart-context.ts'
import { cleanText } from '../charts/chart-data.ts'
import { fontWeight } from '../charts/font-spec.ts'
import type { Scheme } from '../charts/theme.ts'
import type { BoundBoard } from '../compiled-board.ts'
import { pixels, readSides } from './box.ts'
import type { Picture } from './draw-chart.ts'
import { withNotices } from './draw-notices.ts'
import { drawVariables } from './draw-variables.ts'
import { type BoardDrawing, groupBox } from './group-box.ts'
import { svgDocument, textElement } from './svg.ts'

export interface BoardPictureOptions {
  /** Pixels; default what the board asks for, else 1200. */
  readonly width?: number
  /** Undefined takes that of the board. */
  readonly theme?: string
  readonly scheme?: Scheme
  /** See `ChartOptions`. */
  readonly drawUntil?: number
}

/** A whole board as one still picture. A chart that cannot be drawn says so in its place. */
export async function drawBoard(board: BoundBoard, options: BoardPictureOptions = {}): Promise<Picture> {
  const { style } = board.root
  const { drawUntil } = options
  const chartOptions = { ...resolveOptions(board, options), ...(drawUntil !== undefined && { drawUntil }) }
  const { theme } = chartOptions
  const width = Math.max(240, options.width ?? pixels(style.frame?.width ?? style.frame?.max_width, 1200) ?? 1200)
  const margin = readSides(style.frame?.margin, width < 600 ? 16 : 32)
  const ground = themeOfGround(style, chartOptions)
  const drawing: BoardDrawing = { board, options: chartOptions, ground, charts: [] }
  const root = await groupBox(board.root, drawing, 0, (room) =>
    withNotices(drawVariables(style.variables?.visible === false ? [] : board.variables, room, theme), board.notices ?? [], room, ground),
  )
  const room = width - margin.left - margin.right
  const natural = root.measure(room)
  const foot = footerText(style)
  const footFont = (typeof style.footer === 'object' ? style.footer.font : undefined) ?? {}
  const height = Math.ceil(
    Math.max(margin.top + natural + margin.bottom + (foot === undefined ? 0 : 24), pixels(style.frame?.min_height, 0) ?? 0),
  )
  const body = await root.draw({ x: margin.left, y: margin.top, width: room, height: natural })
  const footer =
    foot === undefined
      ? ''
      : textElement(cleanText(foot), margin.left, height - margin.bottom + 4, {
          size: footFont.size ?? 12,
          weight: fontWeight(footFont.weight) ?? 400,
          color: inkOnGround(footFont.color, ground.muted, ground, chartOptions),
        })
  const background = ground === theme ? theme.page : ground.card
  const svg = svgDocument(body + footer, { width, height, background, label: board.title ?? 'Board' })
  return { svg, findings: drawing.charts.flatMap(({ findings }) => findings as BoardDiagnostic[]) }
}

/** What stands below the board. */
export const footerText = ({ footer }: BoardStyle): string | undefined =>
  typeof footer === 'object' && footer.visible !== false ? footer.text : undefined
