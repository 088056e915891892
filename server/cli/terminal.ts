import { stripVTControlCharacters, styleText } from 'node:util'

/** Colours, on a terminal only, and never when NO_COLOR is set. */
export const paint = (
  style: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan',
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
): string => (stream.isTTY === true && !process.env.NO_COLOR ? styleText(style, text) : text)

/** Columns of the terminal; a pipe gets whole lines. */
export const terminalWidth = (): number =>
  process.stdout.isTTY === true ? process.stdout.columns : Number(process.env.COLUMNS) || Number.POSITIVE_INFINITY

const segmenter = new Intl.Segmenter()
const wide = /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

/** Columns that a text takes. */
export const textWidth = (text: string): number => {
  const plain = stripVTControlCharacters(text)
  if (/^[ -~]*$/.test(plain)) return plain.length
  let width = 0
  for (const { segment } of segmenter.segment(plain)) width += wide.test(segment) ? 2 : 1
  return width
}

/** A text cut to so many columns, with … where something is missing. */
export const fitText = (text: string, width: number): string => {
  if (textWidth(text) <= width) return text
  let fitted = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    const next = wide.test(segment) ? 2 : 1
    if (used + next > width - 1) break
    fitted += segment
    used += next
  }
  return `${fitted}…`
}

/** A value on one line, without characters that would move the cursor. */
export const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')

/** Columns narrower than this are not cut further. */
const leastColumn = 6

/** A table that fits the terminal: the widest columns are cut first. `right`: columns of numbers. */
export const formatTable = (headers: readonly string[], rows: readonly (readonly string[])[], right: readonly boolean[] = []): string => {
  const cells = rows.map((row) => row.map(oneLine))
  const widths = headers.map((header, column) =>
    cells.reduce((widest, row) => Math.max(widest, textWidth(row[column] ?? '')), textWidth(header)),
  )
  const room = terminalWidth() - 2 * (headers.length - 1)
  while (widths.reduce((sum, width) => sum + width, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths))
    if ((widths[widest] as number) <= leastColumn) break
    widths[widest] = (widths[widest] as number) - 1
  }
  const line = (row: readonly string[], style: (text: string) => string): string =>
    row
      .map((cell, column) => {
        const text = fitText(cell, widths[column] as number)
        const space = ' '.repeat((widths[column] as number) - textWidth(text))
        const last = column === row.length - 1 && !right[column]
        return right[column] ? space + style(text) : last ? style(text) : style(text) + space
      })
      .join('  ')
  return [line(headers, (text) => paint('bold', text)), ...cells.map((row) => line(row, (text) => text))].join('\n')
}
