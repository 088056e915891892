import type { CompiledBoard, CompiledQuery } from '../compiled-board.ts'
import { findUses } from '../template/find-uses.ts'
import { TemplateFault } from '../template/template-fault.ts'

/** What is set in place of names that are missing or refused, so that the rest of a query can be read. */
export interface StandIns {
  /** Variables that templates name and the board has not. */
  readonly variables: readonly string[]
  /** The queries of the board by id, of which every one that SQL names is SQL. */
  readonly queries: ReadonlyMap<string, CompiledQuery>
}

/** Codes of findings about names of which something else stands in. */
const missing = new Set(['UNKNOWN_VARIABLE', 'UNKNOWN_QUERY'])

/** Stand-ins for the names that were found to be missing; nothing where none is. */
export const standInsOf = ({ diagnostics, queries }: CompiledBoard): StandIns => {
  const isWhole = !diagnostics.some(({ code }) => missing.has(code)) && ![...queries.values()].some(isUnreadable)
  if (isWhole) return { variables: [], queries }
  const variables = new Set<string>()
  const extended = new Map<string, CompiledQuery>()
  for (const [id, query] of queries) {
    if (!('sql' in query.definition)) {
      extended.set(id, query)
      continue
    }
    const uses = usesOf(query.definition.sql)
    for (const name of uses.variables) variables.add(name)
    const scope = new Map(query.scope)
    for (const name of uses.queries) {
      const named = queries.get(scope.get(name) ?? '')
      if (named !== undefined && !isUnreadable(named) && named.sourceFault === undefined) continue
      // Of the same source, for no query takes one of another as a part.
      const standIn = `stand-in for ${name} of ${id}`
      scope.set(name, standIn)
      extended.set(standIn, { ...query, id: standIn, definition: { sql: 'SELECT NULL' }, scope: new Map() })
    }
    extended.set(id, { ...query, scope })
  }
  return { variables: [...variables], queries: extended }
}

/** Refused, and without SQL of its own that could be read. */
const isUnreadable = ({ isRefused, definition }: CompiledQuery): boolean => isRefused === true && !('sql' in definition)

const usesOf = (sql: string): { readonly variables: readonly string[]; readonly queries: readonly string[] } => {
  try {
    const { variables, queries } = findUses(sql, 'sql')
    return { variables: variables.map(({ name }) => name), queries: queries.map(({ name }) => name) }
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error
    return { variables: [], queries: [] }
  }
}
