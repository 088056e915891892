import type { MarkdownIt, Token } from 'markdown-it'
import { type DocFile, docAt, linkedDoc, readDoc } from './doc-files.ts'

/** A part of a page below one of its headings. */
export interface DocSection {
  /** The anchor; empty for what stands below the title. */
  readonly id: string
  readonly title: string
  readonly level: number
  /** What it says, without marks. */
  readonly text: string
}

/** A page as it is shown. */
export interface ParsedDoc {
  readonly page: DocFile
  readonly title: string
  readonly html: string
  readonly sections: readonly DocSection[]
  /** Links of its lists, below the heading that they stand under. */
  readonly lists: readonly { readonly heading: string; readonly links: readonly { readonly title: string; readonly page: DocFile }[] }[]
}

let parser: Promise<MarkdownIt> | undefined

/** HTML in the text stays text, and a picture is its name, for nothing is loaded from elsewhere. */
const openParser = (): Promise<MarkdownIt> => {
  parser ??= import('markdown-it').then(({ default: Markdown }) => {
    const markdown = new Markdown({ html: false, linkify: false })
    markdown.renderer.rules.image = (tokens, index) => markdown.utils.escapeHtml(tokens[index]?.content ?? '')
    markdown.renderer.rules.table_open = () => '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>\n'
    markdown.renderer.rules.table_close = () => '</table></div>\n'
    return markdown
  })
  return parser
}

const plain = (tokens: readonly Token[]): string =>
  tokens.map(({ type, content, children }) => (children !== null ? plain(children) : type === 'softbreak' ? ' ' : content)).join('')

/** As GitHub names the anchor of a heading. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

/** Links lead to the pages of this server; what is not served here stays as its text. */
const resolveLinks = (tokens: Token[], from: DocFile): Token[] => {
  const isDropped: boolean[] = []
  return tokens.filter((token) => {
    if (token.type === 'link_close') return isDropped.pop() !== true
    if (token.type !== 'link_open') return true
    const href = String(token.attrGet('href'))
    const [path = '', anchor] = href.split('#')
    const page = path === '' ? from : linkedDoc(from, path)
    const isElsewhere = /^https?:/.test(href)
    if (isElsewhere) token.attrSet('rel', 'noreferrer')
    else if (page !== undefined) token.attrSet('href', `${page.address}${anchor === undefined ? '' : `#${anchor}`}`)
    isDropped.push(!isElsewhere && page === undefined)
    return isElsewhere || page !== undefined
  })
}

/** A column without a name has no head. */
const leaveHeadsOut = (tokens: readonly Token[]): void => {
  for (const [index, token] of tokens.entries())
    if (token.type === 'th_open' && tokens[index + 1]?.content === '')
      for (const part of [token, tokens[index + 2]]) if (part !== undefined) part.tag = 'td'
}

/** The parts of a page, whose headings are given their anchors. */
const readSections = (tokens: readonly Token[]): DocSection[] => {
  const sections: { id: string; title: string; level: number; text: string }[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      const title = plain(tokens[index + 1]?.children ?? [])
      const level = Number(token.tag.slice(1))
      const same = sections.filter((section) => anchorOf(section.title) === anchorOf(title)).length
      const id = `${anchorOf(title)}${same === 0 ? '' : `-${same}`}`
      token.attrSet('id', id)
      sections.push({ id: level === 1 ? '' : id, title, level, text: '' })
    }
    const section = sections.at(-1)
    const isData = token.type === 'fence' && token.info === 'json'
    if (section !== undefined && tokens[index - 1]?.type !== 'heading_open' && !isData)
      section.text += `${token.type === 'inline' ? plain(token.children ?? []) : token.content} `
  }
  return sections
}

/** Entries of lists that begin with a link, under their headings. */
const readLists = (tokens: readonly Token[]): ParsedDoc['lists'] => {
  const lists: { heading: string; links: { title: string; page: DocFile }[] }[] = []
  for (const [index, { type, children }] of tokens.entries()) {
    if (type === 'heading_open') lists.push({ heading: plain(tokens[index + 1]?.children ?? []), links: [] })
    const [open] = children ?? []
    if (open?.type !== 'link_open' || tokens[index - 2]?.type !== 'list_item_open') continue
    const page = docAt(String(open.attrGet('href')).replace(/#.*/, ''))
    if (page !== undefined) lists.at(-1)?.links.push({ title: plain(children ?? []), page })
  }
  return lists
}

/** Reads a page. Links to others are addresses of this server. */
export const parseDoc = async (page: DocFile): Promise<ParsedDoc> => {
  const markdown = await openParser()
  const tokens = markdown.parse(readDoc(page), {})
  for (const token of tokens) if (token.children !== null) token.children = resolveLinks(token.children, page)
  leaveHeadsOut(tokens)
  const sections = readSections(tokens)
  const html = markdown.renderer.render(tokens, markdown.options, {})
  return { page, title: sections[0]?.title ?? page.file, html, sections, lists: readLists(tokens) }
}
