import { posix } from 'node:path'
import type MiniSearch from 'minisearch'
import { toThousandths } from '../envelope/to-thousandths.ts'
import type { Project } from '../projects/project.ts'
import type { StoredBoard } from './board-store.ts'
import { columnsOfChart } from './columns-of-chart.ts'
import type { CompiledChart, CompiledQuery } from './compiled-board.ts'
import { plainTitle } from './plain-title.ts'

/** A board, a chart or a query that can be found. */
export interface BoardEntry {
  readonly kind: 'dashboard' | 'chart' | 'query'
  readonly path: string
  readonly name?: string
  readonly title: string
  readonly type?: string
  /** The sources that it reads. */
  readonly sources: readonly string[]
  /** What is searched beside the title, the most telling first. */
  readonly texts: readonly string[]
}

export interface BoardHit extends BoardEntry {
  readonly snippet: string
  readonly score: number
}

/** Kinds in the order a reader wants them when words match alike. */
const kindBoost = { dashboard: 1.5, chart: 1.2, query: 1 } as const

const words = (text: string): string[] =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)

/** The search index of a project's boards, built again for those that changed. */
export class BoardIndex {
  readonly #parts = new Map<string, { stored: StoredBoard; entries: readonly BoardEntry[] }>()
  #index: MiniSearch | undefined
  #entries: BoardEntry[] = []

  /** Every entry that matches, best first. Typing errors of about a fifth of a word and word beginnings match too. */
  async search(query: string, boards: readonly StoredBoard[]): Promise<BoardHit[]> {
    const index = await this.#fresh(boards)
    return index.search(query).map(({ id, score, match }) => {
      const entry = this.#entries[id as number] as BoardEntry
      return { ...entry, snippet: snippetOf(entry, Object.keys(match)), score: toThousandths(score) }
    })
  }

  async #fresh(boards: readonly StoredBoard[]): Promise<MiniSearch> {
    const isSame =
      boards.length === this.#parts.size && boards.every((stored) => this.#parts.get(stored.board.path)?.stored.board === stored.board)
    if (isSame && this.#index !== undefined) return this.#index
    const { default: MiniSearch } = await import('minisearch')
    const kept = new Map(this.#parts)
    this.#parts.clear()
    for (const stored of boards) {
      const old = kept.get(stored.board.path)
      this.#parts.set(stored.board.path, old?.stored.board === stored.board ? old : { stored, entries: entriesOf(stored) })
    }
    this.#entries = [...this.#parts.values()].flatMap(({ entries }) => entries)
    this.#index = new MiniSearch({
      fields: ['title', 'name', 'texts'],
      tokenize: words,
      searchOptions: {
        boost: { title: 4, name: 3 },
        prefix: (term) => term.length >= 3,
        fuzzy: (term) => (term.length >= 4 ? 0.2 : false),
        boostDocument: (id) => kindBoost[(this.#entries[id as number] as BoardEntry).kind],
      },
    })
    this.#index.addAll(this.#entries.map(({ title, name = '', texts }, id) => ({ id, title, name, texts: texts.join('\n') })))
    return this.#index
  }
}

const kindRank = { dashboard: 0, chart: 1, query: 2 } as const

/** Hits as a reader looks for them: what is called exactly so, boards first; then titles that hold every word; then the rest. */
export const rankHits = (query: string, hits: readonly BoardHit[]): BoardHit[] => {
  const wanted = words(query)
  const rankOf = ({ kind, title }: BoardHit): number => {
    const own = words(title)
    if (own.join(' ') === wanted.join(' ')) return kindRank[kind]
    return wanted.every((word) => own.includes(word)) ? 3 : 4
  }
  return hits
    .map((hit) => ({ hit, rank: rankOf(hit) }))
    .sort((one, other) => one.rank - other.rank || other.hit.score - one.hit.score)
    .map(({ hit }) => hit)
}

/** What can be found of a board. */
export const entriesOf = ({ board }: StoredBoard): BoardEntry[] => {
  const { path } = board
  const plain = (title: string) => plainTitle(title, board.variables.keys())
  const sourceOf = (query: string | undefined) => (query === undefined ? undefined : board.queries.get(query)?.source)
  return [
    {
      kind: 'dashboard',
      path,
      title: plain(board.title ?? posix.basename(path, posix.extname(path))),
      sources: listOf(...[...board.queries.values()].map(({ source }) => source)),
      texts: [board.notes ?? '', board.tags.join(' '), board.root.text ?? ''].filter(Boolean),
    },
    ...[...board.charts.values()].map((chart) => chartEntry(path, chart, sourceOf(chart.query), plain)),
    ...[...board.queries.values()].map((query) => queryEntry(path, query)),
  ]
}

const listOf = (...sources: readonly (string | undefined)[]): string[] => [
  ...new Set(sources.filter((source): source is string => source !== undefined)),
]

const chartEntry = (
  path: string,
  { id, chart }: CompiledChart,
  source: string | undefined,
  plain: (title: string) => string,
): BoardEntry => ({
  kind: 'chart',
  path,
  name: id,
  title: plain(chart.title ?? ('label' in chart ? chart.label : undefined) ?? id),
  type: chart.type,
  sources: listOf(source),
  texts: [chart.notes ?? '', chart.subtitle ?? '', 'text' in chart ? chart.text : '', columnsOfChart(chart).join(' ')].filter(Boolean),
})

const queryEntry = (path: string, { id, definition, source }: CompiledQuery): BoardEntry => ({
  kind: 'query',
  path,
  name: id,
  title: id,
  sources: listOf(source),
  texts: [definition.notes ?? '', 'sql' in definition ? definition.sql : ''].filter(Boolean),
})

const snippetLength = 160

/** The part of the entry around the first word that matched; its beginning when none did. */
export const snippetOf = ({ title, texts }: BoardEntry, matched: readonly string[]): string => {
  for (const text of [...texts, title]) {
    const lower = text.toLowerCase()
    const at = Math.min(...matched.map((word) => lower.indexOf(word)).filter((found) => found >= 0))
    if (!Number.isFinite(at)) continue
    const from = Math.max(0, at - snippetLength / 4)
    const part = text
      .slice(from, from + snippetLength)
      .replace(/\s+/g, ' ')
      .trim()
    return `${from > 0 ? '…' : ''}${part}${from + snippetLength < text.length ? '…' : ''}`
  }
  return (texts[0] ?? title).slice(0, snippetLength).replace(/\s+/g, ' ')
}

const indexes = new WeakMap<Project, BoardIndex>()

/** The search index of the boards of a project. */
export const boardIndexOf = (project: Project): BoardIndex => {
  const index = indexes.get(project) ?? new BoardIndex()
  indexes.set(project, index)
  return index
}
