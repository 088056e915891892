import type { z } from 'zod'
import type { listTables } from '../../contracts/v1/tools/list-tables.ts'
import { callTool } from './call-tool.ts'
import { type Command, jsonFlag, numberOf, projectFlag, textOf } from './command.ts'
import { formatTable } from './format-table.ts'
import { rowEstimateText } from './row-estimate.ts'

type Result = z.output<typeof listTables.output>

export const command: Command = {
  usage: 'SOURCE',
  positionals: [1, 1],
  flags: {
    search: { value: 'TEXT', about: 'Only tables whose name or comment contains this text.' },
    schema: { value: 'NAME', about: 'Only this schema.' },
    limit: { value: 'N', about: 'Tables at most, 1 to 500. Default 500.' },
    project: projectFlag,
    json: jsonFlag,
  },
  examples: ['dft tables sales', 'dft tables sales --search order'],
  async run(invocation) {
    const [source = ''] = invocation.positionals
    const search = textOf(invocation, 'search')
    const schema = textOf(invocation, 'schema')
    const limit = numberOf(invocation, 'limit', 1, 500) ?? 500
    const input = { source, limit, ...(search !== undefined && { search }), ...(schema !== undefined && { schema }) }
    return callTool<Result>(invocation, 'list_tables', input, ({ tables, total }, terminal) => {
      const severalSchemas = new Set(tables.map((table) => table.schema)).size > 1
      terminal.out(
        formatTable(
          [{ title: 'table' }, { title: 'kind' }, { title: 'rows', align: 'right' }, { title: 'comment' }],
          tables.map((table) => [
            severalSchemas ? `${table.schema}.${table.name}` : table.name,
            table.kind.replace('_', ' '),
            rowEstimateText(table.row_estimate),
            table.comment ?? '',
          ]),
          terminal,
        ),
      )
      if (total > tables.length) terminal.err(`${tables.length} of ${total} tables; narrow them with --search.\n`)
    })
  },
}
