/** Reading values of files that others write: what is not of the wanted form is left out. */

export type Block = Readonly<Record<string, unknown>>

export const isBlock = (value: unknown): value is Block => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The block, or an empty one. */
export const blockOf = (value: unknown): Block => (isBlock(value) ? value : {})

/** The list; a single value is a list of one; nothing is an empty one. */
export const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]

/** The blocks of a list. */
export const blocksOf = (value: unknown): readonly Block[] => listOf(value).filter(isBlock)

/** A text that is not empty; numbers and booleans as text. */
export const wordOf = (value: unknown): string | undefined => {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

export const wordsOf = (value: unknown): string[] => listOf(value).flatMap((item) => wordOf(item) ?? [])

/** Longest description that is kept, characters. */
const descriptionLength = 4_000
/** Longest of all other texts. */
const textLength = 300
const metaKeys = 20
const secretKey = /passw|secret|token|credential|api_?key/i

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`

/** A description without the blanks of its paragraphs around it. */
export const descriptionOf = (value: unknown): string | undefined => {
  const text = wordOf(value)
  return text === undefined ? undefined : cut(text, descriptionLength)
}

export const shortOf = (value: unknown): string | undefined => {
  const text = wordOf(value)
  return text === undefined ? undefined : cut(text, textLength)
}

/** The plain values of `meta`, which may hold anything; none that is called a secret. */
export const metaOf = (...values: readonly unknown[]): Record<string, string | number | boolean> => {
  const entries = values
    .flatMap((value) => Object.entries(blockOf(value)))
    .flatMap(([key, value]): [string, string | number | boolean][] => {
      if (key === '__proto__' || secretKey.test(key)) return []
      if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return [[cut(key, 100), value]]
      const text = shortOf(value)
      return text === undefined ? [] : [[cut(key, 100), text]]
    })
  return Object.fromEntries([...new Map(entries)].slice(0, metaKeys))
}

/** Who owns something: a text, or name and email of a block. */
export const ownerOf = (...values: readonly unknown[]): string | undefined => {
  for (const value of values) {
    const { name, email } = blockOf(value)
    const parts = [shortOf(name), shortOf(Array.isArray(email) ? email[0] : email)].filter((part) => part !== undefined)
    const found = isBlock(value)
      ? parts.join(', ') || undefined
      : Array.isArray(value)
        ? wordsOf(value).join(', ') || undefined
        : shortOf(value)
    if (found !== undefined) return found
  }
  return undefined
}

/** Tags, each once. */
export const tagsOf = (...values: readonly unknown[]): string[] =>
  [...new Set(values.flatMap(wordsOf).map((tag) => cut(tag, 100)))].slice(0, 50)

/** Whether a setting is on: templates and YAML 1.1 give words for it. */
export const isOn = (value: unknown): boolean => !/^(false|no|off|0|none|)$/i.test(String(value ?? '').trim())

/** How a source says when its data counts as old. */
export const freshnessOf = (freshness: unknown): string | undefined => {
  const period = (value: unknown): string | undefined => {
    const { count, period: unit } = blockOf(value)
    return wordOf(count) === undefined || wordOf(unit) === undefined ? undefined : `${wordOf(count)} ${wordOf(unit)}`
  }
  const { warn_after, error_after } = blockOf(freshness)
  const parts = [
    period(warn_after) === undefined ? '' : `warns after ${period(warn_after)}`,
    period(error_after) === undefined ? '' : `is an error after ${period(error_after)}`,
  ].filter(Boolean)
  return parts.length === 0 ? undefined : parts.join(', ')
}
