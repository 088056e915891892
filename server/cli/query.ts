import type { z } from 'zod'
import type { executeQuery } from '../../contracts/v1/tools/execute-query.ts'
import type { CanonicalType } from '../../contracts/v1/values.ts'
import { callTool } from './call-tool.ts'
import { type Command, choiceOf, jsonFlag, numberOf, projectFlag, UsageError } from './command.ts'
import { formatTable } from './format-table.ts'
import { readStandardInput } from './read-standard-input.ts'
import { printableLines, type Terminal } from './terminal.ts'

type Result = z.output<typeof executeQuery.output>

const formats = ['table', 'csv', 'markdown', 'json'] as const
type Format = (typeof formats)[number]

export const command: Command = {
  usage: 'SOURCE SQL',
  positionals: [2, 2],
  flags: {
    limit: { value: 'N', about: 'Rows at most. Default: what the project sets, else 50.' },
    'max-tokens': { value: 'N', about: 'Tokens of rows at most. Default: what the project sets, else 25000.' },
    'max-bytes': { value: 'N', about: 'Bytes of rows at most. This and the next two only lower what the project sets.' },
    'max-cell-bytes': { value: 'N', about: 'Bytes of one value at most; longer ones are cut.' },
    'timeout-ms': { value: 'N', about: 'Time of the query at most, milliseconds.' },
    format: { value: 'FORMAT', about: `One of ${formats.join(', ')}; json is a list of objects. Default: table.` },
    project: projectFlag,
    json: jsonFlag,
  },
  details: ['With - in place of SQL it is read from standard input.'],
  examples: [
    "dft query sales 'SELECT count(*) FROM orders'",
    'dft query sales - --limit 5000 --max-tokens 1000000 --format csv < report.sql > report.csv',
  ],
  async run(invocation) {
    const [source = '', text = ''] = invocation.positionals
    const format = choiceOf(invocation, 'format', formats) ?? 'table'
    const limit = numberOf(invocation, 'limit', 1, 100_000)
    const maxTokens = numberOf(invocation, 'max-tokens', 50, 10_000_000)
    const maxBytes = numberOf(invocation, 'max-bytes', 1024, 999_999_999)
    const maxCellBytes = numberOf(invocation, 'max-cell-bytes', 64, 16_777_216)
    const timeoutMs = numberOf(invocation, 'timeout-ms', 10, 86_400_000)
    const sql = text === '-' ? await readStandardInput('SQL', invocation.signal) : text
    if (sql.trim() === '') throw new UsageError('There is no SQL to run.', 'Give it in quotes, or on standard input with -.')
    const input = {
      source,
      sql,
      ...(limit !== undefined && { limit }),
      ...(maxTokens !== undefined && { max_tokens: maxTokens }),
      ...(maxBytes !== undefined && { max_bytes: maxBytes }),
      ...(maxCellBytes !== undefined && { max_cell_bytes: maxCellBytes }),
      ...(timeoutMs !== undefined && { timeout_ms: timeoutMs }),
      format: format === 'csv' || format === 'markdown' ? format : 'rows',
    }
    return callTool<Result>(invocation, 'execute_query', input, (result, terminal) => showResult(result, format, terminal))
  },
}

const showResult = (result: Result, format: Format, terminal: Terminal): void => {
  const { columns, rows = [], text = '' } = result
  if (format === 'json') terminal.out(`${JSON.stringify(rows.map((row) => rowObject(columns, row)))}\n`)
  else if (format === 'table')
    terminal.out(
      formatTable(
        columns.map(({ name, type }) => ({ title: name, align: rightAligned.has(type) ? 'right' : 'left' })),
        rows.map((row) => row.map(cellText)),
        terminal,
      ),
    )
  else {
    const shown = terminal.width === undefined ? text : printableLines(text)
    terminal.out(shown.endsWith('\n') ? shown : `${shown}\n`)
  }
  const count = `${result.row_count} ${result.row_count === 1 ? 'row' : 'rows'} in ${Math.round(result.elapsed_ms)} ms`
  const { rows: maxRows, bytes, tokens } = result.limit_applied
  const limit = { rows: `${maxRows} rows (--limit)`, bytes: `${bytes} bytes (--max-bytes)`, tokens: `${tokens} tokens (--max-tokens)` }[
    result.truncated_by ?? 'rows'
  ]
  if (result.truncated) terminal.err(`${terminal.paintError('yellow', `${count}; there are more: cut at ${limit}`)}\n`)
  else if (terminal.width !== undefined) terminal.err(`${terminal.paintError('dim', count)}\n`)
}

const rightAligned: ReadonlySet<CanonicalType> = new Set(['integer', 'bigint', 'decimal', 'float'])

const cellText = (value: unknown): string => {
  if (typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** One row as an object; a column name that comes again gets a number. */
const rowObject = (columns: Result['columns'], row: readonly unknown[]): Record<string, unknown> => {
  const entries = new Map<string, unknown>()
  for (const [index, { name }] of columns.entries()) {
    let key = name
    for (let number = 2; entries.has(key); number++) key = `${name}_${number}`
    entries.set(key, row[index])
  }
  return Object.fromEntries(entries)
}
