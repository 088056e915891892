import type { Token } from 'markdown-it'

/** A stretch of text that is set alike. */
export interface Run {
  readonly text: string
  readonly bold?: boolean
  readonly italic?: boolean
  readonly code?: boolean
  readonly struck?: boolean
  /** An address that is safe to link to. */
  readonly link?: string
}

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly runs: readonly Run[] }
  | { readonly kind: 'paragraph'; readonly runs: readonly Run[] }
  | { readonly kind: 'list'; readonly start: number | undefined; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'rule' }
  | { readonly kind: 'table'; readonly rows: readonly (readonly MarkdownCell[])[] }

export interface MarkdownCell {
  readonly runs: readonly Run[]
  readonly align: 'left' | 'center' | 'right'
}

let parser: Promise<(text: string) => Token[]> | undefined

/** Reads Markdown: CommonMark with tables. HTML stays text, and links that run code are not links. */
export async function readMarkdown(text: string): Promise<Block[]> {
  parser ??= import('markdown-it').then(({ default: MarkdownIt }) => {
    const markdown = new MarkdownIt({ html: false, linkify: false })
    return (source) => markdown.parse(source, {})
  })
  return readBlocks(new TokenReader((await parser)(text)), undefined)
}

class TokenReader {
  #next = 0
  readonly #tokens: readonly Token[]

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  take(): Token | undefined {
    return this.#tokens[this.#next++]
  }
}

/** Reads up to the closing token of the block that holds these. */
function readBlocks(reader: TokenReader, close: string | undefined): Block[] {
  const blocks: Block[] = []
  for (let token = reader.take(); token !== undefined && token.type !== close; token = reader.take()) {
    const block = readBlock(token, reader)
    if (block !== undefined) blocks.push(block)
  }
  return blocks
}

function readBlock(token: Token, reader: TokenReader): Block | undefined {
  switch (token.type) {
    case 'heading_open':
      return { kind: 'heading', level: Number(token.tag.slice(1)), runs: readRuns(reader.take()) }
    case 'inline':
      return { kind: 'paragraph', runs: readRuns(token) }
    case 'bullet_list_open':
      return { kind: 'list', start: undefined, items: readItems(reader, 'bullet_list_close') }
    case 'ordered_list_open':
      return { kind: 'list', start: Number(token.attrGet('start') ?? 1), items: readItems(reader, 'ordered_list_close') }
    case 'blockquote_open':
      return { kind: 'quote', blocks: readBlocks(reader, 'blockquote_close') }
    case 'fence':
    case 'code_block':
      return { kind: 'code', text: token.content.replace(/\n$/, '') }
    case 'hr':
      return { kind: 'rule' }
    case 'table_open':
      return { kind: 'table', rows: readTable(reader) }
    default:
      return undefined
  }
}

function readItems(reader: TokenReader, close: string): Block[][] {
  const items: Block[][] = []
  for (let token = reader.take(); token !== undefined && token.type !== close; token = reader.take()) {
    if (token.type === 'list_item_open') items.push(readBlocks(reader, 'list_item_close'))
  }
  return items
}

function readTable(reader: TokenReader): MarkdownCell[][] {
  const rows: MarkdownCell[][] = []
  for (let token = reader.take(); token !== undefined && token.type !== 'table_close'; token = reader.take()) {
    if (token.type === 'tr_open') rows.push([])
    if (token.type !== 'th_open' && token.type !== 'td_open') continue
    const align = /text-align:\s*(center|right)/.exec(String(token.attrGet('style') ?? ''))?.[1]
    rows.at(-1)?.push({ runs: readRuns(reader.take()), align: align === 'center' || align === 'right' ? align : 'left' })
  }
  return rows
}

function readRuns(inline: Token | undefined): Run[] {
  const runs: Run[] = []
  let [bold, italic, struck] = [0, 0, 0]
  let link: string | undefined
  const add = (text: string, code = false): void => {
    runs.push({
      text,
      ...(bold > 0 && { bold: true }),
      ...(italic > 0 && { italic: true }),
      ...(struck > 0 && { struck: true }),
      ...(code && { code }),
      ...(link !== undefined && { link }),
    })
  }
  for (const token of inline?.children ?? []) {
    if (token.type === 'strong_open') bold++
    else if (token.type === 'strong_close') bold--
    else if (token.type === 'em_open') italic++
    else if (token.type === 'em_close') italic--
    else if (token.type === 's_open') struck++
    else if (token.type === 's_close') struck--
    else if (token.type === 'link_open') link = String(token.attrGet('href') ?? '') || undefined
    else if (token.type === 'link_close') link = undefined
    else if (token.type === 'code_inline') add(token.content, true)
    else if (token.type === 'softbreak') add(' ')
    else if (token.type === 'hardbreak') add('\n')
    else if (token.type === 'image') add(token.content)
    else if (token.content !== '') add(token.content)
  }
  return runs
}
