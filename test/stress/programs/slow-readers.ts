import { request } from 'node:http'
import { makeDatabase } from '../database.ts'
import { type Program, runLoad } from '../report.ts'
import { keysFor, type StressServer, startStressServer } from '../server.ts'
import { pause, repeat, Tally } from '../tally.ts'
import { mixedProject } from './mixed-calls.ts'

const readers = 12
const sql = 'SELECT a.id, a.amount, b.name FROM orders a JOIN customers b ON b.id = a.customer_id'

/** Reads a stream of rows at a few KB at a time, and leaves it after some seconds. */
const readSlowly = (server: StressServer, headers: Record<string, string> | undefined, until: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(
      `${server.url}/api/v1/execute_query`,
      { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/x-ndjson', ...headers } },
      async (answer) => {
        answer.pause()
        answer.on('error', () => {})
        while (performance.now() < until && !answer.readableEnded) {
          answer.read(4096)
          await pause(50)
        }
        answer.destroy()
        resolve(answer.statusCode ?? 0)
      },
    ).on('error', reject)
    asked.end(JSON.stringify({ source: 'pg', sql }))
  })

export const slowReadersProgram: Program = {
  name: 'slow-readers',
  about: `${readers} clients take streams of rows a few KB at a time`,
  async run({ cluster, seconds, mark }) {
    const { reader } = await makeDatabase(cluster, mark)
    const { file, headers } = keysFor('slow', 'quiet')
    const server = await startStressServer(mixedProject(file), reader)
    const tally = new Tally()
    try {
      return await runLoad({
        server,
        seconds,
        tally,
        allowed: ['RATE_LIMITED'],
        load: async (time) => {
          const until = performance.now() + time * 1000
          await repeat(
            readers,
            time,
            () =>
              tally.call(async () => {
                const status = await readSlowly(server, headers.slow, Math.min(until, performance.now() + 3_000))
                if (status === 429)
                  return { success: false, errors: [{ code: 'RATE_LIMITED', message: '', retryable: true }], warnings: [], meta: {} }
                if (status !== 200) throw new Error(`status ${status}`)
                return { success: true, warnings: [], meta: {} }
              }),
            100,
          )
        },
        quiet: { headers: headers.quiet, tool: 'execute_query', input: { source: 'pg', sql: 'SELECT * FROM orders WHERE id = 17' } },
      })
    } finally {
      await server.stop()
    }
  },
}
