import { colorRules } from '../boards/color-rules.ts'
import { attributes, escapeHtml } from '../boards/html.ts'
import { type DocFile, docFiles } from './doc-files.ts'
import type { ParsedDoc } from './parse-doc.ts'
import type { FoundSection } from './search-docs.ts'

/** What all pages of the docs show around their own text. */
export interface DocFrame {
  readonly project: string
  /** The list of contents: the page at `/docs`. */
  readonly contents: ParsedDoc
  /** Titles of pages by their file. */
  readonly titles: ReadonlyMap<string, string>
  /** Versions of the contracts that are served, the oldest first. */
  readonly versions: readonly number[]
}

interface Part {
  readonly title: string
  readonly address: string
  readonly main: string
  /** Beside the text: what stands on the page. */
  readonly aside?: string
  readonly query?: string
  /** Without the list of contents, for what brings its own. */
  readonly isBare?: boolean
  readonly scripts?: readonly string[]
}

const link = (address: string, title: string, current: boolean): string =>
  `<a${attributes({ href: address, 'aria-current': current ? 'page' : undefined })}>${escapeHtml(title)}</a>`

/** The pages in the folder of a page that is the list of one: tools below Tools. */
const inFolder = ({ file }: DocFile, { titles }: DocFrame): readonly (readonly [DocFile, string])[] => {
  if (!file.endsWith('/README.md') || file.startsWith('clients/')) return []
  const folder = file.slice(0, -'README.md'.length)
  return [...docFiles().values()]
    .filter((page) => page.file !== file && page.file.startsWith(folder) && !page.file.slice(folder.length).includes('/'))
    .map((page) => [page, titles.get(page.file) ?? page.file] as const)
    .sort(([a], [b]) => (a.file < b.file ? -1 : 1))
}

const navigation = (frame: DocFrame, address: string): string => {
  const lists = frame.contents.lists.filter(({ links }) => links.length > 0)
  return lists
    .map(({ heading, links }) => {
      const entries = links.map(({ title, page }) => {
        const isOpen = address === page.address || address.startsWith(`${page.address}/`)
        const inside = isOpen ? inFolder(page, frame) : []
        const below = inside.map(([one, name]) => `<li>${link(one.address, name, address === one.address)}</li>`)
        return `<li>${link(page.address, title, address === page.address)}${below.length > 0 ? `<ul>${below.join('')}</ul>` : ''}</li>`
      })
      if (heading === 'Reference') entries.push(`<li>${link('/docs/api', 'API, to try', address.startsWith('/docs/api'))}</li>`)
      return `<h2>${escapeHtml(heading)}</h2><ul>${entries.join('')}</ul>`
    })
    .join('')
}

const pageHtml = (
  frame: DocFrame,
  { title, address, main, aside = '', query = '', isBare = false, scripts = [] }: Part,
): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} - Dataface</title>
<link rel="icon" href="data:,">
<style>${colorRules()}</style>
<link rel="stylesheet" href="/boards-assets/${isBare ? 'reference' : 'docs'}-style.css">
<script src="/boards-assets/scheme.js"></script>
<script type="module" src="/boards-assets/docs.js"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top"><a class="brand" href="/docs">Dataface</a><span class="project">${escapeHtml(frame.project)}</span>
<form class="search" role="search" action="/docs/search" method="get"><label class="visually-hidden" for="q">Search the docs</label><input id="q" name="q" type="search" placeholder="Search the docs" autocomplete="off" maxlength="200" aria-controls="found" value="${escapeHtml(query)}"><div id="found" hidden></div></form>
<a class="menu" href="#contents">Menu</a>${link('/docs/api', 'API', address.startsWith('/docs/api'))}<a href="/boards">Boards</a><button type="button" class="quiet" id="scheme">Dark</button></header>
${
  isBare
    ? main
    : `<div class="columns"><main id="content" tabindex="-1">${main}</main>
<nav id="contents" aria-label="Contents" tabindex="-1">${navigation(frame, address)}</nav>${aside}</div>`
}
${scripts.map((src) => `<script src="${src}"></script>`).join('\n')}
</body>
</html>
`

/** The same tool in the versions that are served, or the version of the interface that is shown. */
const versionSwitch = (choices: readonly { readonly version: number; readonly address: string }[], current: string): string =>
  choices.length < 2
    ? ''
    : `<nav class="versions" aria-label="Version of the contracts">Version ${choices.map(({ version, address }) => link(address, String(version), address === current)).join('')}</nav>`

/** Where a tool is described in each version. One that has not changed since is described once. */
const versionsOfTool = (page: DocFile, versions: readonly number[]): { version: number; address: string }[] => {
  const name = /^docs\/tools\/(?:v\d+\/)?([\w-]+)\.md$/.exec(page.file)?.[1]
  if (name === undefined || name === 'README') return []
  return [...versions].reverse().flatMap((version) => {
    const earlier = docFiles().get(`docs/tools/v${version}/${name}.md`)
    const newest = version === versions.at(-1) ? docFiles().get(`docs/tools/${name}.md`) : undefined
    const found = earlier ?? newest
    return found === undefined ? [] : [{ version, address: found.address }]
  })
}

/** The versions that a page tells apart by its headings. */
const versionsOfHeadings = ({ page, sections }: ParsedDoc): { version: number; address: string }[] =>
  sections.flatMap(({ id, title }) => {
    const version = /^Version (\d+)$/.exec(title)?.[1]
    return version === undefined ? [] : [{ version: Number(version), address: `${page.address}#${id}` }]
  })

/** A page of the docs. `origin`: where this server is reached, which its programs are shown with. */
export const docPage = (doc: ParsedDoc, frame: DocFrame, origin: string): string => {
  const { page, title, html, sections } = doc
  const inside = sections.filter(({ level }) => level === 2)
  const choices = [...versionsOfTool(page, frame.versions), ...versionsOfHeadings(doc)]
  return pageHtml(frame, {
    title,
    address: page.address,
    main: `${versionSwitch(choices, page.address)}<article>${html.replaceAll('http://127.0.0.1:4321', origin)}</article><p class="source"><a href="${page.address === '/docs' ? '/docs/index' : page.address}.md">This page as Markdown</a></p>`,
    aside:
      inside.length < 2
        ? ''
        : `<aside aria-label="On this page"><h2>On this page</h2><ul>${inside.map((one) => `<li><a href="#${one.id}">${escapeHtml(one.title)}</a></li>`).join('')}</ul></aside>`,
  })
}

/** What a search found. */
export const searchPage = (query: string, found: readonly FoundSection[], frame: DocFrame): string =>
  pageHtml(frame, {
    title: 'Search',
    address: '/docs/search',
    query,
    main: `<article><h1>Search</h1><p role="status">${query === '' ? 'Nothing is searched for.' : `${found.length === 0 ? 'Nothing was' : `${found.length} found`} for “${escapeHtml(query)}”.`}</p><ul id="results" class="results">${found
      .map(
        ({ address, title, section, snippet }) =>
          `<li><a href="${address}"><strong>${escapeHtml(title)}</strong>${section === '' ? '' : `<span> › ${escapeHtml(section)}</span>`}<small>${escapeHtml(snippet)}</small></a></li>`,
      )
      .join('')}</ul></article>`,
  })

/** Said when there is no page at an address. */
export const missingDoc = (address: string, frame: DocFrame): string =>
  pageHtml(frame, {
    title: 'No such page',
    address,
    main: '<article><h1>No such page</h1><p>Nothing stands at this address. <a href="/docs">All pages</a></p></article>',
  })

/** The interface of REST, with a form to send each call to this server. */
export const referencePage = (version: number, frame: DocFrame): string => {
  const choices = [...frame.versions].reverse().map((one) => ({ version: one, address: referenceAddress(one, frame.versions) }))
  const address = referenceAddress(version, frame.versions)
  return pageHtml(frame, {
    title: 'API reference',
    address,
    isBare: true,
    main: `<div id="content" class="reference" tabindex="-1">${versionSwitch(choices, address)}<div id="app" data-document="/openapi.json?version=${version}"></div></div>`,
    scripts: ['/docs/assets/api-reference.js', '/docs/assets/start.js'],
  })
}

/** The newest version stands at `/docs/api`. */
const referenceAddress = (version: number, versions: readonly number[]): string =>
  version === versions.at(-1) ? '/docs/api' : `/docs/api/v${version}`
