import type { AnyEnvelope } from '../../support/doors.ts'
import { makeDatabase } from '../database.ts'
import { type Program, runLoad } from '../report.ts'
import { type Caller, keysFor, mcpSession, startStressServer } from '../server.ts'
import { repeat, Tally } from '../tally.ts'

const teams = ['blue', 'green'] as const
const width = 16

/** Two projects that have everything in common but what stands in it. */
const filesOf = (team: string, keys: string): Readonly<Record<string, string>> => ({
  [`${team}/dataface.yml`]: `name: ${team}\naccess: {}\nsources:\n  data: {type: csv, files: {people: people.csv}}\n`,
  [`${team}/people.csv`]: `name\n${team}\n`,
  [`${team}/boards/main.yml`]: `title: Of ${team}\ntext: ${team}\n`,
  [`${team}/.dataface/keys.json`]: keys,
})

export const twoTeamsProgram: Program = {
  name: 'two-teams',
  about: 'two projects on one server, with the same names of sources, tables and boards; each must see its own',
  async run({ cluster, seconds, mark }) {
    const { reader } = await makeDatabase(cluster, mark)
    const keys = teams.map((team) => keysFor(team))
    const server = await startStressServer(
      Object.assign({}, ...teams.map((team, index) => filesOf(team, keys[index]?.file ?? ''))) as Record<string, string>,
      reader,
    )
    const callers = await Promise.all(
      Array.from({ length: width }, (_, lane) => {
        const team = teams[lane % 2] as (typeof teams)[number]
        // Half of them name their project, the others are known by their key.
        return mcpSession(lane % 4 < 2 ? server.url : `${server.url}/p/${team}`, keys[lane % 2]?.headers[team])
      }),
    )
    const calls: readonly (readonly [string, unknown])[] = [
      ['execute_query', { source: 'data', sql: 'SELECT name FROM people' }],
      ['get_dashboard', { path: 'boards/main.yml' }],
      ['search_dashboards', { query: 'of' }],
      ['describe_table', { source: 'data', table: 'people' }],
      ['render_dashboard', { path: 'boards/main.yml' }],
    ]
    const isOf = (team: string) => (answer: AnyEnvelope) => {
      const text = JSON.stringify(answer)
      return answer.meta.project === team && teams.every((one) => one === team || !text.includes(one))
    }
    const tally = new Tally()
    try {
      return await runLoad({
        server,
        seconds,
        tally,
        load: (time) =>
          repeat(
            width,
            time,
            (lane, turn) => {
              const [tool, input] = calls[turn % calls.length] as (typeof calls)[number]
              return tally.call((signal) => (callers[lane] as Caller)(tool, input, signal), isOf(teams[lane % 2] as string))
            },
            20,
          ),
      })
    } finally {
      await server.stop()
    }
  },
}
