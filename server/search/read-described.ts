import type { OpenSource } from '../projects/project.ts'
import type { SourceCatalog } from '../sources/source.ts'

/**
 * The metadata of a source with what its dbt project says of it, where there is one. After a run of dbt it is read anew, so
 * that new tables are there at once. Throws what `CatalogStore.read` throws.
 */
export const readDescribed = async ({ catalog, dbt }: OpenSource, signal: AbortSignal): Promise<SourceCatalog> => {
  if (dbt === undefined) return catalog.read(signal)
  // The files of dbt are read while the database is asked.
  void dbt.examine()
  const read = dbt.hasRun() ? await catalog.readAnew(signal).catch(() => catalog.read(signal)) : await catalog.read(signal)
  return dbt.annotate(read, catalog.hidden)
}

/** The same after something was not found. */
export const readDescribedAfterMiss = async ({ catalog, dbt }: OpenSource, signal: AbortSignal): Promise<SourceCatalog> => {
  const read = await catalog.readAfterMiss(signal)
  return dbt === undefined ? read : dbt.annotate(read, catalog.hidden)
}
