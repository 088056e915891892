import { connect, type Socket } from 'node:net'
import { makeDatabase } from '../database.ts'
import { type Program, runLoad } from '../report.ts'
import { keysFor, restCaller, startStressServer } from '../server.ts'
import { pause, repeat, Tally } from '../tally.ts'
import { mixedProject } from './mixed-calls.ts'

const burst = 300
const idle = 200

export const connectionStormsProgram: Program = {
  name: 'connection-storms',
  about: `${burst} connections at once, each for one call, beside ${idle} that send nothing or half a request`,
  async run({ cluster, seconds, mark }) {
    const { reader } = await makeDatabase(cluster, mark)
    const { file, headers } = keysFor('storm', 'quiet')
    const server = await startStressServer(mixedProject(file), reader)
    const port = Number(new URL(server.url).port)
    const tally = new Tally()
    const holdOpen = (half: boolean): Socket =>
      connect(port, '127.0.0.1', function (this: Socket) {
        if (half) this.write('POST /api/v1/list_sources HTTP/1.1\r\nhost: 127')
      }).on('error', () => {})
    try {
      return await runLoad({
        server,
        seconds,
        tally,
        load: async (time) => {
          const held = Array.from({ length: idle }, (_, index) => holdOpen(index % 2 === 0))
          await repeat(1, time, async () => {
            const once = (signal: AbortSignal) =>
              restCaller(server.url, { ...headers.storm, connection: 'close' })('list_tables', { source: 'files' }, signal)
            await Promise.all(Array.from({ length: burst }, () => tally.call(once)))
            await pause(500)
          })
          for (const socket of held) socket.destroy()
        },
        quiet: { headers: headers.quiet, tool: 'list_tables', input: { source: 'files' } },
      })
    } finally {
      await server.stop()
    }
  },
}
