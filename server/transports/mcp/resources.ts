import type { Resource, ResourceTemplateType, TextResourceContents } from '@modelcontextprotocol/server'
import type { Envelope } from '../../envelope/envelope.ts'
import type { CallOrigin } from '../../telemetry/call-origin.ts'
import { tryDecode } from '../http/try-decode.ts'

/** Asks a tool, as a call of this door. */
export type AskTool = (tool: string, input: unknown, from: AskedFrom) => Promise<Envelope>

/** Until when a request is to be answered, and where it comes from. */
export interface AskedFrom {
  readonly signal: AbortSignal
  readonly origin: CallOrigin
}

export interface Resources {
  /** Everything that can be read by an address of its own; boards by the page. Throws a `ResourceRefusal`. */
  list(cursor: string | undefined, from: AskedFrom): Promise<{ resources: Resource[]; nextCursor?: string }>
  readonly templates: readonly ResourceTemplateType[]
  /** The text at an address; undefined when there is none. Throws a `ResourceRefusal`. */
  read(uri: string, from: AskedFrom): Promise<TextResourceContents | undefined>
}

/** What a tool answered when it was asked for a resource and could not give it. */
export class ResourceRefusal extends Error {
  readonly envelope: Extract<Envelope, { success: false }>
  constructor(envelope: Extract<Envelope, { success: false }>) {
    super(envelope.errors[0].message)
    this.envelope = envelope
  }
}

export interface ResourcesOptions {
  readonly ask: AskTool
  /** The tools that the caller may call; what another would give is not listed. */
  readonly tools: readonly { readonly name: string; readonly title: string }[]
  readonly pages: () => Promise<Readonly<Record<string, string>>>
}

const boardsUri = 'dataface://boards'
const boardPrefix = 'dataface://board/'
const docsPrefix = 'dataface://docs/'

/** The boards of the project as texts, and the reference of the board language and the tools; all of it is asked of tools. */
export const createResources = ({ ask, tools, pages }: ResourcesOptions): Resources => {
  const data = async (tool: string, input: unknown, from: AskedFrom): Promise<Record<string, unknown>> => {
    const envelope = await ask(tool, input, from)
    if (!envelope.success) throw new ResourceRefusal(envelope)
    return envelope.data as Record<string, unknown>
  }
  const may = (tool: string): boolean => tools.some(({ name }) => name === tool)
  const noBoards: Readonly<Record<string, unknown>> = { dashboards: [] }
  /** The same, for what may be missing. */
  const found = (tool: string, input: unknown, from: AskedFrom) =>
    data(tool, input, from).catch((error: unknown) => {
      if (error instanceof ResourceRefusal && missing.has(error.envelope.errors[0].code)) return undefined
      throw error
    })

  return {
    templates: [...(may('get_dashboard') ? [boardTemplate] : []), ...(tools.length > 0 ? [docsTemplate] : [])],
    async list(cursor, from) {
      const isListed = may('list_dashboards')
      const page = isListed ? await data('list_dashboards', { limit: 500, cursor }, from) : noBoards
      const boards = (page.dashboards as ListedBoard[]).map(boardResource)
      const resources = cursor === undefined ? [...(isListed ? [boardsResource] : []), ...(await docs(from)), ...boards] : boards
      return { resources, ...(typeof page.next_cursor === 'string' && { nextCursor: page.next_cursor }) }
    },
    async read(uri, from) {
      const text = (content: string, mimeType: string) => ({ uri, mimeType, text: content })
      if (uri === boardsUri) return text(JSON.stringify(await data('list_dashboards', { limit: 500 }, from)), 'application/json')
      const path = restOf(uri, boardPrefix)
      if (path !== undefined) {
        const board = await found('get_dashboard', { path }, from)
        return board && text(String(board.yaml), typeOf(String(board.path)))
      }
      const topic = restOf(uri, docsPrefix)
      if (topic === undefined) return undefined
      if (tools.some(({ name }) => name === topic)) return text((await pages())[topic] ?? '', 'text/markdown')
      const part = await found('get_schema', { topic }, from)
      return part && text(String(part.text), 'text/plain')
    },
  }

  async function docs(from: AskedFrom): Promise<Resource[]> {
    const topics = may('get_schema') ? (await data('get_schema', {}, from)).topics : []
    return [
      ...(topics as Topic[]).map(({ name, summary }) => ({
        uri: `${docsPrefix}${name}`,
        name,
        description: `The language of boards: ${summary}`,
        mimeType: 'text/plain',
      })),
      ...tools.map(({ name, title }) => ({
        uri: `${docsPrefix}${name}`,
        name,
        title,
        description: `Reference of the tool ${name}.`,
        mimeType: 'text/markdown',
      })),
    ]
  }
}

/** The tool that gives what is at an address, or whose page it is; undefined where there is nothing. */
export const toolOfResource = (uri: string, isTool: (name: string) => boolean): string | undefined => {
  if (uri === boardsUri) return 'list_dashboards'
  if (restOf(uri, boardPrefix) !== undefined) return 'get_dashboard'
  const topic = restOf(uri, docsPrefix)
  return topic === undefined || isTool(topic) ? topic : 'get_schema'
}

interface ListedBoard {
  readonly path: string
  readonly title: string
  readonly notes?: string
}

interface Topic {
  readonly name: string
  readonly summary: string
}

/** Codes that mean that there is nothing at an address. */
const missing: ReadonlySet<string> = new Set(['BOARD_NOT_FOUND', 'VALIDATION_ERROR'])

const boardsResource: Resource = {
  uri: boardsUri,
  name: 'boards',
  title: 'Boards',
  description: 'The boards of the project, as list_dashboards gives them; at most 500.',
  mimeType: 'application/json',
}

const boardTemplate: ResourceTemplateType = {
  uriTemplate: `${boardPrefix}{+path}`,
  name: 'board',
  title: 'Source text of a board',
  description: 'YAML, by the path that list_dashboards gives: dataface://board/boards/sales.yml.',
}

const docsTemplate: ResourceTemplateType = {
  uriTemplate: `${docsPrefix}{topic}`,
  name: 'docs',
  title: 'Reference',
  description: 'A topic of the board language, such as queries or bar, or a tool, such as execute_query.',
}

const boardResource = ({ path, title, notes }: ListedBoard): Resource => ({
  uri: `${boardPrefix}${path.split('/').map(encodeURIComponent).join('/')}`,
  name: path,
  title,
  ...(notes !== undefined && { description: notes }),
  mimeType: typeOf(path),
})

const typeOf = (path: string): string => (path.endsWith('.md') ? 'text/markdown' : 'application/yaml')

/** What follows a prefix, decoded; undefined when it is another address, or one that cannot be decoded. */
const restOf = (uri: string, prefix: string): string | undefined => {
  if (!uri.startsWith(prefix) || uri.length === prefix.length) return undefined
  return tryDecode(uri.slice(prefix.length))
}
