import type { DbtGraph, DbtNode } from './graph.ts'
import { readJsonMembers } from './json-members.ts'
import { blockOf, descriptionOf } from './loose-values.ts'

/** Adds the comments of `catalog.json`, which dbt has read from the database, where the project has no description. Throws when it is none. */
export const addCatalog = async (graph: DbtGraph, path: string): Promise<DbtGraph> => {
  const nodes = new Map(graph.nodes)
  await readJsonMembers(path, {
    parts: new Set(['nodes', 'sources']),
    onMember(_part, id, value) {
      const node = nodes.get(id)
      if (node !== undefined) nodes.set(id, withComments(node, blockOf(value)))
    },
  })
  return { ...graph, nodes }
}

const withComments = (node: DbtNode, { metadata, columns }: Readonly<Record<string, unknown>>): DbtNode => {
  const described = new Set(node.columns.filter(({ description }) => description !== undefined).map(({ name }) => name.toLowerCase()))
  const added = Object.entries(blockOf(columns)).flatMap(([name, column]) => {
    const description = descriptionOf(blockOf(column).comment)
    return description === undefined || described.has(name.toLowerCase()) ? [] : [{ name, description }]
  })
  return { ...node, description: node.description ?? descriptionOf(blockOf(metadata).comment), columns: [...node.columns, ...added] }
}
