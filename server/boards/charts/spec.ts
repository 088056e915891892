import { entryOf } from '../../envelope/entry-of.ts'
/** A part of a Vega-Lite specification. Its types are only checked where it is compiled. */
export type Spec = { readonly [key: string]: unknown }

/** Lays one tree of style over another: objects merge, all else is replaced, undefined leaves what is there. */
export function mergeStyle<Style extends object>(...styles: readonly (Style | undefined)[]): Partial<Style> {
  const merged: Record<string, unknown> = {}
  for (const style of styles) {
    for (const [key, value] of Object.entries(style ?? {})) {
      if (value === undefined) continue
      const before = entryOf(merged, key)
      merged[key] = isTree(before) && isTree(value) ? mergeStyle(before, value) : value
    }
  }
  return merged as Partial<Style>
}

const isTree = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A Vega expression that finds a value in a table of ours. Texts become literals, never code; they are not keys of an object,
 * since Vega refuses some.
 */
export function lookupExpression(entries: readonly (readonly [string | number, unknown])[]): string {
  const keys = JSON.stringify(entries.map(([key]) => key))
  const values = JSON.stringify(entries.map(([, value]) => value))
  // The value of a time axis is a date, and its key is the milliseconds.
  const key = typeof entries[0]?.[0] === 'number' ? 'toNumber(datum.value)' : 'datum.value'
  return `${values}[indexof(${keys}, ${key})] || datum.label`
}
