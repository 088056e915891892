import { makeDatabase, runSql } from '../database.ts'
import { type Program, runLoad } from '../report.ts'
import { type Caller, keysFor, restCaller, startStressServer } from '../server.ts'
import { repeat, Tally } from '../tally.ts'
import { mixedProject } from './mixed-calls.ts'

const tables = 2_000
const width = 8

export const manyTablesProgram: Program = {
  name: 'many-tables',
  about: `a source of ${tables.toLocaleString('en')} tables, whose metadata is asked for from all sides`,
  async run({ cluster, seconds, mark }) {
    const { admin, reader } = await makeDatabase(cluster, mark)
    for (let at = 0; at < tables; at += 100)
      await runSql(
        admin,
        Array.from(
          { length: 100 },
          (_, index) =>
            `CREATE TABLE t${at + index} (id int PRIMARY KEY, name text, amount numeric(10,2), at timestamptz, note_${at + index} text)`,
        ).join(';'),
      )
    const { file, headers } = keysFor('agents', 'quiet')
    const server = await startStressServer(mixedProject(file), reader)
    const callers = Array.from({ length: width }, () => restCaller(server.url, headers.agents))
    const callOf = (lane: number, turn: number): readonly [string, unknown] => {
      const table = `t${(lane * 251 + turn * 17) % tables}`
      const calls: readonly (readonly [string, unknown])[] = [
        ['list_tables', { source: 'pg', search: table }],
        ['describe_table', { source: 'pg', table }],
        ['catalog', { query: `note ${table}`, source: 'pg' }],
        ['get_metadata', { source: 'pg', max_tokens: 4_000 }],
        ['execute_query', { source: 'pg', sql: `SELECT id, name FROM ${table}` }],
      ]
      return calls[turn % calls.length] as (typeof calls)[number]
    }
    const tally = new Tally()
    try {
      return await runLoad({
        server,
        seconds,
        tally,
        load: (time) =>
          repeat(width, time, (lane, turn) => tally.call((signal) => (callers[lane] as Caller)(...callOf(lane, turn), signal)), 100),
        quiet: { headers: headers.quiet, tool: 'execute_query', input: { source: 'pg', sql: 'SELECT * FROM orders WHERE id = 17' } },
      })
    } finally {
      await server.stop()
    }
  },
}
