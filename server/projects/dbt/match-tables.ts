import type { CatalogTable, SourceCatalog } from '../../sources/source.ts'
import type { Hidden } from '../../sources/table-policy.ts'
import type { DbtGraph, DbtNode } from './graph.ts'

/** Which node is which table, of the tables that are served. */
export interface Matched {
  tableOf(node: DbtNode): CatalogTable | undefined
  /** The nodes of a table, the most telling first: a model before the source that another project declares over its table. Of a view that leads to the latest version of a model, that version. */
  nodesOf(table: CatalogTable): readonly DbtNode[]
  /** Whether a policy keeps a node from callers. */
  isHidden(node: DbtNode): boolean
}

const ranks = { model: 0, snapshot: 1, seed: 2, source: 3 } as const

const keyOf = (schema: string, name: string): string => JSON.stringify([schema.toLowerCase(), name.toLowerCase()])

/** Finds the tables of a graph by schema and name, without regard to case, as databases fold them. */
export const matchTables = (graph: DbtGraph, catalog: SourceCatalog | undefined, hidden: Hidden): Matched => {
  const tables = new Map((catalog?.tables ?? []).map((table) => [keyOf(table.schema, table.name), table]))
  const found = new Map<string, CatalogTable>()
  const nodes = new Map<CatalogTable, DbtNode[]>()
  for (const node of graph.nodes.values()) {
    const table =
      node.isTable && node.attachedTo === undefined
        ? node.schemas.map((schema) => tables.get(keyOf(schema, node.alias))).find((one) => one !== undefined)
        : undefined
    if (table === undefined) continue
    found.set(node.id, table)
    const others = nodes.get(table)
    if (others === undefined) nodes.set(table, [node])
    else others.push(node)
  }
  // dbt can make a view by the bare name of a model that leads to its latest version.
  for (const node of graph.nodes.values()) {
    const own = node.version !== undefined && node.isLatest ? found.get(node.id) : undefined
    const pointer = own === undefined ? undefined : tables.get(keyOf(own.schema, node.name))
    if (pointer !== undefined && !nodes.has(pointer)) nodes.set(pointer, [node])
  }
  const rank = (node: DbtNode): number => ranks[node.kind] * 2 + Number(node.package !== graph.project)
  for (const list of nodes.values()) list.sort((a, b) => rank(a) - rank(b))
  return {
    tableOf: ({ id }) => found.get(id),
    nodesOf: (table) => nodes.get(table) ?? [],
    isHidden: (node) => !found.has(node.id) && node.schemas.some((schema) => hidden.hides({ schema, name: node.alias })),
  }
}
