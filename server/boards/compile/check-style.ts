import type { ChartType } from '../../../contracts/v1/board/charts.ts'
import { undrawnBoardStyle, undrawnStyle } from '../../../contracts/v1/board/undrawn-style.ts'
import { isBlock } from './merge-boards.ts'

/** The keys of a style that have no effect on a chart of a type, as paths. */
export const undrawnKeys = (style: unknown, type: ChartType): string[][] => keysUnder(style, undrawnStyle[type])

/** The keys of the style of a board that have no effect; those of its charts are told by chart. */
export const undrawnBoardKeys = (style: unknown): string[][] => keysUnder(style, undrawnBoardStyle)

/** The outermost keys that a list of paths names. */
const keysUnder = (style: unknown, listed: readonly string[]): string[][] => {
  const found: string[][] = []
  const visit = (value: unknown, path: readonly string[]): void => {
    if (!isBlock(value)) return
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, key]
      // Words stay as they are written, which is what this asks for.
      if (key === 'case' && inner === 'none') continue
      if (listed.some((pattern) => patternOf(pattern).test(at.join('.')))) found.push(at)
      else visit(inner, at)
    }
  }
  visit(style, [])
  return found
}

const patterns = new Map<string, RegExp>()

const patternOf = (pattern: string): RegExp => {
  let known = patterns.get(pattern)
  if (known === undefined) {
    const written = pattern.replaceAll('.', '\\.').replaceAll('**\\.', '(?:[^.]+\\.)#').replaceAll('*', '[^.]*').replaceAll('#', '*')
    known = new RegExp(`^${written}$`)
    patterns.set(pattern, known)
  }
  return known
}
