import { posix } from 'node:path'
import type { ErrorItem } from '../../../contracts/v1/errors.ts'
import { resolveOptions } from '../../boards/charts/chart-context.ts'
import type { BoundBoard, CompiledBoard } from '../../boards/compiled-board.ts'
import type { Fault } from '../../envelope/fault.ts'
import { colorRules } from './color-rules.ts'
import { attributes, escapeHtml } from './html.ts'
import { layoutHtml, nameOfPath } from './layout-html.ts'
import { canonicalPath } from './paths.ts'
import { tabNames } from './tab-names.ts'

/** A board in the list. */
export interface ListedBoard {
  readonly path: string
  readonly title: string
  readonly notes?: string
  readonly tags: readonly string[]
  readonly charts: number
  readonly findings: { readonly errors: number; readonly warnings: number }
}

/** What a search found. */
export interface FoundEntry {
  readonly kind: 'dashboard' | 'chart' | 'query'
  readonly path: string
  readonly name?: string
  readonly title: string
  readonly snippet: string
}

export interface BoardList {
  readonly boards: readonly ListedBoard[]
  /** Empty for all. */
  readonly tag: string
  /** Empty for no search. */
  readonly query: string
  readonly found: readonly FoundEntry[]
}

interface Page {
  readonly title: string
  readonly script: 'board' | 'list'
  /** CSS that sets the colours. */
  readonly colors: string
  readonly head: string
  readonly main: string
  readonly data?: Readonly<Record<string, string>>
}

/** Three bars, which are seen on light and on dark. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="#3565c2"><rect x="1" y="8" width="4" height="7" rx="1"/><rect x="6" y="1" width="4" height="14" rx="1"/><rect x="11" y="5" width="4" height="10" rx="1"/></svg>',
)}`

/** The first thing that is painted: no script runs for it, and nothing is loaded from elsewhere. */
const pageHtml = ({ title, script, colors, head, main, data = {} }: Page): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${icon}">
<style id="colors">${colors}</style>
<link rel="stylesheet" href="/boards-assets/style.css">
<script src="/boards-assets/scheme.js"></script>
<script type="module" src="/boards-assets/${script}.js"></script>
</head>
<body${attributes(Object.fromEntries(Object.entries(data).map(([name, value]) => [`data-${name}`, value])))}>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">${head}<button type="button" class="quiet" id="scheme">Dark</button></header>
<main id="content" tabindex="-1">${main}</main>
</body>
</html>
`

/** The list of the boards, of all or with a tag, or what a search for `query` found. */
export const listPage = (project: string, { boards, tag, query, found }: BoardList): string =>
  pageHtml({
    title: `Boards of ${project}`,
    script: 'list',
    colors: colorRules(),
    head: `<div class="head"><h1>Boards</h1><p class="crumbs">${escapeHtml(project)}</p></div>`,
    main: `<form class="search" role="search" action="/boards" method="get"><label for="q">Search boards, charts and queries</label><input id="q" name="q" type="search" autocomplete="off" value="${escapeHtml(query)}"></form>
<p id="count" role="status">${query === '' ? countOf(boards.length, 'board') : countOf(found.length, 'result')}${
      tag === '' ? '' : ` with the tag <span class="badge">${escapeHtml(tag)}</span> <a href="/boards">All boards</a>`
    }</p>
<div id="results">${query === '' ? boardFolders(boards) : `<ul class="list">${found.map(foundEntry).join('')}</ul>`}</div>
${boards.length === 0 && query === '' && tag === '' ? '<p class="empty">The project has no boards yet. A YAML file in the folder <code>boards</code> is one.</p>' : ''}`,
  })

/** The boards by their folders, which are named once there are several; `board 9` comes before `board 10`. */
const boardFolders = (boards: readonly ListedBoard[]): string => {
  const inOrder = new Intl.Collator('en', { numeric: true })
  const folders = [...Map.groupBy(boards, ({ path }) => posix.dirname(path))].sort(([a], [b]) => inOrder.compare(a, b))
  return folders
    .map(([folder, inside]) => {
      const entries = inside.toSorted((a, b) => inOrder.compare(a.title, b.title) || inOrder.compare(a.path, b.path)).map(boardEntry)
      return `${folders.length > 1 ? `<h2 class="folder">${escapeHtml(folder)}</h2>` : ''}<ul class="list">${entries.join('')}</ul>`
    })
    .join('')
}

const countOf = (count: number, name: string): string => `${count === 0 ? 'No' : count} ${name}${count === 1 ? '' : 's'}`

const boardEntry = ({ path, title, notes, tags, charts, findings }: ListedBoard): string =>
  `<li><a href="/boards/${canonicalPath(path)}"><span class="entry-title">${escapeHtml(title)}</span></a>${
    notes === undefined ? '' : `<p>${escapeHtml(notes)}</p>`
  }<p class="facts"><code>${escapeHtml(path)}</code><span>${countOf(charts, 'chart')}</span>${
    findings.errors === 0 ? '' : `<span class="badge is-error">${countOf(findings.errors, 'error')}</span>`
  }${tags.map((tag) => `<a class="badge" href="/boards?${new URLSearchParams({ tag })}">${escapeHtml(tag)}</a>`).join('')}</p></li>`

const foundEntry = ({ kind, path, name, title, snippet }: FoundEntry): string =>
  `<li><a href="/boards/${canonicalPath(path)}${kind === 'chart' && name !== undefined ? `#chart-${encodeURIComponent(name)}` : ''}"><span class="entry-title">${escapeHtml(title)}</span></a>${
    snippet === title ? '' : `<p>${escapeHtml(snippet)}</p>`
  }<p class="facts"><span class="badge">${kind}</span><code>${escapeHtml(path)}</code></p></li>`

/** A board before its data: its title, its layout with a place for every chart. */
export const boardPage = async (board: CompiledBoard): Promise<string> => {
  const frame: BoundBoard = { ...board, variables: [], charts: new Map() }
  const light = resolveOptions(frame, { scheme: 'light' })
  const title = plainTitle(board)
  return pageHtml({
    title,
    script: 'board',
    colors: colorRules(board),
    data: { board: board.path, address: canonicalPath(board.path) },
    head: `<div class="head"><p class="crumbs"><a href="/boards">Boards</a></p><h1 id="title">${escapeHtml(title)}</h1></div>`,
    main: `<div id="controls" class="controls" hidden></div>
<div id="chips" class="chips"></div>
<p id="status" class="visually-hidden" role="status"></p>
<noscript><p class="empty">This page needs JavaScript to show its charts.</p></noscript>
<div id="findings"></div>
<div id="board">${await layoutHtml(board.root, { ...light, charts: board.charts, tabNames: tabNames(board), isBlank: true })}</div>
<p id="fault" class="message is-error" role="alert" hidden></p>
<dialog id="drill" aria-labelledby="drill-title"><div class="dialog-head"><h2 id="drill-title"></h2><button type="button" class="quiet" id="drill-close" aria-label="Close">×</button></div><div id="drill-body"></div></dialog>`,
  })
}

const plainTitle = (board: CompiledBoard): string => {
  const title = board.root.title ?? board.title
  return title === undefined || /\{[{%]/.test(title) ? nameOfPath(board.path) : title
}

/** Said when no board has that address. */
export const missingPage = (project: string, { message, details: { hint } }: Fault): string =>
  pageHtml({
    title: 'No such board',
    script: 'list',
    colors: colorRules(),
    head: `<div class="head"><p class="crumbs"><a href="/boards">Boards</a></p><h1>No such board</h1></div>`,
    main: `<p>${escapeHtml(message)}${hint?.startsWith('Did') === true ? ` ${escapeHtml(hint)}` : ''} <a href="/boards">All boards of ${escapeHtml(project)}</a></p>`,
  })

/** Said when the list cannot be given: why, and what to do. */
export const unlistedPage = ({ code, message, hint }: ErrorItem): string =>
  pageHtml({
    title: 'Boards cannot be listed',
    script: 'list',
    colors: colorRules(),
    head: '<div class="head"><h1>Boards cannot be listed</h1></div>',
    main: `<p class="message is-error" role="alert">${escapeHtml(`${code}: ${message}${hint === undefined ? '' : ` ${hint}`}`)}</p>`,
  })
