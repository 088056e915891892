import { slowQuery } from '../../support/slow-query.ts'
import { makeDatabase } from '../database.ts'
import { type Program, runLoad } from '../report.ts'
import { type Caller, keysFor, restCaller, startStressServer } from '../server.ts'
import { repeat, Tally } from '../tally.ts'
import { mixedProject } from './mixed-calls.ts'

const queries = 64

export const slowQueriesProgram: Program = {
  name: 'slow-queries',
  about: `${queries} queries of seconds at once, of which a source runs few, and calls for metadata beside them`,
  async run({ cluster, seconds, mark }) {
    const { reader } = await makeDatabase(cluster, mark)
    const { file, headers } = keysFor('heavy', 'quiet')
    const server = await startStressServer(mixedProject(file), reader)
    const callers = Array.from({ length: queries }, () => restCaller(server.url, headers.heavy))
    const tally = new Tally()
    try {
      return await runLoad({
        server,
        seconds,
        tally,
        allowed: ['RATE_LIMITED'],
        load: (time) =>
          repeat(queries, time, (lane) =>
            tally.call((signal) => (callers[lane] as Caller)('execute_query', { source: 'pg', sql: slowQuery('stress') }, signal)),
          ),
        quiet: { headers: headers.quiet, tool: 'describe_table', input: { source: 'pg', table: 'orders' } },
      })
    } finally {
      await server.stop()
    }
  },
}
