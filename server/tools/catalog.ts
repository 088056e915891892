import type { Warning } from '../../contracts/v1/envelope.ts'
import { catalog } from '../../contracts/v1/tools/catalog.ts'
import { boardsOf } from '../boards/board-store.ts'
import { type BoardHit, entriesOf as boardEntriesOf, boardIndexOf, snippetOf } from '../boards/search-boards.ts'
import { defineHandler, type ToolContext } from '../dispatch/define-handler.ts'
import { Fault } from '../envelope/fault.ts'
import type { OpenSource, Project } from '../projects/project.ts'
import { type CatalogEntry, sourceEntry, tableEntry } from '../search/catalog-entry.ts'
import type { CatalogHit } from '../search/catalog-index.ts'
import { cutComment } from '../search/cut-comment.ts'
import { readDescribed } from '../search/read-described.ts'
import { type SearchedSource, type SearchReply, searchCatalogs } from '../search/search-aside.ts'
import { unreadWarnings } from '../search/unread-warnings.ts'
import { patienceWith, withinTime } from '../sources/within-time.ts'

/** How long one source may take before the search goes on without it, milliseconds. */
const patienceMs = 5_000
/** Dashboards that stand before the tables in an overview; the others follow the tables. */
const firstDashboards = 5

type Kind = CatalogHit['kind'] | BoardHit['kind']
const dataKinds: readonly Kind[] = ['source', 'table', 'column']
const boardKinds: readonly Kind[] = ['dashboard', 'chart', 'query']

export const handler = defineHandler(catalog, async ({ query, kinds, limit }, { project, source, caller, signal, progress }) => {
  const warnings: Warning[] = []
  const isWanted = (kind: Kind): boolean => kinds === undefined || kinds.includes(kind)
  const sources = source === undefined ? [...project.sources.values()] : [source]
  const searched = dataKinds.some(isWanted) ? await readSources(sources, source !== undefined, { signal, progress }, warnings) : []
  if (source === undefined && dataKinds.some(isWanted)) warnings.push(...disabledWarnings(project))
  for (const { entry, catalog } of searched) warnings.push(...unreadWarnings(entry.source.name, catalog))

  const data = await dataHits(query, searched, { kinds, limit, caller: caller.id, signal })
  const boards = boardKinds.some(isWanted)
    ? (await boardHits(project, query, source?.source.name)).filter(({ kind }) => isWanted(kind))
    : []
  const hits = query === undefined ? inOverview(data.hits, boards) : [...data.hits, ...boards].sort((a, b) => b.score - a.score)
  return {
    warnings,
    data: {
      results: hits.slice(0, limit).map((hit) => ('texts' in hit ? boardResult(hit) : dataResult(hit))),
      total: data.total + boards.length,
      sources_searched: searched.map((part) => part.entry.source.name),
    },
  }
})

/** The sources that may be read and answer; any other is a warning, unless it is the one that was asked for. */
const readSources = async (
  sources: readonly OpenSource[],
  required: boolean,
  { signal, progress }: Pick<ToolContext, 'signal' | 'progress'>,
  warnings: Warning[],
): Promise<SearchedSource[]> => {
  let done = 0
  const tell = () => progress?.({ done, total: sources.length + 1, message: `${done} of ${sources.length} sources read` })
  tell()
  const read = await Promise.all(
    sources.map(async (entry) => {
      try {
        return {
          entry,
          catalog: await withinTime(entry.source.name, required ? patienceMs : patienceWith(entry.source, patienceMs), signal, (bounded) =>
            readDescribed(entry, bounded),
          ),
        }
      } catch (error) {
        signal.throwIfAborted()
        if (required || !(error instanceof Fault)) throw error
        return error
      } finally {
        done += 1
        tell()
      }
    }),
  )
  // In the order of the sources, whichever gave up first.
  for (const [index, { source }] of sources.entries()) {
    const part = read[index]
    if (part instanceof Fault) warnings.push(leftOut(source.name, part))
  }
  return read.flatMap((part) => (part instanceof Fault ? [] : [part]))
}

/** Warnings for the sources that are switched off. */
const disabledWarnings = ({ disabled }: Project): Warning[] => [...disabled.values()].map(({ name, reason }) => leftOut(name, reason))

/** The warning for a source that is not searched, with the reason that a call of it is given. */
const leftOut = (source: string, { code, message }: Fault): Warning => ({
  code,
  message: `The source "${source}" was left out: ${message}`,
})

/** What is found of the sources, as many as there is room for, and how many there are; an overview without a query. */
const dataHits = (
  query: string | undefined,
  searched: readonly SearchedSource[],
  asked: { kinds?: readonly Kind[] | undefined; limit: number; caller: string; signal: AbortSignal },
): Promise<SearchReply> | SearchReply => {
  if (searched.length === 0) return { hits: [], total: 0 }
  if (query !== undefined) return searchCatalogs(query, searched, { ...asked, kinds: asked.kinds })
  const hits = overview(searched).filter(({ kind }) => asked.kinds === undefined || asked.kinds.includes(kind))
  return { hits, total: hits.length }
}

/** Sources first, then tables, larger ones first: what an agent that knows nothing wants to see. Columns would flood it. */
const overview = (searched: readonly SearchedSource[]): CatalogHit[] => {
  const shown = (entry: CatalogEntry): CatalogHit => ({ ...entry, score: 0 })
  const tables = searched.flatMap(({ entry, catalog }) =>
    catalog.tables.map((table) => ({ hit: shown(tableEntry(entry.source, table)), rows: table.rowEstimate?.rows ?? -1 })),
  )
  return [
    ...searched.map(({ entry }) => shown(sourceEntry(entry.source))),
    ...tables.sort((one, other) => other.rows - one.rows).map(({ hit }) => hit),
  ]
}

/** What is found of the boards, or the dashboards for an overview; with a source, what reads it. */
const boardHits = async (project: Project, query: string | undefined, source: string | undefined): Promise<BoardHit[]> => {
  const boards = await boardsOf(project).all()
  const hits =
    query === undefined
      ? boards
          .flatMap(boardEntriesOf)
          .filter(({ kind }) => kind === 'dashboard')
          .map((entry) => ({ ...entry, snippet: snippetOf(entry, []), score: 0 }))
      : await boardIndexOf(project).search(query, boards)
  return source === undefined ? hits : hits.filter(({ sources }) => sources.includes(source))
}

/** A few dashboards stand between the sources and the tables, so that neither hides the other. */
const inOverview = (data: readonly CatalogHit[], boards: readonly BoardHit[]): (CatalogHit | BoardHit)[] => [
  ...data.filter(({ kind }) => kind === 'source'),
  ...boards.slice(0, firstDashboards),
  ...data.filter(({ kind }) => kind !== 'source'),
  ...boards.slice(firstDashboards),
]

const dataResult = ({ comment, related: _, ...hit }: CatalogHit) => ({
  ...hit,
  ...(comment !== undefined && { comment: cutComment(comment) }),
})

const boardResult = ({ texts: _, sources, ...hit }: BoardHit) => ({
  ...hit,
  ...(hit.kind !== 'dashboard' && sources[0] !== undefined && { source: sources[0] }),
})
