/** Where a text stands in a block: keys, `*` for each element of a list and each entry of a block. */
export type TextPath = readonly string[]

const axes = ['axis', 'axis_x', 'axis_y', 'axis_band', 'axis_quantitative']
const axisTitles = (axis: readonly string[]): TextPath[] => [
  [...axis, 'title'],
  [...axis, 'title', 'text'],
]

/** Texts of a chart that may name variables. Links and slice labels name the row as well, and wait for it. */
export const chartTexts: readonly TextPath[] = [
  ...['title', 'subtitle', 'label', 'text', 'x_label', 'y_label'].map((key) => [key]),
  ['support', 'label'],
  ['total', 'label'],
  ['layers', '*', 'label'],
  ...axisTitles(['layers', '*', 'axis_y']),
  ['support_table', '*', 'label'],
  ['support_table', 'entries', '*', 'label'],
  ['style', 'column_defaults', 'label'],
  ['style', 'columns', '*', 'label'],
  ['style', 'legend', 'title'],
  ...axes.flatMap((axis) => axisTitles(['style', axis])),
]

/** Texts of a board, or of one within it, that may name variables. */
export const groupTexts: readonly TextPath[] = [
  ['title'],
  ['text'],
  ['details'],
  ['details', 'summary'],
  ['details', 'expanded_title'],
  ['style', 'footer', 'text'],
]

/** Texts of a variable that may name variables. */
export const variableTexts: readonly TextPath[] = [['label'], ['placeholder']]

/** A text that was found, and the keys that lead to it. */
export interface FoundText {
  readonly path: readonly PropertyKey[]
  readonly text: string
}

/** The texts of a block, in the order of the paths. */
export const textsOf = (block: unknown, paths: readonly TextPath[]): FoundText[] => {
  const found: FoundText[] = []
  changeTexts(block, paths, (text, path) => {
    found.push({ path, text })
    return text
  })
  return found
}

/** The block with its texts changed; what holds none of them stays what it is. */
export const changeTexts = <Block>(
  block: Block,
  paths: readonly TextPath[],
  change: (text: string, path: readonly PropertyKey[]) => string,
): Block => paths.reduce<unknown>((value, path) => changeAt(value, path, [], change), block) as Block

const changeAt = (
  value: unknown,
  [key, ...rest]: TextPath,
  before: readonly PropertyKey[],
  change: (text: string, path: readonly PropertyKey[]) => string,
): unknown => {
  if (key === undefined) return typeof value === 'string' ? change(value, before) : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return key === '*' ? value.map((one, index) => changeAt(one, rest, [...before, index], change)) : value
  const block = value as Readonly<Record<string, unknown>>
  const names = key === '*' ? Object.keys(block) : Object.hasOwn(block, key) ? [key] : []
  const changed = names.map((name) => [name, changeAt(block[name], rest, [...before, name], change)] as const)
  return changed.every(([name, one]) => one === block[name]) ? value : { ...block, ...Object.fromEntries(changed) }
}
