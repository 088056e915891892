import pg from 'pg'
import { startPostgres } from '../../support/global-postgres.ts'
import { makeDatabase } from '../database.ts'
import { type Program, runLoad } from '../report.ts'
import { type Caller, keysFor, restCaller, startStressServer } from '../server.ts'
import { pause, repeat, Tally } from '../tally.ts'
import { mixedProject } from './mixed-calls.ts'

const width = 32

export const poolExhaustionProgram: Program = {
  name: 'pool-exhaustion',
  about: 'others take every session that the database has, and cut those of the server, again and again',
  async run({ seconds, mark }) {
    const own = await startPostgres(['-c', 'max_connections=24'])
    const { reader } = await makeDatabase(own.url, mark)
    const { file, headers } = keysFor('one')
    const server = await startStressServer(mixedProject(file), reader)
    const callers = Array.from({ length: width }, () => restCaller(server.url, headers.one))
    const ask = (lane: number, signal: AbortSignal) =>
      (callers[lane] as Caller)('execute_query', { source: 'pg', sql: 'SELECT * FROM customers WHERE id = 17' }, signal)
    const tally = new Tally()
    /** Takes every session there is, cuts those of the server, and gives them back after a while. */
    const exhaust = async (): Promise<void> => {
      const taken: pg.Client[] = []
      const admin = new pg.Client({ connectionString: own.url })
      await admin.connect()
      for (;;) {
        const client = new pg.Client({ connectionString: reader })
        client.on('error', () => {})
        if (
          !(await client.connect().then(
            () => taken.push(client),
            () => undefined,
          ))
        )
          break
      }
      await admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE '%_reader' AND application_name LIKE 'dataface%'",
      )
      for (let turn = 0; turn < 6; turn++) {
        const client = new pg.Client({ connectionString: reader })
        client.on('error', () => {})
        await client.connect().then(
          () => taken.push(client),
          () => undefined,
        )
      }
      await pause(400)
      await Promise.all(taken.map((client) => client.end().catch(() => {})))
      await admin.end()
      await pause(600)
    }
    try {
      const report = await runLoad({
        server,
        seconds,
        tally,
        allowed: ['SOURCE_UNAVAILABLE', 'RATE_LIMITED'],
        load: async (time) => {
          await Promise.all([repeat(width, time, (lane) => tally.call((signal) => ask(lane, signal)), 5), repeat(1, time, exhaust)])
        },
      })
      // Once they are given back, the next calls work.
      const recovered = new Tally()
      await pause(1_000)
      await repeat(4, 1, (lane) => recovered.call((signal) => ask(lane, signal)))
      const failed = [...recovered.codes].filter(([code]) => code !== 'OK')
      return { ...report, faults: [...report.faults, ...failed.map(([code, count]) => `${count} answers ${code} after recovery`)] }
    } finally {
      await server.stop()
      await own.stop()
    }
  },
}
