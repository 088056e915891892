import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from './project-files.ts'
import type { Started } from './start-dataface.ts'

/** An answer as JSON, however it came. */
export interface AnyEnvelope {
  readonly success: boolean
  readonly data?: Record<string, unknown>
  readonly errors?: readonly {
    readonly code: string
    readonly message: string
    readonly hint?: string
    readonly path?: string
    readonly position?: unknown
    readonly retryable: boolean
  }[]
  readonly warnings: readonly unknown[]
  readonly meta: Record<string, unknown>
}

/** A way to call a tool; every one of them must give the same envelope. */
export type Door = (tool: string, input: unknown) => Promise<AnyEnvelope>

const json = { 'content-type': 'application/json' }
const accept = 'application/json, text/event-stream'
const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
}

/** A part of an MCP result. */
export interface ContentItem {
  readonly type: string
  readonly text?: string
  readonly data?: string
  readonly mimeType?: string
}

interface RpcAnswer {
  readonly result?: {
    readonly structuredContent?: AnyEnvelope
    readonly content?: readonly ContentItem[]
    readonly isError?: boolean
  }
  readonly error?: { readonly code: number; readonly message: string; readonly data?: AnyEnvelope }
}

/**
 * The envelope in a JSON-RPC answer, with a document that was an item of its own back in its place. What the text says
 * must agree with it; that it says all is for mcp-results.test.ts.
 */
const envelopeOfRpc = (answer: RpcAnswer): AnyEnvelope => {
  if (answer.error?.data !== undefined) return answer.error.data
  const { structuredContent, content = [], isError } = answer.result ?? {}
  if (structuredContent === undefined) throw new Error(`no structured content: ${JSON.stringify(answer)}`)
  if (isError === structuredContent.success) throw new Error('isError contradicts success')
  const { data } = structuredContent
  const [text, document] = content
  if (text?.text === JSON.stringify(structuredContent))
    return document === undefined ? structuredContent : { ...structuredContent, data: { ...data, content: document.data ?? document.text } }
  const isTold = typeof data?.content === 'string' ? text?.text?.startsWith(data.content) : factsOf(text).row_count === data?.row_count
  if (!isTold || document !== undefined) throw new Error('the text is not of the structured content')
  return structuredContent
}

/** What the last line of a text of rows says of them. */
const factsOf = (text: ContentItem | undefined): Record<string, unknown> =>
  JSON.parse(text?.text?.split('\n').at(-1) ?? '') as Record<string, unknown>

/** The last JSON-RPC answer of a body that is JSON or a stream of events. */
export const readRpc = async (response: Response): Promise<RpcAnswer> => {
  const text = await response.text()
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return JSON.parse(text) as RpcAnswer
  const messages = [...text.matchAll(/^data: (.+)$/gm)].map((match) => JSON.parse(match[1] as string) as RpcAnswer & { id?: unknown })
  return messages.findLast((message) => 'id' in message) as RpcAnswer
}

const mcpCall =
  (url: string, headers: Record<string, string>, meta: Record<string, unknown> | undefined): Door =>
  async (tool, input) => {
    const params = { name: tool, arguments: input, ...(meta !== undefined && { _meta: meta }) }
    const modern = meta !== undefined && 'io.modelcontextprotocol/protocolVersion' in meta
    const response = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers: { ...json, accept, ...headers, ...(modern && { 'mcp-method': 'tools/call', 'mcp-name': tool }) },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    })
    return envelopeOfRpc(await readRpc(response))
  }

const trpcEnvelope = async (response: Response): Promise<AnyEnvelope> => {
  const body = (await response.json()) as { result?: { data: AnyEnvelope }; error?: { data: { envelope: AnyEnvelope } } }
  return body.result?.data ?? (body.error?.data.envelope as AnyEnvelope)
}

/** Every door of a running server, for a caller who asks for a version of the contracts, by default the newest, and sends these headers. */
export const httpDoors = (
  { url, dataface }: Pick<Started, 'url' | 'dataface'>,
  version?: number,
  headers: Record<string, string> = {},
): Record<string, Door> => {
  const pinned: Record<string, string> = { ...headers, ...(version !== undefined && { 'dataface-version': String(version) }) }
  const newest = dataface.dispatcher.versions.at(-1)
  const asked = { ...headers, 'dataface-version': String(version ?? newest) }
  return {
    inside: async (tool, input) =>
      JSON.parse(
        JSON.stringify(
          await dataface.dispatcher.dispatch({
            tool,
            version,
            input,
            door: 'inside',
            caller: { id: 'local' },
            signal: new AbortController().signal,
          }),
        ),
      ) as AnyEnvelope,
    rest: async (tool, input) =>
      (
        await fetch(`${url}/api/v${version ?? newest}/${tool}`, {
          method: 'POST',
          headers: { ...json, ...headers },
          body: JSON.stringify(input),
        })
      ).json() as Promise<AnyEnvelope>,
    'trpc by POST': async (tool, input) =>
      trpcEnvelope(await fetch(`${url}/trpc/${tool}`, { method: 'POST', headers: { ...json, ...asked }, body: JSON.stringify(input) })),
    'trpc by GET': async (tool, input) => {
      const query = encodeURIComponent(JSON.stringify(input))
      // What no URL can carry is sent by POST, as tRPC's own client does.
      const short = query.length < 8000
      return trpcEnvelope(
        await (short
          ? fetch(`${url}/trpc/${tool}?input=${query}`, { headers: asked })
          : fetch(`${url}/trpc/${tool}`, { method: 'POST', headers: { ...json, ...asked }, body: JSON.stringify(input) })),
      )
    },
    'mcp 2025-06-18': mcpCall(url, { 'mcp-protocol-version': '2025-06-18', ...pinned }, undefined),
    'mcp 2025-11-25, with progress': mcpCall(url, { 'mcp-protocol-version': '2025-11-25', ...pinned }, { progressToken: 'p' }),
    'mcp 2026-07-28': mcpCall(url, { 'mcp-protocol-version': '2026-07-28', ...pinned }, modernMeta),
    'mcp 2026-07-28, with progress': mcpCall(
      url,
      { 'mcp-protocol-version': '2026-07-28', ...pinned },
      { ...modernMeta, progressToken: 'p' },
    ),
  }
}

/** A folder with this dataface.yml, for doors that are processes. */
export const projectFolder = (yaml: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'dataface-project-'))
  writeFileSync(join(folder, 'dataface.yml'), yaml.replaceAll('node_modules/', `${resolve(root, 'node_modules')}/`))
  cpSync(resolve(root, 'docs/examples/demo/boards'), join(folder, 'boards'), { recursive: true })
  return folder
}

/** Starts `dft` from the source. */
export const spawnDft = (args: readonly string[], env: Record<string, string> = {}) =>
  spawn(process.execPath, ['--import', 'tsx', resolve(root, 'server/cli/main.ts'), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })

/** `dft mcp` as a door, in the revision of 2025. */
export const openStdioDoor = async (
  folder: string,
  flags: readonly string[] = [],
): Promise<{ door: Door; close(): Promise<number | null> }> => {
  const child = spawnDft(['mcp', '--project', folder, ...flags])
  const waiting = new Map<number, (answer: RpcAnswer) => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as RpcAnswer & { id: number }
    waiting.get(message.id)?.(message)
  })
  let lastId = 0
  const send = (method: string, params: unknown): Promise<RpcAnswer> =>
    new Promise((done) => {
      waiting.set(++lastId, done)
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params })}\n`)
    })
  await send('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } })
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`)
  return {
    door: async (tool, input) => envelopeOfRpc(await send('tools/call', { name: tool, arguments: input })),
    close: () =>
      new Promise((done) => {
        child.once('exit', done)
        child.stdin.end()
      }),
  }
}

/** An envelope without what differs between two calls: ids, times, and cursors, which hold a time. */
export const withoutTimes = (envelope: AnyEnvelope): unknown =>
  JSON.parse(JSON.stringify(envelope), (key, value: unknown) =>
    ['request_id', 'timing_ms', 'elapsed_ms', 'next_cursor'].includes(key) ? key : value,
  )
