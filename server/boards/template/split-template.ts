import { Refusal, TemplateFault, type TemplateText } from './template-fault.ts'

/** A stretch of a template: text, or the inside of `{{ }}` or `{% %}`. */
export interface Stretch {
  readonly kind: 'text' | 'output' | 'statement'
  /** Of the text, or of what stands inside the braces. */
  readonly start: number
  readonly end: number
}

const opener = /\{\{|\{%|\{#/g
const rawStart = /\{%[-+]?\s*raw\s*(-?)%\}/y
const rawEnd = /\{%(-?)\s*endraw\s*(-?)%\}/g

/**
 * Cuts a template at its braces. Comments are gone, `raw` blocks are text, `-` inside braces has eaten the space beside
 * them. Throws a fault where braces are left open.
 */
export const splitTemplate = (template: TemplateText): Stretch[] => {
  const { text } = template
  const stretches: Stretch[] = []
  const fault = (message: string, at: number) => new TemplateFault(new Refusal(message), template, at)
  let eatsSpace = false
  const addText = (from: number, to: number, eatsEnd: boolean): void => {
    let [start, end] = [from, to]
    if (eatsSpace) while (start < end && isSpace(text[start])) start++
    if (eatsEnd) while (end > start && isSpace(text[end - 1])) end--
    if (end > start) stretches.push({ kind: 'text', start, end })
  }

  let cursor = 0
  for (;;) {
    opener.lastIndex = cursor
    const found = opener.exec(text)
    if (found === null) break
    const at = found.index
    const mark = text[at + 2]
    addText(cursor, at, mark === '-')
    rawStart.lastIndex = at
    const raw = rawStart.exec(text)
    if (raw !== null) {
      const start = rawStart.lastIndex
      rawEnd.lastIndex = start
      const close = rawEnd.exec(text)
      if (close === null) throw fault('A raw block has no {% endraw %}.', at)
      eatsSpace = raw[1] === '-'
      addText(start, close.index, close[1] === '-')
      eatsSpace = close[2] === '-'
      cursor = rawEnd.lastIndex
      continue
    }
    const kind = found[0]
    const close = kind === '{#' ? text.indexOf('#}', at + 2) : findEnd(text, at + 2, kind === '{{' ? '}}' : '%}')
    if (close === -1) throw fault(`${kind} has no end.`, at)
    const hasMark = mark === '-' || (mark === '+' && kind !== '{{')
    eatsSpace = close > at + 2 && text[close - 1] === '-'
    if (kind !== '{#')
      stretches.push({
        kind: kind === '{{' ? 'output' : 'statement',
        start: at + (hasMark ? 3 : 2),
        end: eatsSpace ? close - 1 : close,
      })
    cursor = close + 2
  }
  addText(cursor, text.length, false)
  return stretches
}

const isSpace = (char: string | undefined): boolean => char !== undefined && /\s/.test(char)

/** Where the closing braces stand, outside strings and outside braces of the expression; -1 when nowhere. */
const findEnd = (text: string, from: number, closer: string): number => {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === "'" || char === '"') {
      at++
      while (at < text.length && text[at] !== char) at += text[at] === '\\' ? 2 : 1
    } else if (depth === 0 && text.startsWith(closer, at)) return at
    else if (char === '{') depth++
    else if (char === '}') depth--
  }
  return -1
}
