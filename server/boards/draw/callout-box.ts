import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import type { ChartContext } from '../charts/chart-context.ts'
import { cleanText } from '../charts/chart-data.ts'
import type { ChartBox } from './chart-box.ts'
import { setMarkdown } from './draw-markdown.ts'
import { readMarkdown } from './markdown-blocks.ts'
import { element, textElement } from './svg.ts'

const padding = { x: 18, y: 14 }
const glyphs = { positive: '✓', negative: '!', warning: '⚠', info: 'i', neutral: '' } as const

/** A note on a ground of its tone. */
export async function calloutBox(chart: ChartOf<'callout'>, context: ChartContext): Promise<ChartBox> {
  const { theme } = context
  const tone = chart.tone ?? 'info'
  const colors = theme.tones[tone]
  const blocks = await readMarkdown(chart.text)
  const glyph = chart.glyph ?? glyphs[tone]
  const indent = glyph === '' ? 0 : 28
  const size = chart.style?.font?.size ?? 14
  const color = context.color(chart.style?.font?.color, theme.ink)
  const body = (width: number): ReturnType<typeof setMarkdown> =>
    setMarkdown(blocks, width - 2 * padding.x - indent, { theme, color, size, align: chart.style?.align ?? 'left' })
  const head = chart.title === undefined ? 0 : 23
  return {
    width: chart.width,
    findings: context.findings.all,
    measure: (width) => 2 * padding.y + head + body(width).height,
    async draw({ x, y, width, height }) {
      const background = context.color(chart.style?.background, colors.subtle)
      const [left, top] = [x + padding.x + indent, y + padding.y]
      return [
        element('rect', {
          x: x + 0.5,
          y: y + 0.5,
          width: width - 1,
          height: height - 1,
          rx: theme.radius * 0.8,
          fill: background,
          stroke: colors.border,
        }),
        glyph === '' ? '' : element('circle', { cx: x + padding.x + 9, cy: top + 10.5, r: 9, fill: colors.solid }),
        glyph === ''
          ? ''
          : textElement(glyph, x + padding.x + 9, top + 14.5, { size: 11, weight: 700, color: theme.card, align: 'center' }),
        chart.title === undefined ? '' : textElement(cleanText(chart.title), left, top + 15, { size: 14, weight: 600, color: theme.ink }),
        body(width).draw(left, top + head),
      ].join('')
    },
  }
}
