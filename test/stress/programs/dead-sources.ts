import { createServer, type Socket } from 'node:net'
import { makeDatabase } from '../database.ts'
import { type Program, runLoad } from '../report.ts'
import { type Caller, keysFor, restCaller, startStressServer } from '../server.ts'
import { repeat, Tally } from '../tally.ts'
import { mixedProject } from './mixed-calls.ts'

const [alive, dead, mute] = [40, 5, 5]
const width = 8
/** How long all that can be reached may take to start, milliseconds. */
const startMs = 60_000

export const deadSourcesProgram: Program = {
  name: 'dead-sources',
  about: `${alive + dead + mute} sources, of which ${dead} refuse connections and ${mute} take them and say nothing`,
  async run({ cluster, seconds, mark }) {
    const { reader } = await makeDatabase(cluster, mark)
    const open = new Set<Socket>()
    const silent = createServer((socket) => open.add(socket.on('error', () => {}))).listen(0, '127.0.0.1')
    await new Promise((done) => silent.once('listening', done))
    const { port } = silent.address() as { port: number }
    const { file, headers } = keysFor('agents', 'quiet')
    const project = mixedProject(file)
    const sources = [
      ...Array.from({ length: alive - 2 }, (_, index) => `  good${index}: {type: csv, files: {days: days.csv}}`),
      ...Array.from({ length: dead }, (_, index) => `  dead${index}: {type: postgres, url: "postgres://u@127.0.0.1:1/d"}`),
      ...Array.from(
        { length: mute },
        (_, index) => `  mute${index}: {type: postgres, url: "postgres://u@127.0.0.1:${port}/d?sslmode=disable"}`,
      ),
    ]
    const server = await startStressServer({ ...project, 'dataface.yml': `${project['dataface.yml']}${sources.join('\n')}\n` }, reader)
    const callers = Array.from({ length: width }, () => restCaller(server.url, headers.agents))
    const quiet = restCaller(server.url, headers.quiet)
    const calls: readonly (readonly [string, unknown])[] = [
      ['list_sources', {}],
      ['execute_query', { source: 'good1', sql: 'SELECT count(*) AS n FROM days' }],
      ['execute_query', { source: 'dead1', sql: 'SELECT 1', timeout_ms: 2_000 }],
      ['catalog', { query: 'days' }],
      ['execute_query', { source: 'pg', sql: 'SELECT count(*) AS n FROM customers' }],
      ['list_tables', { source: 'mute1' }],
    ]
    const tally = new Tally()
    const countReady = async (): Promise<number> => {
      const { data = {} } = await quiet('list_sources', {}, AbortSignal.timeout(startMs))
      return (data.sources as readonly { state: string }[]).filter(({ state }) => state === 'ready').length
    }
    try {
      const until = performance.now() + startMs
      while ((await countReady()) < alive && performance.now() < until);
      return await runLoad({
        server,
        seconds,
        tally,
        allowed: ['SOURCE_UNAVAILABLE', 'QUERY_TIMEOUT'],
        load: (time) =>
          repeat(width, time, (lane, turn) => {
            const [tool, input] = calls[(lane + turn) % calls.length] as (typeof calls)[number]
            const mustWork = /good|"pg"/.test(JSON.stringify(input)) || tool === 'list_sources' || tool === 'catalog'
            return tally.call(
              (signal) => (callers[lane] as Caller)(tool, input, signal),
              ({ success }) => success || !mustWork,
            )
          }),
        quiet: { headers: headers.quiet, tool: 'execute_query', input: { source: 'pg', sql: 'SELECT * FROM orders WHERE id = 17' } },
      })
    } finally {
      await server.stop()
      for (const socket of open) socket.destroy()
      silent.close()
    }
  },
}
