import type { CompiledQuery } from '../compiled-board.ts'

/** How queries use each other. */
export interface QueryDepths {
  /** Of each query, how many stand within each other in it, itself included; Infinity when there is a circle. */
  readonly depths: ReadonlyMap<string, number>
  /** Queries that use each other, each circle once. */
  readonly circles: readonly (readonly string[])[]
}

/** How deep queries stand within each other, as far as their text tells; without calls within calls, for a chain may be long. */
export const queryDepths = (queries: ReadonlyMap<string, CompiledQuery>): QueryDepths => {
  const depths = new Map<string, number>()
  const circles: string[][] = []
  for (const start of queries.keys()) {
    if (depths.has(start)) continue
    const trail: { readonly id: string; readonly uses: readonly string[]; next: number; depth: number }[] = []
    const places = new Map<string, number>()
    const enter = (id: string): void => {
      places.set(id, trail.length)
      trail.push({ id, uses: usesOf(queries.get(id)), next: 0, depth: 1 })
    }
    enter(start)
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const used = top.uses[top.next++]
      if (used === undefined) {
        depths.set(top.id, top.depth)
        places.delete(top.id)
        trail.pop()
        const above = trail.at(-1)
        if (above !== undefined) above.depth = Math.max(above.depth, top.depth + 1)
        continue
      }
      const at = places.get(used)
      if (at !== undefined) {
        circles.push(trail.slice(at).map(({ id }) => id))
        top.depth = Number.POSITIVE_INFINITY
      } else if (depths.has(used)) top.depth = Math.max(top.depth, (depths.get(used) as number) + 1)
      else if (queries.has(used)) enter(used)
    }
  }
  return { depths, circles }
}

/** The ids of the queries that the SQL of one names. */
export const usesOf = (query: CompiledQuery | undefined): string[] =>
  query === undefined || !('sql' in query.definition)
    ? []
    : [...query.definition.sql.matchAll(/\bqueries\.([A-Za-z_]\w*)/g)].flatMap(([, name]) => query.scope.get(name as string) ?? [])
