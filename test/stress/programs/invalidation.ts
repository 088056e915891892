import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnyEnvelope } from '../../support/doors.ts'
import { makeDatabase, runSql } from '../database.ts'
import { type Program, runLoad } from '../report.ts'
import { type Caller, keysFor, restCaller, startStressServer } from '../server.ts'
import { pause, repeat, Tally } from '../tally.ts'
import { mixedProject } from './mixed-calls.ts'

const width = 12

export const invalidationProgram: Program = {
  name: 'invalidation',
  about: 'tables, views, files and boards change while they are asked for; no answer mixes two versions',
  async run({ cluster, seconds, mark }) {
    const { admin, reader } = await makeDatabase(cluster, mark)
    const change = (turn: number) =>
      `BEGIN; DROP VIEW IF EXISTS seen; DROP TABLE IF EXISTS moving;
      CREATE TABLE moving AS SELECT ${turn} AS version, ${turn} AS also${turn % 2 === 0 ? `, ${turn} AS extra` : ''} FROM generate_series(1, 50);
      CREATE VIEW seen AS SELECT * FROM moving; COMMIT`
    await runSql(admin, change(0))
    const { file, headers } = keysFor('agents', 'quiet')
    const server = await startStressServer(mixedProject(file), reader)
    const callers = Array.from({ length: width }, () => restCaller(server.url, headers.agents))
    const calls: readonly (readonly [string, unknown])[] = [
      ['execute_query', { source: 'pg', sql: 'SELECT * FROM moving' }],
      ['execute_query', { source: 'pg', sql: 'SELECT * FROM seen' }],
      ['execute_query', { source: 'files', sql: 'SELECT * FROM days' }],
      ['describe_table', { source: 'pg', table: 'moving' }],
      ['render_dashboard', { path: 'boards/orders.yml' }],
    ]
    /** All values of all rows are of one version, which comes from one change. */
    const isOneVersion = (tool: string) => (answer: AnyEnvelope) => {
      const rows = (answer.data as { rows?: readonly (readonly unknown[])[] } | undefined)?.rows
      if (tool !== 'execute_query' || rows === undefined) return true
      return new Set(rows.flat().map(String)).size === 1
    }
    /** Replaces a file; one that is written in place is empty for a moment, and read so. */
    const write = async (name: string, text: string) => {
      await writeFile(join(server.folder, 'next'), text)
      await rename(join(server.folder, 'next'), join(server.folder, name))
    }
    let turn = 0
    const tally = new Tally()
    try {
      await write('days.csv', 'day,value\n0,0\n')
      return await runLoad({
        server,
        seconds,
        tally,
        allowed: ['SOURCE_UNAVAILABLE', 'TABLE_NOT_FOUND', 'SQL_ERROR'],
        load: async (time) => {
          const changing = repeat(1, time, async () => {
            turn++
            await runSql(admin, change(turn))
            await write('days.csv', `day,value\n${`${turn},${turn}\n`.repeat(50)}`)
            await write('boards/orders.yml', `title: Version ${turn}\ntext: ${turn}\n`)
            await pause(300)
          })
          const asking = repeat(
            width,
            time,
            (lane, at) => {
              const [tool, input] = calls[(lane + at) % calls.length] as (typeof calls)[number]
              return tally.call((signal) => (callers[lane] as Caller)(tool, input, signal), isOneVersion(tool))
            },
            20,
          )
          await Promise.all([changing, asking])
        },
        quiet: { headers: headers.quiet, tool: 'execute_query', input: { source: 'pg', sql: 'SELECT * FROM orders WHERE id = 17' } },
      })
    } finally {
      await server.stop()
    }
  },
}
