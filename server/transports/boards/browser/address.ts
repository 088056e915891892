import type { BoardRequest } from '../view.ts'

export type Raw = string | readonly string[]

/** What the query of the address holds: values of variables and open tabs, as texts, and whatever others put there. */
export const readAddress = (): BoardRequest['values'] => {
  const query = new URLSearchParams(location.search)
  return Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const all = query.getAll(name)
      return [name, all.length === 1 ? (all[0] as string) : all]
    }),
  )
}

/**
 * Puts values into the address, as a step that Back undoes, or in place of what it says; null takes one out. What else it holds
 * stays as it is.
 */
export const changeAddress = (changes: Readonly<Record<string, Raw | null>>, isInPlace = false): void => {
  const url = new URL(location.href)
  for (const [name, raw] of Object.entries(changes)) {
    url.searchParams.delete(name)
    if (raw === null) continue
    // A list that is empty and a list of one are still told apart from no value at all.
    for (const value of typeof raw === 'string' ? [raw] : raw.length === 0 ? [''] : raw) url.searchParams.append(name, value)
  }
  if (url.href === location.href) return
  if (isInPlace) history.replaceState(null, '', url)
  else history.pushState(null, '', url)
}
