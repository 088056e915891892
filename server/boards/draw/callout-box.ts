import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import type { ChartContext } from '../charts/chart-context.ts'
import { cleanText } from '../charts/chart-data.ts'
import { fontWeight } from '../charts/font-spec.ts'
import { readSides } from './box.ts'
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
  const { style } = chart
  const font = { ...style?.font, ...style?.message?.font }
  const headFont = { ...style?.font, ...style?.title?.font }
  const size = font.size ?? 14
  const color = context.ink(font.color, theme.ink)
  const body = (width: number): ReturnType<typeof setMarkdown> =>
    setMarkdown(blocks, width - inset.left - inset.right - indent, { theme, color, size, align: style?.align ?? font.align ?? 'left' })
  const hasTitle = chart.title !== undefined && style?.title?.visible !== false
  const headSize = headFont.size ?? 14
  const head = hasTitle ? 23 + (headSize - 14) * 1.4 : 0
  const sides = readSides(style?.padding, Number.NaN)
  const inset = {
    top: Number.isNaN(sides.top) ? padding.y : sides.top,
    bottom: Number.isNaN(sides.bottom) ? padding.y : sides.bottom,
    left: Number.isNaN(sides.left) ? padding.x : sides.left,
    right: Number.isNaN(sides.right) ? padding.x : sides.right,
  }
  const border = typeof style?.border === 'object' ? style.border : {}
  return {
    width: chart.width,
    findings: context.findings.all,
    measure: (width) => inset.top + inset.bottom + head + body(width).height,
    async draw({ x, y, width, height }) {
      const background = context.ground ?? context.color(chart.style?.background, colors.subtle)
      const [left, top] = [x + inset.left + indent, y + inset.top]
      return [
        element('rect', {
          x: x + 0.5,
          y: y + 0.5,
          width: width - 1,
          height: height - 1,
          rx: border.radius ?? theme.radius * 0.8,
          fill: background,
          stroke: style?.border === false ? 'none' : context.color(border.color, colors.border),
          'stroke-width': border.width,
          'fill-opacity': style?.opacity,
        }),
        glyph === '' ? '' : element('circle', { cx: x + inset.left + 9, cy: top + 10.5, r: 9, fill: colors.solid }),
        glyph === ''
          ? ''
          : textElement(glyph, x + inset.left + 9, top + 14.5, { size: 11, weight: 700, color: theme.card, align: 'center' }),
        hasTitle
          ? textElement(cleanText(chart.title ?? ''), left, top + headSize + 1, {
              size: headSize,
              weight: fontWeight(headFont.weight) ?? 600,
              color: context.ink(headFont.color, theme.ink),
            })
          : '',
        body(width).draw(left, top + head),
      ].join('')
    },
  }
}
