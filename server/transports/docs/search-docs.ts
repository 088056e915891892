import type MiniSearch from 'minisearch'
import { docFiles } from './doc-files.ts'
import { type DocSection, parseDoc } from './parse-doc.ts'

/** A part of a page that was found. */
export interface FoundSection {
  readonly address: string
  /** Of the page. */
  readonly title: string
  /** Of the part; empty for the beginning of the page. */
  readonly section: string
  /** Some words around the first that was found. */
  readonly snippet: string
}

interface Indexed extends DocSection {
  readonly address: string
  readonly page: string
}

interface DocIndex {
  readonly search: MiniSearch
  readonly entries: readonly Indexed[]
}

let kept: Promise<DocIndex> | undefined

const buildIndex = async (): Promise<DocIndex> => {
  const pages = await Promise.all([...docFiles().values()].map(parseDoc))
  const entries = pages.flatMap(({ page, title, sections }) =>
    sections.map((section) => ({ ...section, page: title, address: `${page.address}${section.id === '' ? '' : `#${section.id}`}` })),
  )
  const { default: MiniSearch } = await import('minisearch')
  const search = new MiniSearch({
    fields: ['page', 'title', 'text'],
    tokenize: (text) =>
      text
        .toLowerCase()
        .match(/[\p{L}\p{N}_]+/gu)
        ?.flatMap((word) => [word, ...wordParts(word)]) ?? [],
    searchOptions: {
      boost: { title: 4, page: 3 },
      combineWith: 'AND',
      prefix: (term) => term.length >= 2,
      fuzzy: (term) => (term.length >= 5 ? 0.2 : false),
      boostDocument: (id) => weightOf((entries[id as number] as Indexed).address),
    },
  })
  search.addAll(entries.map(({ page, title, text }, id) => ({ id, page, title: title === page ? '' : title, text })))
  return { search, entries }
}

/** Who searches wants guides before lists of fields, and those before why it is so. */
const weightOf = (address: string): number =>
  address.startsWith('/docs/decisions') || address.startsWith('/docs/changes')
    ? 0.4
    : /^\/docs\/(tools|board-language)\//.test(address)
      ? 1
      : 1.6

const wordParts = (word: string): string[] => (word.includes('_') ? word.split('_').filter((part) => part !== '') : [])

/** The parts of pages that hold every word of a query, the best first. */
export const searchDocs = async (query: string, limit: number): Promise<FoundSection[]> => {
  kept ??= buildIndex()
  const { search, entries } = await kept
  return search
    .search(query)
    .slice(0, limit)
    .map(({ id, terms }) => {
      const { address, page, title, level, text } = entries[id as number] as Indexed
      return { address, title: page, section: level === 1 ? '' : title, snippet: snippetOf(text, terms) }
    })
}

const snippetLength = 180

const snippetOf = (text: string, terms: readonly string[]): string => {
  const words = text.replace(/\s+/g, ' ').trim()
  const at = Math.max(0, Math.min(...terms.map((term) => words.toLowerCase().indexOf(term)).filter((index) => index >= 0), words.length))
  const from = at === words.length ? 0 : Math.max(0, words.lastIndexOf(' ', Math.max(0, at - 50)) + 1)
  const cut = words.slice(from, from + snippetLength)
  return `${from > 0 ? '… ' : ''}${cut}${from + snippetLength < words.length ? ' …' : ''}`
}
