import type { z } from 'zod'
import type { describeTable } from '../../contracts/v1/tools/describe-table.ts'
import { callTool } from './call-tool.ts'
import { type Command, jsonFlag, projectFlag } from './command.ts'
import { formatTable } from './format-table.ts'
import { rowEstimateText } from './row-estimate.ts'
import { printable, type Terminal } from './terminal.ts'

type Result = z.output<typeof describeTable.output>

export const command: Command = {
  usage: 'SOURCE TABLE',
  positionals: [2, 2],
  flags: { project: projectFlag, json: jsonFlag },
  details: ['Shows columns with types and samples, keys and indexes. The name may be schema.table, in any case.'],
  examples: ['dft describe sales orders'],
  run(invocation) {
    const [source = '', table = ''] = invocation.positionals
    return callTool<Result>(invocation, 'describe_table', { source, table }, showTable)
  },
}

const showTable = (table: Result, terminal: Terminal): void => {
  const rows = rowEstimateText(table.row_estimate)
  const kind = `${table.kind.replace('_', ' ')}${rows === '' ? '' : `, ${rows} rows`}`
  terminal.out(`${terminal.paint('bold', printable(`${table.schema}.${table.name}`))} (${kind})\n`)
  if (table.comment !== undefined) terminal.out(`${printable(table.comment)}\n`)
  terminal.out('\n')
  terminal.out(
    formatTable(
      [{ title: 'column' }, { title: 'type' }, { title: 'null' }, { title: 'samples' }, { title: 'about' }],
      table.columns.map((column) => [
        column.name,
        column.database_type.toLowerCase() === column.type ? column.type : `${column.type} (${column.database_type})`,
        column.nullable ? 'yes' : 'no',
        column.masked ? '(masked)' : column.samples.map(sampleText).join(', '),
        aboutColumn(column),
      ]),
      terminal,
    ),
  )
  const lines = [
    ...(table.primary_key.length > 0 ? [`Primary key: ${table.primary_key.join(', ')}`] : []),
    ...table.foreign_keys.map(
      ({ columns, references: to }) => `Foreign key: ${columns.join(', ')} → ${to.schema}.${to.table} (${to.columns.join(', ')})`,
    ),
    ...table.referenced_by.map(
      ({ columns, referenced_by: from }) =>
        `Referenced by: ${from.schema}.${from.table} (${from.columns.join(', ')}) → ${columns.join(', ')}`,
    ),
    ...table.indexes.map(({ name, columns, unique }) => `${unique ? 'Unique index' : 'Index'}: ${name} (${columns.join(', ')})`),
  ]
  if (lines.length > 0) terminal.out(`\n${lines.map(printable).join('\n')}\n`)
}

const sampleText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const aboutColumn = ({ default: written, enum_values, comment }: Result['columns'][number]): string =>
  [
    ...(written === undefined ? [] : [`default ${written}`]),
    ...(enum_values === undefined ? [] : [`one of ${enum_values.join(', ')}`]),
    ...(comment === undefined ? [] : [comment]),
  ].join('; ')
