import { type Command, projectOption, UsageError, wholeNumber } from './command.ts'
import { runTool } from './open-here.ts'
import { formatTable, paint } from './terminal.ts'

const formats = ['table', 'csv', 'markdown', 'json'] as const
const numeric = new Set(['integer', 'bigint', 'decimal', 'float'])

export const command: Command = {
  usage: 'query SOURCE SQL [options]',
  summary: 'Runs one read-only SQL statement on a source. SQL "-" is read from standard input.',
  options: {
    ...projectOption,
    limit: { type: 'string', short: 'n', value: 'N', help: 'Rows at most. Default 50.' },
    format: { type: 'string', short: 'f', value: 'FORMAT', help: `One of ${formats.join(', ')}. Default table.` },
  },
  positionals: [2, 2],
  examples: ["query vega 'SELECT species, count(*) FROM penguins GROUP BY ALL'", 'query vega - --format csv < report.sql'],
  async run({ positionals, text, flag }) {
    const [source, given] = positionals as [string, string]
    const format = text('format') ?? 'table'
    if (!formats.includes(format as (typeof formats)[number])) throw new UsageError(`--format must be one of ${formats.join(', ')}.`)
    const sql = given === '-' ? await readStandardInput() : given
    const limit = wholeNumber(text('limit'), 'limit', 1, 100_000)
    const asText = format === 'csv' || format === 'markdown'
    const input = { source, sql, ...(limit !== undefined && { limit }), ...(asText && { format }) }
    return runTool({ project: text('project'), json: flag('json') || format === 'json' }, 'execute_query', input, (data) => {
      if (asText) process.stdout.write(String(data.text))
      else printRows(data as unknown as QueryData)
    })
  },
}

interface QueryData {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  readonly row_count: number
  readonly truncated: boolean
  readonly truncated_by?: string
  readonly limit_applied: { readonly rows: number }
  readonly elapsed_ms: number
}

const printRows = ({ columns, rows, row_count, truncated, truncated_by, limit_applied, elapsed_ms }: QueryData): void => {
  const cells = rows.map((row) => row.map(cellText))
  process.stdout.write(
    `${formatTable(
      columns.map((column) => column.name),
      cells,
      columns.map((column) => numeric.has(column.type)),
    )}\n`,
  )
  const cut = truncated ? `, cut at ${truncated_by === 'rows' ? `${limit_applied.rows} rows (--limit)` : 'the byte limit'}` : ''
  process.stderr.write(`${paint('dim', `${row_count} ${row_count === 1 ? 'row' : 'rows'}${cut}, ${elapsed_ms} ms`, process.stderr)}\n`)
}

const cellText = (value: unknown): string => (value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value))

const readStandardInput = async (): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of process.stdin) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}
