import type { Theme } from '../charts/theme.ts'
import { wrapText } from '../fonts/fit-text.ts'
import { textWidth } from '../fonts/text-width.ts'
import type { Block, Run } from './markdown-blocks.ts'
import { element, type TextStyle, textElement } from './svg.ts'
import { codePadding, type Piece, runFont, setLines } from './text-lines.ts'

/** Something of a known size that is drawn at a place. */
export interface Drawing {
  readonly height: number
  readonly width: number
  draw(x: number, y: number): string
}

export interface MarkdownStyle {
  readonly theme: Theme
  readonly color: string
  readonly size: number
  readonly align?: 'left' | 'center' | 'right'
}

const headings: Readonly<Record<number, { size: number; before: number }>> = {
  1: { size: 22, before: 18 },
  2: { size: 18, before: 16 },
  3: { size: 15, before: 14 },
}

/** Sets Markdown in a width. */
export function setMarkdown(blocks: readonly Block[], width: number, style: MarkdownStyle): Drawing {
  const gap = style.size * 0.75
  const parts: { at: number; drawing: Drawing }[] = []
  let y = 0
  for (const block of blocks) {
    if (y > 0) y += block.kind === 'heading' ? (headings[block.level] ?? { before: 12 }).before : gap
    const drawing = setBlock(block, width, style)
    parts.push({ at: y, drawing })
    y += drawing.height
  }
  return { height: y, width, draw: (x, top) => parts.map(({ at, drawing }) => drawing.draw(x, top + at)).join('') }
}

function setBlock(block: Block, width: number, style: MarkdownStyle): Drawing {
  const { theme, size } = style
  switch (block.kind) {
    case 'heading':
      return setText(
        block.runs.map((run) => ({ ...run, bold: true })),
        width,
        { ...style, color: theme.ink, size: headings[block.level]?.size ?? size },
        1.3,
      )
    case 'paragraph':
      return setText(block.runs, width, style)
    case 'list':
      return setList(block, width, style)
    case 'quote': {
      const inner = setMarkdown(block.blocks, width - 16, { ...style, color: theme.muted })
      return {
        ...inner,
        width,
        draw: (x, y) => element('rect', { x, y, width: 3, height: inner.height, rx: 1.5, fill: theme.border }) + inner.draw(x + 16, y),
      }
    }
    case 'code':
      return setCode(block.text, width, style)
    case 'rule':
      return { width, height: 9, draw: (x, y) => element('rect', { x, y: y + 4, width, height: 1, fill: theme.border }) }
    case 'table':
      return setTable(block.rows, width, style)
  }
}

function setText(runs: readonly Run[], width: number, style: MarkdownStyle, leading = 1.5): Drawing {
  const { size, align = 'left' } = style
  const lines = setLines(runs, width, { size })
  const lineHeight = size * leading
  return {
    width,
    height: lines.length * lineHeight,
    draw: (x, y) =>
      lines
        .map((line, index) => {
          const used = line.reduce((end, piece) => Math.max(end, piece.x + piece.width), 0)
          const indent = align === 'right' ? width - used : align === 'center' ? (width - used) / 2 : 0
          return line.map((piece) => drawPiece(piece, x + indent, y + index * lineHeight + lineHeight / 2 + size * 0.36, style)).join('')
        })
        .join(''),
  }
}

function drawPiece(piece: Piece, x: number, baseline: number, { theme, color, size }: MarkdownStyle): string {
  const face = runFont(piece, { size })
  const ink = piece.link === undefined ? (piece.bold ? theme.ink : color) : theme.accent
  const style: TextStyle = { ...face, color: ink, ...(piece.struck === true && { struck: true }) }
  const text = textElement(piece.text, x + piece.x + (piece.code ? codePadding : 0), baseline, style)
  if (piece.link !== undefined) return element('a', { href: piece.link, target: '_blank', rel: 'noopener' }, text)
  if (!piece.code) return text
  const box = { x: x + piece.x, y: baseline - size * 0.95, width: piece.width, height: size * 1.3 }
  return element('rect', { ...box, rx: 3, fill: theme.grid }) + text
}

function setList(list: Block & { kind: 'list' }, width: number, style: MarkdownStyle): Drawing {
  const { size } = style
  const marker = (index: number): string => (list.start === undefined ? '•' : `${list.start + index}.`)
  const indent = Math.max(size * 1.3, textWidth(marker(list.items.length - 1), { size }) + size * 0.6)
  const items = list.items.map((blocks) => setMarkdown(blocks, width - indent, style))
  const gap = size * 0.3
  const height = items.reduce((sum, item) => sum + item.height, 0) + gap * Math.max(0, items.length - 1)
  return {
    width,
    height,
    draw(x, y) {
      let top = y
      return items
        .map((item, index) => {
          const mark = textElement(marker(index), x + indent - size * 0.55, top + size * 1.11, {
            size,
            color: style.theme.muted,
            align: 'right',
          })
          const drawn = mark + item.draw(x + indent, top)
          top += item.height + gap
          return drawn
        })
        .join('')
    },
  }
}

function setCode(text: string, width: number, { theme, size }: MarkdownStyle): Drawing {
  const font = { size: size * 0.88, monospace: true }
  const lines = text.split('\n').flatMap((line) => (line.trim() === '' ? [''] : wrapText(line, width - 28, font)))
  const lineHeight = font.size * 1.5
  const height = lines.length * lineHeight + 20
  return {
    width,
    height,
    draw: (x, y) =>
      element('rect', { x, y, width, height, rx: 6, fill: theme.grid }) +
      lines.map((line, index) => textElement(line, x + 14, y + 10 + lineHeight * (index + 0.72), { ...font, color: theme.ink })).join(''),
  }
}

function setTable(
  rows: readonly (readonly { runs: readonly Run[]; align: 'left' | 'center' | 'right' }[])[],
  width: number,
  style: MarkdownStyle,
): Drawing {
  const { size, theme } = style
  const count = Math.max(0, ...rows.map((row) => row.length))
  const plain = (runs: readonly Run[]): string => runs.map(({ text }) => text).join('')
  const natural = Array.from(
    { length: count },
    (_, index) => Math.max(...rows.map((row) => textWidth(plain(row[index]?.runs ?? []), { size, weight: 600 })), 20) + 28,
  )
  const total = natural.reduce((sum, each) => sum + each, 0)
  const widths = natural.map((each) => (total > width ? (each / total) * width : each))
  const used = Math.min(total, width)
  const cells = rows.map((row, index) =>
    row.map((cell, column) =>
      setText(index === 0 ? cell.runs.map((run) => ({ ...run, bold: true })) : cell.runs, (widths[column] as number) - 28, {
        ...style,
        align: cell.align,
      }),
    ),
  )
  const heights = cells.map((row) => Math.max(size * 1.5, ...row.map(({ height }) => height)) + 12)
  return {
    width,
    height: heights.reduce((sum, each) => sum + each, 0),
    draw(x, y) {
      let top = y
      return cells
        .map((row, index) => {
          let left = x
          const drawn = row.map((cell, column) => {
            const at = left
            left += widths[column] as number
            return cell.draw(at + (column === 0 ? 0 : 14), top + 6)
          })
          top += heights[index] as number
          return (
            drawn.join('') + element('rect', { x, y: top - 0.5, width: used, height: 1, fill: index === 0 ? theme.baseline : theme.grid })
          )
        })
        .join('')
    },
  }
}
