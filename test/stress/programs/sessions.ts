import { makeDatabase } from '../database.ts'
import { type Program, runLoad } from '../report.ts'
import { type Caller, keysFor, mcpSession, startStressServer } from '../server.ts'
import { repeat, Tally } from '../tally.ts'
import { mixedCall, mixedCodes, mixedProject } from './mixed-calls.ts'

const sessions = 200
/** An agent thinks between its calls. */
const thinkMs = 4_000

export const sessionsProgram: Program = {
  name: 'sessions',
  about: `${sessions} sessions over MCP call all kinds of tools, each every few seconds`,
  async run({ cluster, seconds, mark }) {
    const { reader } = await makeDatabase(cluster, mark)
    const { file, headers } = keysFor('agents', 'quiet')
    const server = await startStressServer(mixedProject(file), reader)
    const agents: Caller[] = []
    for (let at = 0; at < sessions; at += 20)
      agents.push(...(await Promise.all(Array.from({ length: 20 }, () => mcpSession(server.url, headers.agents)))))
    const tally = new Tally()
    try {
      return await runLoad({
        server,
        seconds,
        tally,
        allowed: mixedCodes,
        load: (time) =>
          repeat(
            sessions,
            time,
            (lane, turn) => tally.call((signal) => (agents[lane] as Caller)(...mixedCall(lane, turn), signal)),
            thinkMs,
          ),
        quiet: { headers: headers.quiet, tool: 'execute_query', input: { source: 'pg', sql: 'SELECT * FROM orders WHERE id = 17' } },
      })
    } finally {
      await server.stop()
    }
  },
}
