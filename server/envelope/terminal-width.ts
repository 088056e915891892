const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const plain = /^[\u0020-\u007e\u00a0-\u02ff]*$/
const nothing = /^[\p{M}\p{Cf}\p{Cc}]*$/u
/** East Asian wide and fullwidth letters (UAX 11), and what is drawn as an emoji. */
const wide =
  /^(?:\p{Emoji_Presentation}|\p{Emoji}\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}])/u

const widthOfGrapheme = (grapheme: string): number => (nothing.test(grapheme) ? 0 : wide.test(grapheme) ? 2 : 1)

/** Columns that a text takes on a terminal. */
export const textWidth = (text: string): number => {
  if (plain.test(text)) return text.length
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += widthOfGrapheme(segment)
  return width
}

/** The text, cut to `width` columns with … where it is longer. */
export const cutText = (text: string, width: number): string => {
  // A long cell is not measured to its end.
  const start = text.slice(0, width * 16 + 16)
  if (textWidth(start) <= width && start.length === text.length) return text
  let used = 0
  let kept = ''
  for (const { segment } of segmenter.segment(start)) {
    const next = used + widthOfGrapheme(segment)
    if (next > width - 1) break
    used = next
    kept += segment
  }
  return `${kept}…`
}

/** The text, filled with blanks to `width` columns. */
export const padText = (text: string, width: number, align: 'left' | 'right'): string => {
  const fill = ' '.repeat(Math.max(0, width - textWidth(text)))
  return align === 'right' ? fill + text : text + fill
}
