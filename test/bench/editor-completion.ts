import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../support/project-files.ts'
import type { Compiler, Consumer } from '../support/type-cost.ts'
import { median } from './figures.ts'

/** An editor's session with the language server of one compiler. */
interface Session {
  open(file: string, text: string): Promise<void>
  /** Another text for one line, from 0, of which `length` characters are there. */
  changeLine(file: string, line: number, length: number, text: string): void
  /** How many names are offered at a line and column, both from 0. */
  complete(file: string, line: number, column: number): Promise<number>
  close(): void
}

/** Milliseconds from an edit to the names offered after it, the median of five, when the program is open already. */
export const completionMs = async (consumer: Consumer, compiler: Compiler): Promise<number> => {
  const session = compiler === 'typescript-5' ? openTsserver(consumer.folder) : await openLanguageServer(consumer.folder)
  try {
    const lines = consumer.text.split('\n')
    await session.open(consumer.file, [...lines.slice(0, 2), '// 0', 'client.', ...lines.slice(2)].join('\n'))
    await session.complete(consumer.file, 3, 'client.'.length)
    const times: number[] = []
    for (let edit = 1; edit <= 5; edit++) {
      const start = performance.now()
      session.changeLine(consumer.file, 2, '// 0'.length, `// ${edit}`)
      const offered = await session.complete(consumer.file, 3, 'client.'.length)
      times.push(performance.now() - start)
      if (offered < 1000) throw new Error(`${compiler} offers ${offered} names`)
    }
    return median(times)
  } finally {
    session.close()
  }
}

/** Requests to a process and its answers, by number; `split` takes whole messages off what has come. */
const openRequests = (
  child: ChildProcess,
  split: (text: string) => { messages: string[]; rest: string },
  id: (message: Record<string, unknown>) => unknown,
) => {
  const waiting = new Map<unknown, (message: Record<string, unknown>) => void>()
  let kept = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const { messages, rest } = split(kept + text)
    kept = rest
    for (const message of messages) {
      const parsed = JSON.parse(message) as Record<string, unknown>
      const number = id(parsed)
      if (number !== undefined) waiting.get(number)?.(parsed)
    }
  })
  return (number: number): Promise<Record<string, unknown>> => new Promise((done) => waiting.set(number, done))
}

const openTsserver = (cwd: string): Session => {
  const child = spawn(
    process.execPath,
    [resolve(root, 'node_modules/typescript-5/lib/tsserver.js'), '--disableAutomaticTypingAcquisition'],
    { cwd },
  )
  const answer = openRequests(
    child,
    (text) => {
      const lines = text.split('\n')
      const rest = lines.pop() ?? ''
      return { messages: lines.filter((line) => line.startsWith('{')), rest }
    },
    ({ request_seq }) => request_seq,
  )
  let seq = 0
  const send = (command: string, args: object): number => {
    child.stdin?.write(`${JSON.stringify({ seq: ++seq, type: 'request', command, arguments: args })}\n`)
    return seq
  }
  return {
    async open(file, fileContent) {
      send('open', { file, fileContent, projectRootPath: cwd })
    },
    changeLine(file, line, length, insertString) {
      send('change', { file, line: line + 1, offset: 1, endLine: line + 1, endOffset: length + 1, insertString })
    },
    async complete(file, line, column) {
      const { body } = await answer(send('completionInfo', { file, line: line + 1, offset: column + 1 }))
      return (body as { entries: unknown[] } | undefined)?.entries.length ?? 0
    },
    close: () => void child.kill('SIGKILL'),
  }
}

const openLanguageServer = async (cwd: string): Promise<Session> => {
  const child = spawn(process.execPath, [resolve(root, 'node_modules/typescript/bin/tsc'), '--lsp', '--stdio'], { cwd })
  const answer = openRequests(child, splitByLength, ({ id, method }) => {
    if (method === undefined) return id
    // The server asks too, and waits: whatever it is, nothing is to be done.
    if (id !== undefined) post({ id, result: null })
    return undefined
  })
  let id = 0
  const post = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    child.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  const request = (method: string, params: object): Promise<Record<string, unknown>> => {
    post({ id: ++id, method, params })
    return answer(id)
  }
  await request('initialize', { processId: process.pid, rootUri: pathToFileURL(cwd).href, capabilities: {} })
  post({ method: 'initialized', params: {} })
  let version = 0
  return {
    async open(file, text) {
      post({
        method: 'textDocument/didOpen',
        params: { textDocument: { uri: pathToFileURL(file).href, languageId: 'typescript', version: ++version, text } },
      })
    },
    changeLine(file, line, length, text) {
      const range = { start: { line, character: 0 }, end: { line, character: length } }
      const textDocument = { uri: pathToFileURL(file).href, version: ++version }
      post({ method: 'textDocument/didChange', params: { textDocument, contentChanges: [{ range, text }] } })
    },
    async complete(file, line, character) {
      const { result } = await request('textDocument/completion', {
        textDocument: { uri: pathToFileURL(file).href },
        position: { line, character },
      })
      return ((result as { items?: unknown[] } | null)?.items ?? (result as unknown[] | null) ?? []).length
    },
    // The process that was started has one of its own, which ends with its input.
    close: () => child.stdin?.end(),
  }
}

/** Messages of the language server protocol. Lengths are in bytes. */
const splitByLength = (text: string): { messages: string[]; rest: string } => {
  const messages: string[] = []
  let rest = Buffer.from(text)
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    const length = Number(/Content-Length: (\d+)/i.exec(rest.subarray(0, Math.max(0, end)).toString())?.[1])
    if (end === -1 || rest.length < end + 4 + length) return { messages, rest: rest.toString() }
    messages.push(rest.subarray(end + 4, end + 4 + length).toString())
    rest = rest.subarray(end + 4 + length)
  }
}
