import { slowQuery } from '../../support/slow-query.ts'
import { makeDatabase } from '../database.ts'
import { type Program, runLoad } from '../report.ts'
import { keysFor, restCaller, startStressServer } from '../server.ts'
import { repeat, Tally } from '../tally.ts'
import { mixedProject } from './mixed-calls.ts'

const width = 24

export const vanishingClientsProgram: Program = {
  name: 'vanishing-clients',
  about: `${width} clients ask what takes long, and go away before they are answered`,
  async run({ cluster, seconds, mark }) {
    const { reader } = await makeDatabase(cluster, mark)
    const { file, headers } = keysFor('gone', 'quiet')
    const server = await startStressServer(mixedProject(file), reader)
    const tally = new Tally()
    /** Who goes away has no answer; that it was asked and left is what counts. */
    const leave = async (lane: number, turn: number) => {
      const gone = new AbortController()
      setTimeout(() => gone.abort(), 10 + ((lane * 37 + turn * 53) % 300))
      const sql = turn % 2 === 0 ? slowQuery('gone') : 'SELECT * FROM orders'
      await restCaller(server.url, headers.gone)('execute_query', { source: 'pg', sql }, gone.signal).catch((error: unknown) => {
        if (!gone.signal.aborted) throw error
      })
      return { success: true, warnings: [], meta: {} }
    }
    try {
      return await runLoad({
        server,
        seconds,
        tally,
        load: (time) => repeat(width, time, (lane, turn) => tally.call(() => leave(lane, turn))),
        quiet: { headers: headers.quiet, tool: 'list_tables', input: { source: 'pg' } },
      })
    } finally {
      await server.stop()
    }
  },
}
