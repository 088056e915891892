import type { CatalogTable } from '../../sources/source.ts'
import type { DbtGraph } from './graph.ts'
import type { Matched } from './match-tables.ts'

/** Which tables are made of which. What is not served is walked through and not named. */
export interface Lineage {
  /** Nearest tables that it is made of, as `schema.table`, in order. */
  upstream(table: CatalogTable): string[]
  downstream(table: CatalogTable): string[]
  /** Whether a node is the table. */
  isTable(id: string, table: CatalogTable): boolean
}

/** The lineage of the tables that are served. */
export const lineageOf = ({ nodes }: DbtGraph, matched: Matched): Lineage => {
  const after = new Map<string, string[]>()
  for (const { id, dependsOn } of nodes.values())
    for (const before of dependsOn) {
      const list = after.get(before)
      if (list === undefined) after.set(before, [id])
      else list.push(id)
    }
  const tableAt = (id: string): CatalogTable | undefined => {
    const node = nodes.get(id)
    return node === undefined ? undefined : matched.tableOf(node)
  }
  const nearest = (table: CatalogTable, next: (id: string) => readonly string[]): string[] => {
    const found = new Set<string>()
    const seen = new Set<string>()
    const open = matched.nodesOf(table).flatMap(({ id }) => next(id))
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue
      seen.add(id)
      const other = tableAt(id)
      if (other === undefined) open.push(...next(id))
      else if (other !== table) found.add(`${other.schema}.${other.name}`)
    }
    return [...found].sort()
  }
  /** The table that a view leads to, of a view for the latest version of a model. */
  const targetOf = (table: CatalogTable): CatalogTable | undefined => {
    const [node] = matched.nodesOf(table)
    const own = node === undefined ? undefined : matched.tableOf(node)
    return own === table ? undefined : own
  }
  return {
    upstream(table) {
      const target = targetOf(table)
      return target === undefined ? nearest(table, (id) => nodes.get(id)?.dependsOn ?? []) : [`${target.schema}.${target.name}`]
    },
    downstream: (table) => (targetOf(table) === undefined ? nearest(table, (id) => after.get(id) ?? []) : []),
    isTable: (id, table) => tableAt(id) === table,
  }
}
