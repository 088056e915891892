import { Fault } from '../../envelope/fault.ts'
import type { Project, ResolveRelation } from '../../projects/project.ts'

/** Whether SQL may name relations of dbt. */
export const namesRelations = (sql: string): boolean => /\b(?:ref|source)\s*\(/.test(sql)

/** The relations that the dbt project of a source has, else the one that lies in the project's folder. */
export const dbtRelationsOf = async (project: Project, name: string, signal: AbortSignal): Promise<ResolveRelation> => {
  const source = project.sources.get(name)
  const dbt = source?.dbt ?? project.dbt
  if (source === undefined || dbt === undefined)
    return (kind) =>
      new Fault('TABLE_NOT_FOUND', `${kind}() needs a dbt project, and the project has none.`, { hint: 'Write the name of the table.' })
  // What the database cannot be asked now, the query will say.
  const catalog = await source.catalog.read(signal).catch(() => undefined)
  return dbt.relations(catalog, source.catalog.hidden)
}
