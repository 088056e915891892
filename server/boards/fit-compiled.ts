import { countTokens } from '../envelope/tokens-aside.ts'
import type { CompiledBoard } from './compiled-board.ts'
import { describeLayout, type LayoutPart } from './describe-layout.ts'

export interface FittedBoard {
  readonly layout: readonly LayoutPart[]
  /** Chart to what it is, with all that it inherits, but for what is told beside it. */
  readonly definitions: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly isCut: boolean
}

/** Keys that are told beside a definition. */
const besides: ReadonlySet<string> = new Set(['type', 'query', 'title', 'notes'])

/** The layout of a board and the definitions of its charts, as far as they fit: the small definitions first, when the layout fits. */
export const fitCompiled = async (board: CompiledBoard, maxTokens: number): Promise<FittedBoard> => {
  const layout = describeLayout(board)
  const definitions = [...board.charts.values()].flatMap(({ id, chart }) => {
    const definition = Object.fromEntries(Object.entries(chart).filter(([key]) => !besides.has(key)))
    return Object.keys(definition).length === 0 ? [] : [{ id, definition, json: JSON.stringify(definition) }]
  })
  const parts = layout.map((part) => JSON.stringify(part))
  const texts = [...parts, ...definitions.map(({ json }) => json)]
  // A token is at least a byte.
  if (texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0) <= maxTokens)
    return { layout, definitions: new Map(definitions.map(({ id, definition }) => [id, definition])), isCut: false }
  const tokens = await countTokens(texts)
  let left = maxTokens
  /** Nothing comes after the first that does not fit. */
  const fits = (index: number): boolean => {
    left -= (tokens[index] as number) + 1
    return left >= 0
  }
  const shown = layout.filter((_, index) => fits(index))
  const bySize = [...definitions.entries()].sort(
    ([one], [other]) => (tokens[parts.length + one] as number) - (tokens[parts.length + other] as number),
  )
  const kept = new Set(bySize.filter(([index]) => fits(parts.length + index)).map(([, { id }]) => id))
  return {
    layout: shown,
    definitions: new Map(definitions.flatMap(({ id, definition }) => (kept.has(id) ? [[id, definition] as const] : []))),
    isCut: shown.length < layout.length || kept.size < definitions.length,
  }
}
