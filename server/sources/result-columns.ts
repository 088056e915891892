/** Names of the columns that a query gives, in their order; undefined where its text does not tell all of them. */
export type ResultColumns = readonly string[] | undefined

/** What stars can stand for: by the name of a common table, or by the alias of something in FROM. */
export interface NamedColumns {
  readonly name: string
  readonly columns: ResultColumns
}

/** More columns than this are not followed: stars of stars make as many as they like. */
const mostColumns = 1_000

/** All parts one after the other. */
export const joinColumns = (parts: readonly ResultColumns[]): ResultColumns => {
  const all: string[] = []
  for (const part of parts) {
    if (part === undefined || all.length + part.length > mostColumns) return undefined
    all.push(...part)
  }
  return all
}

/** The columns of a query under the names that are written beside its alias, as `t(a, b)`. */
export const renamedColumns = (columns: ResultColumns, names: readonly string[]): ResultColumns =>
  names.length === 0 || columns === undefined ? columns : [...names, ...columns.slice(names.length)]

/** What `*` or `t.*` stands for: engines tell names that come twice apart, each in its own way. */
export const starColumns = (entries: readonly NamedColumns[] | undefined, of?: string): ResultColumns => {
  const meant = entries?.filter(({ name }) => of === undefined || name === of)
  if (meant === undefined || meant.length === 0 || (of !== undefined && meant.length > 1)) return undefined
  const all = joinColumns(meant.map(({ columns }) => columns))
  return all !== undefined && new Set(all).size === all.length ? all : undefined
}
