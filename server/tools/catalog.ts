import type { Warning } from '../../contracts/v1/envelope.ts'
import { catalog } from '../../contracts/v1/tools/catalog.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { Fault } from '../envelope/fault.ts'
import type { OpenSource, Project } from '../projects/project.ts'
import { type CatalogHit, CatalogIndex, entriesOf, type SearchedSource } from '../search/catalog-index.ts'
import { unreadWarnings } from '../search/unread-warnings.ts'

/** How long one source may take before the search goes on without it, milliseconds. */
const patienceMs = 5_000
/** Comments in results are cut here, characters; describe_table gives them whole. */
const commentLength = 200

/** One index per open project; it goes with the project. */
const indexes = new WeakMap<Project, CatalogIndex>()

export const handler = defineHandler(catalog, async (input, { project, source, signal }) => {
  const warnings: Warning[] = []
  const searched = await readSources(
    source === undefined ? [...project.sources.values()] : [source],
    source !== undefined,
    signal,
    warnings,
  )
  for (const { entry, catalog } of searched) warnings.push(...unreadWarnings(entry.source.name, catalog))

  let index = indexes.get(project)
  if (index === undefined) {
    index = new CatalogIndex()
    indexes.set(project, index)
  }
  const hits = input.query === undefined ? overview(searched) : await index.search(input.query, searched)
  const wanted = input.kinds === undefined ? hits : hits.filter((hit) => input.kinds?.includes(hit.kind))
  return {
    warnings,
    data: {
      results: wanted
        .slice(0, input.limit)
        .map(({ comment, ...hit }) => ({ ...hit, ...(comment !== undefined && { comment: cut(comment) }) })),
      total: wanted.length,
      sources_searched: searched.map((part) => part.entry.source.name),
    },
  }
})

/** The sources that answer; one that does not is a warning, unless it is the one that was asked for. */
const readSources = async (
  sources: readonly OpenSource[],
  required: boolean,
  signal: AbortSignal,
  warnings: Warning[],
): Promise<SearchedSource[]> => {
  const read = await Promise.all(
    sources.map(async (entry) => {
      try {
        return { entry, catalog: await entry.catalog.read(AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])) }
      } catch (error) {
        signal.throwIfAborted()
        if (required)
          throw error instanceof Fault
            ? error
            : new Fault('SOURCE_UNAVAILABLE', `The source "${entry.source.name}" did not answer in time.`)
        return undefined
      }
    }),
  )
  // In the order of the sources, whichever gave up first.
  for (const [index, { source }] of sources.entries())
    if (read[index] === undefined)
      warnings.push({ code: 'SOURCE_UNAVAILABLE', message: `The source "${source.name}" was left out because it did not answer.` })
  return read.filter((part) => part !== undefined)
}

/** Sources first, then tables, larger ones first: what an agent that knows nothing wants to see. Columns would flood it. */
const overview = (searched: readonly SearchedSource[]): CatalogHit[] => {
  const sizes = new Map(
    searched.flatMap(({ entry, catalog }) =>
      catalog.tables.map(
        (table) => [JSON.stringify([entry.source.name, table.schema, table.name]), table.rowEstimate?.rows ?? -1] as const,
      ),
    ),
  )
  const size = (hit: CatalogHit): number => sizes.get(JSON.stringify([hit.source, hit.schema, hit.table])) ?? Number.MAX_SAFE_INTEGER
  return searched
    .flatMap(({ entry, catalog }) => entriesOf(entry, catalog))
    .filter((entry) => entry.kind !== 'column')
    .map((entry) => ({ ...entry, score: 0 }))
    .sort((a, b) => Number(b.kind === 'source') - Number(a.kind === 'source') || size(b) - size(a))
}

const cut = (comment: string): string => (comment.length <= commentLength ? comment : `${comment.slice(0, commentLength - 1)}…`)
