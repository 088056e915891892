import { databaseProcessors } from '../database.ts'

const board =
  'title: Orders\nqueries:\n  all: {source: pg, sql: "SELECT count(*) AS n FROM orders"}\ncharts:\n  n: {type: kpi, query: all, value: n}\nrows:\n  - n\n'

/**
 * A project with a Postgres source and a CSV file, its keys and a board. The source runs as many queries at once as its database
 * has processors, but two at least, as docs/operations/launch-checklist.md advises: whose turn it is is then for the server to say.
 */
export const mixedProject = (keys: string): Readonly<Record<string, string>> => ({
  'dataface.yml': `name: stress\naccess: {}\nsources:\n  pg: {type: postgres, url: "{{ env_var('DB') }}", limits: {max_concurrency: ${Math.max(2, databaseProcessors)}}}\n  files: {type: csv, files: {days: days.csv}}\n`,
  'days.csv': `day,value\n${Array.from({ length: 500 }, (_, index) => `${index},${(index * 7919) % 500}`).join('\n')}\n`,
  '.dataface/keys.json': keys,
  'boards/orders.yml': board,
})

/** What agents ask, one after the other; a few of it is wrong. */
const calls: readonly (readonly [tool: string, input: unknown])[] = [
  ['list_sources', {}],
  ['catalog', { query: 'orders' }],
  ['list_tables', { source: 'pg' }],
  ['describe_table', { source: 'pg', table: 'orders' }],
  ['execute_query', { source: 'pg', sql: 'SELECT * FROM orders WHERE id = 4711' }],
  ['execute_query', { source: 'files', sql: 'SELECT sum(value) AS total FROM days' }],
  ['get_metadata', { source: 'pg' }],
  ['execute_query', { source: 'pg', sql: 'SELECT nothing FROM orders' }],
  ['validate_yaml', { yaml: board }],
  [
    'execute_query',
    { source: 'pg', sql: 'SELECT customer_id, sum(amount) AS spent FROM orders WHERE id < 2000 GROUP BY 1 ORDER BY 2 DESC', limit: 20 },
  ],
  ['list_dashboards', {}],
  ['search_dashboards', { query: 'orders' }],
  ['get_schema', { topic: 'kpi' }],
  ['render_dashboard', { path: 'boards/orders.yml', format: 'text' }],
  ['execute_query', { source: 'pg', sql: 'DELETE FROM orders' }],
]

/** Codes that these calls are answered with when nothing is wrong. */
export const mixedCodes = ['SQL_ERROR', 'SQL_REJECTED'] as const

/** The call of a lane at its turn. */
export const mixedCall = (lane: number, turn: number): readonly [tool: string, input: unknown] =>
  calls[(lane * 7 + turn) % calls.length] as (typeof calls)[number]
