import { type Command, projectOption, wholeNumber } from './command.ts'
import { runTool } from './open-here.ts'
import { formatTable, paint } from './terminal.ts'

export const command: Command = {
  usage: 'tables SOURCE [options]',
  summary: 'Lists the tables, views and files of a source.',
  options: {
    ...projectOption,
    schema: { type: 'string', value: 'NAME', help: 'Only this schema.' },
    search: { type: 'string', short: 's', value: 'TEXT', help: 'Only names and comments that hold this text.' },
    limit: { type: 'string', short: 'n', value: 'N', help: 'Tables at most. Default 100.' },
  },
  positionals: [1, 1],
  examples: ['tables vega', 'tables vega --search weather'],
  run({ positionals, text, flag }) {
    const input = {
      source: positionals[0],
      schema: text('schema'),
      search: text('search'),
      limit: wholeNumber(text('limit'), 'limit', 1, 500),
    }
    return runTool({ project: text('project'), json: flag('json') }, 'list_tables', withoutUndefined(input), (data) => {
      const { tables, total } = data as unknown as { tables: TableEntry[]; total: number }
      const rows = tables.map(({ schema, name, kind, row_estimate, comment }) => [
        `${schema}.${name}`,
        kind,
        estimateText(row_estimate),
        comment ?? '',
      ])
      process.stdout.write(`${formatTable(['table', 'kind', 'rows', 'comment'], rows, [false, false, true])}\n`)
      process.stderr.write(
        `${paint('dim', total > tables.length ? `${tables.length} of ${total} tables` : `${total} tables`, process.stderr)}\n`,
      )
    })
  },
}

interface TableEntry {
  readonly schema: string
  readonly name: string
  readonly kind: string
  readonly comment?: string
  readonly row_estimate?: { readonly rows: number; readonly exact: boolean }
}

/** "1234", or "~1234" for an estimate. */
export const estimateText = (estimate: TableEntry['row_estimate']): string =>
  estimate === undefined ? '' : `${estimate.exact ? '' : '~'}${estimate.rows}`

const withoutUndefined = (input: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
