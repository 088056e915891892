import type { DbtFinding, DbtNode } from './graph.ts'

/** A node, and the file that says so. */
export interface PlacedNode {
  readonly node: DbtNode
  readonly place: string
}

const places: Readonly<Record<DbtNode['kind'], string>> = { model: 'a model', seed: 'a seed', snapshot: 'a snapshot', source: 'a source' }

/** Tells of what dbt refuses: tables of sources that are there twice, models and seeds of one name, and tables that would be one. Gives back the first of each source. */
export const tellClashes = (made: readonly PlacedNode[], sources: readonly PlacedNode[], findings: DbtFinding[]): DbtNode[] => {
  const tell = (
    all: readonly PlacedNode[],
    keyOf: (node: DbtNode) => string | undefined,
    message: (first: PlacedNode, other: PlacedNode) => string | undefined,
  ) => {
    const seen = new Map<string, PlacedNode>()
    for (const one of all) {
      const key = keyOf(one.node)
      const first = key === undefined ? undefined : seen.get(key)
      if (key !== undefined && first === undefined) seen.set(key, one)
      const told = first === undefined ? undefined : message(first, one)
      if (told !== undefined) findings.push({ code: 'DBT_DUPLICATE_NAME', place: one.place, message: told, hint: 'Rename one of them.' })
    }
    return [...seen.values()].map(({ node }) => node)
  }
  tell(
    made,
    (node) => JSON.stringify([node.package, node.name, node.version]),
    (first, other) => `${other.node.name} is ${places[other.node.kind]} and ${places[first.node.kind]}; ${first.place} holds.`,
  )
  tell(
    made,
    ({ isTable, schemas, alias, database }) =>
      isTable && schemas.length === 1 ? JSON.stringify([database, schemas[0], alias]).toLowerCase() : undefined,
    ({ node: first }, { node: other }) =>
      first.name === other.name && first.package === other.package && first.version === other.version
        ? undefined
        : `${other.name} would be the table of ${first.name}, ${first.schemas[0]}.${first.alias}.`,
  )
  return tell(
    sources,
    ({ id }) => id,
    (first, other) => `The source ${other.node.name} is described twice; ${first.place} holds.`,
  )
}
