import { extname } from 'node:path'
import type { z } from 'zod'
import type { executeQuery } from '../../contracts/v1/tools/execute-query.ts'
import type { StreamAnswer } from '../dispatch/call.ts'
import type { Envelope } from '../envelope/envelope.ts'
import { callTool, streamTool } from './call-tool.ts'
import { type Command, choiceOf, exitCodes, type Invocation, jsonFlag, numberOf, projectFlag, textOf, UsageError } from './command.ts'
import { keysOf, openRowEncoder, type RowFormat, rowFormats, tableColumns } from './encode-rows.ts'
import { formatTable } from './format-table.ts'
import { type Output, openOutput } from './open-output.ts'
import { readStandardInput } from './read-standard-input.ts'
import { printableLines, type Terminal } from './terminal.ts'

type Result = z.output<typeof executeQuery.output>

export const command: Command = {
  usage: 'SOURCE SQL',
  positionals: [2, 2],
  flags: {
    format: { value: 'FORMAT', about: `One of ${rowFormats.join(', ')}; json is a list of objects, ndjson one per line. Default: table.` },
    output: { value: 'FILE', short: 'o', about: 'Write to a file, whose extension tells the format where --format does not.' },
    params: { value: 'JSON', about: 'Values of $1, $2 and so on: a JSON list.' },
    all: { about: 'The whole result, also on a terminal.' },
    limit: { value: 'N', about: 'Rows at most, 1 to 100000.' },
    cursor: { value: 'CURSOR', about: 'The page after the one that gave this cursor.' },
    'max-tokens': { value: 'N', about: 'Tokens of the rows of a page at most. Default: with --json what the project sets, else none.' },
    'max-bytes': { value: 'N', about: 'Bytes of rows at most. This and the next two only lower what the project sets.' },
    'max-cell-bytes': { value: 'N', about: 'Bytes of one value of a page at most; longer ones are cut.' },
    'timeout-ms': { value: 'N', about: 'Time of the query at most, milliseconds.' },
    project: projectFlag,
    json: jsonFlag,
  },
  details: [
    'On a terminal a table shows a page of rows, with the cursor of the next. Anything else is the whole result, row by row:',
    'to a file or a pipe, and in every format for programs. Limits of streams in the project hold then; a result that one of',
    `them has cut ends with exit code ${exitCodes.cut}. With --json the answer is a page, as a program gets it.`,
    'Ctrl-C stops the query in the database. With - in place of SQL it is read from standard input.',
  ],
  examples: [
    "dft query sales 'SELECT count(*) FROM orders'",
    "dft query sales 'SELECT * FROM orders' -o orders.csv",
    `dft query sales 'SELECT * FROM orders WHERE item = $1' --params '["tea"]'`,
    'dft query sales - --format ndjson < report.sql | jq .total',
  ],
  async run(invocation) {
    const { terminal, flags } = invocation
    const [source = '', text = ''] = invocation.positionals
    const path = textOf(invocation, 'output')
    const format = choiceOf(invocation, 'format', rowFormats) ?? formatOfFile(path) ?? 'table'
    const limits = readLimits(invocation)
    const params = paramsOf(textOf(invocation, 'params'))
    const isForPeople = terminal.width !== undefined && path === undefined && (format === 'table' || format === 'markdown')
    const isPage = flags.json === true || limits.cursor !== undefined || (isForPeople && flags.all !== true)
    checkFlags(invocation, format, isPage, limits)

    const sql = text === '-' ? await readStandardInput('SQL', invocation.signal) : text
    if (sql.trim() === '') throw new UsageError('There is no SQL to run.', 'Give it in quotes, or on standard input with -.')
    const input = { source, sql, ...(params !== undefined && { params }), ...limits }
    if (isPage) {
      const kind = format === 'csv' || format === 'markdown' ? format : 'rows'
      const tokens = flags.json === true ? {} : { max_tokens: maxTokensOfPage }
      return callTool<Result>(invocation, 'execute_query', { ...tokens, ...input, format: kind }, (result) =>
        showPage(result, format, terminal),
      )
    }
    const output = await openOutput(path, terminal)
    try {
      return await streamTool<Result>(
        invocation,
        'execute_query',
        input,
        (answer) => writeRows(answer, format, output, invocation),
        (result) => showEnd(result, path, limits, terminal),
      )
    } finally {
      await output.close()
    }
  },
}

/** The values that --params gave; what each may be is checked with the call. */
const paramsOf = (text: string | undefined): readonly unknown[] | undefined => {
  if (text === undefined) return undefined
  try {
    const params: unknown = JSON.parse(text)
    if (Array.isArray(params)) return params
  } catch {
    // Refused below, like what is no list.
  }
  throw new UsageError('--params takes a JSON list.', `As in --params '["tea", 3, null]'.`)
}

/** People count rows; tokens limit a page where they are asked for. */
const maxTokensOfPage = 10_000_000

/** What the call is given besides source and SQL. */
const readLimits = (invocation: Invocation) => {
  const limit = numberOf(invocation, 'limit', 1, 100_000)
  const maxTokens = numberOf(invocation, 'max-tokens', 50, maxTokensOfPage)
  const maxBytes = numberOf(invocation, 'max-bytes', 1024, 999_999_999)
  const maxCellBytes = numberOf(invocation, 'max-cell-bytes', 64, 16_777_216)
  const timeoutMs = numberOf(invocation, 'timeout-ms', 10, 86_400_000)
  const cursor = textOf(invocation, 'cursor')
  return {
    ...(limit !== undefined && { limit }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(maxBytes !== undefined && { max_bytes: maxBytes }),
    ...(maxCellBytes !== undefined && { max_cell_bytes: maxCellBytes }),
    ...(timeoutMs !== undefined && { timeout_ms: timeoutMs }),
    ...(cursor !== undefined && { cursor }),
  }
}

/** Throws `UsageError` for flags that contradict each other. */
const checkFlags = ({ flags, terminal }: Invocation, format: RowFormat, isPage: boolean, limits: ReturnType<typeof readLimits>): void => {
  if (flags.all === true && (limits.limit !== undefined || limits.cursor !== undefined || flags.json === true))
    throw new UsageError('--all is the whole result, so it goes with neither --limit nor --cursor nor --json.')
  if (flags.json === true && flags.output !== undefined)
    throw new UsageError('--json goes to standard output.', 'Write rows to a file with --format json.')
  if (isPage && (flags.output !== undefined || format === 'ndjson' || format === 'arrow'))
    throw new UsageError(
      'A page goes to standard output, as table, csv, markdown or json.',
      'Leave out --cursor and --json for the whole result.',
    )
  if (!isPage && limits.max_cell_bytes !== undefined)
    throw new UsageError('--max-cell-bytes is for pages, and this is a whole result.', 'Shorten values in SQL, as with left(column, 200).')
  if (!isPage && limits.max_tokens !== undefined)
    throw new UsageError('--max-tokens is for pages, and this is a whole result.', 'Limit it with --limit or --max-bytes.')
  if (!isPage && format === 'arrow' && flags.output === undefined && terminal.width !== undefined)
    throw new UsageError('Arrow is nothing to read on a terminal.', 'Write it to a file with -o FILE.')
}

const formatByExtension: Readonly<Record<string, RowFormat>> = {
  '.csv': 'csv',
  '.md': 'markdown',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.arrow': 'arrow',
  '.arrows': 'arrow',
}

/** The format that the extension of a file tells; a file without one tells none. Throws `UsageError` for an unknown one. */
const formatOfFile = (path: string | undefined): RowFormat | undefined => {
  const extension = path === undefined ? '' : extname(path).toLowerCase()
  if (extension === '') return undefined
  if (Object.hasOwn(formatByExtension, extension)) return formatByExtension[extension]
  throw new UsageError(
    `No format has the extension "${extension}".`,
    `Known are ${Object.keys(formatByExtension).join(', ')}; any other file needs --format.`,
  )
}

/** Writes a stream to its end, as fast as its reader takes it. */
const writeRows = async (answer: StreamAnswer, format: RowFormat, output: Output, { terminal, signal }: Invocation): Promise<Envelope> => {
  const encoder = await openRowEncoder(format, answer.columns, terminal)
  const stopped = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
  stopped.catch(() => {})
  const write = async (piece: string | Uint8Array): Promise<void> => {
    // The reader may take nothing any more.
    if (piece.length > 0) await Promise.race([output.write(piece), stopped])
  }
  try {
    await write(encoder.head)
    for (;;) {
      const next = await answer.read()
      if (!('success' in next)) await write(encoder.encode(next))
      else {
        if (next.success) {
          await write(encoder.tail(next))
          await output.finish()
        }
        return next
      }
    }
  } catch (error) {
    return answer.fail(error)
  }
}

const countOf = ({ row_count, elapsed_ms }: Result): string =>
  `${row_count} ${row_count === 1 ? 'row' : 'rows'} in ${Math.round(elapsed_ms)} ms`

/** What the settings of a project call the limits of a stream. */
const streamLimits = { rows: 'stream_rows', bytes: 'stream_bytes', tokens: 'max_tokens' } as const

/** Tells how a whole result ended, and gives the exit code: a cut that was asked for is no failure. */
const showEnd = (result: Result, path: string | undefined, asked: ReturnType<typeof readLimits>, terminal: Terminal): number => {
  const count = countOf(result)
  const { truncated_by: by, limit_applied } = result
  if (by !== undefined) {
    const flag =
      by === 'rows' && asked.limit === limit_applied.rows
        ? '--limit'
        : by === 'bytes' && asked.max_bytes === limit_applied.bytes
          ? '--max-bytes'
          : undefined
    const limit = `${limit_applied[by]} ${by} (${flag ?? `${streamLimits[by]} in dataface.yml`})`
    terminal.err(`${terminal.paintError('yellow', `${count}; there are more: cut at ${limit}`)}\n`)
    return flag === undefined ? exitCodes.cut : exitCodes.ok
  }
  if (path !== undefined) terminal.err(`${terminal.paintError('dim', `${count}, written to ${path}`)}\n`)
  else if (terminal.width !== undefined) terminal.err(`${terminal.paintError('dim', count)}\n`)
  return exitCodes.ok
}

const showPage = (result: Result, format: RowFormat, terminal: Terminal): void => {
  const { columns, rows = [], text = '' } = result
  if (format === 'json') {
    const keys = keysOf(columns)
    terminal.out(`${JSON.stringify(rows.map((row) => Object.fromEntries(row.map((value, index) => [keys[index], value]))))}\n`)
  } else if (format === 'table')
    terminal.out(
      formatTable(
        tableColumns(columns),
        rows.map((row) => row.map(cellText)),
        terminal,
      ),
    )
  else terminal.out(terminal.width === undefined ? text : printableLines(text))
  const count = countOf(result)
  if (!result.truncated) {
    if (terminal.width !== undefined) terminal.err(`${terminal.paintError('dim', count)}\n`)
    return
  }
  const { truncated_by: by = 'rows', limit_applied, next_cursor } = result
  terminal.err(`${terminal.paintError('yellow', `${count}; there are more: cut at ${limit_applied[by]} ${by}`)}\n`)
  const next = next_cursor === undefined ? '' : `, --cursor ${next_cursor} the next page`
  terminal.err(`  --all gives the whole result, --limit N another number of rows${next}\n`)
}

const cellText = (value: unknown): string => {
  if (typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
