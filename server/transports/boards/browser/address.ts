import type { BoardRequest } from '../view.ts'

export type Raw = string | readonly string[]

/** The values of variables that the address holds, as texts. */
export const readAddress = (): BoardRequest['values'] => {
  const query = new URLSearchParams(location.search)
  return Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const all = query.getAll(name)
      return [name, all.length === 1 ? (all[0] as string) : all]
    }),
  )
}

/** Puts the value of a variable into the address, as a step that Back undoes; null takes it out. */
export const changeAddress = (changes: Readonly<Record<string, Raw | null>>): void => {
  const url = new URL(location.href)
  for (const [name, raw] of Object.entries(changes)) {
    url.searchParams.delete(name)
    if (raw === null) continue
    // A list that is empty and a list of one are still told apart from no value at all.
    for (const value of typeof raw === 'string' ? [raw] : raw.length === 0 ? [''] : raw) url.searchParams.append(name, value)
  }
  if (url.href !== location.href) history.pushState(null, '', url)
}

/** The address without its variables. */
export const clearAddress = (): void => history.pushState(null, '', location.pathname)
