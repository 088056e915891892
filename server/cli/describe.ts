import type { z } from 'zod'
import type { describeTable } from '../../contracts/v1/tools/describe-table.ts'
import { type Command, projectOption } from './command.ts'
import { runTool } from './open-here.ts'
import { estimateText } from './tables.ts'
import { formatTable, paint } from './terminal.ts'

type Description = z.output<typeof describeTable.output>

export const command: Command = {
  usage: 'describe SOURCE TABLE [options]',
  summary: 'Describes a table: columns, keys, indexes, samples.',
  options: { ...projectOption, schema: { type: 'string', value: 'NAME', help: 'Schema, when the name is in several.' } },
  positionals: [2, 2],
  examples: ['describe vega flights_3m'],
  run({ positionals, text, flag }) {
    const [source, table] = positionals
    const schema = text('schema')
    return runTool(
      { project: text('project'), json: flag('json') },
      'describe_table',
      { source, table, ...(schema !== undefined && { schema }) },
      (data) => print(data as unknown as Description),
    )
  },
}

const print = (table: Description): void => {
  const rows = estimateText(table.row_estimate)
  process.stdout.write(`${paint('bold', `${table.schema}.${table.name}`)} (${table.kind}${rows === '' ? '' : `, ${rows} rows`})\n`)
  if (table.comment !== undefined) process.stdout.write(`${table.comment}\n`)
  const columns = table.columns.map((column) => [
    column.name,
    column.database_type,
    [table.primary_key.includes(column.name) ? 'key' : '', column.nullable ? '' : 'not null'].filter(Boolean).join(', '),
    column.masked ? 'masked' : column.samples.map((sample) => (typeof sample === 'string' ? sample : JSON.stringify(sample))).join(', '),
    column.comment ?? '',
  ])
  process.stdout.write(`\n${formatTable(['column', 'type', '', 'samples', 'comment'], columns)}\n`)
  const lines = [
    ...table.foreign_keys.map(
      (key) =>
        `(${key.columns.join(', ')}) references ${key.references.schema}.${key.references.table} (${key.references.columns.join(', ')})`,
    ),
    ...table.referenced_by.map(
      (key) =>
        `(${key.columns.join(', ')}) referenced by ${key.referenced_by.schema}.${key.referenced_by.table} (${key.referenced_by.columns.join(', ')})`,
    ),
    ...table.indexes.map((index) => `${index.unique ? 'unique index' : 'index'} ${index.name} (${index.columns.join(', ')})`),
  ]
  if (lines.length > 0) process.stdout.write(`\n${lines.join('\n')}\n`)
}
