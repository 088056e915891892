/** The names that a group sees: its own, then those of the groups around it. */
export interface Scope {
  /** Name of a query to its id. */
  readonly queries: ReadonlyMap<string, string>
  /** Name of a chart to its id. */
  readonly charts: ReadonlyMap<string, string>
  /** Source of the queries that name none. */
  readonly source: NamedSource | undefined
  /** Defaults of the styles of charts. */
  readonly chartStyle: Readonly<Record<string, unknown>>
}

/** A source that a board names, and the keys that lead to its name. */
export interface NamedSource {
  readonly name: string
  readonly path: readonly PropertyKey[]
}

export const outermost: Scope = { queries: new Map(), charts: new Map(), source: undefined, chartStyle: {} }

/** The id of something of a group: its name, and where another has that, the path of the group before it. */
export const idFor = (name: string, path: readonly PropertyKey[], taken: { has(id: string): boolean }): string => {
  if (!taken.has(name)) return name
  const long = [...path.map(String), name].join('.')
  let id = long
  for (let count = 2; taken.has(id); count++) id = `${long}-${count}`
  return id
}
