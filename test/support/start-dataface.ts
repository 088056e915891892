import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Dataface, openDataface } from '../../server/main.ts'
import { createJsonLog } from '../../server/operations/log.ts'
import { openConfig } from '../../server/projects/open-project.ts'
import { readProjectText } from '../../server/projects/read-project.ts'
import { listen } from '../../server/transports/http/listen.ts'
import { root } from './project-files.ts'

export interface Started {
  readonly dataface: Dataface
  readonly url: string
  /** Lines that were logged, of every level. */
  readonly logged: string[]
  close(): Promise<void>
}

/**
 * Serves a project, given as the text of its dataface.yml, for real on a free port. Paths start from the root of this
 * project; its boards are a copy of those of the demo.
 */
export const startDataface = async (yaml: string, env: Record<string, string> = {}): Promise<Started> => {
  const logged: string[] = []
  const log = createJsonLog((line) => void logged.push(line), 'debug')
  const { config, disabled, diagnostics } = readProjectText(yaml, root, env)
  if (config === undefined) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join('\n'))
  const dir = await mkdtemp(join(tmpdir(), 'dft-served-'))
  await cp(resolve(root, 'docs/examples/demo/boards'), join(dir, 'boards'), { recursive: true })
  const dataface = openDataface({ project: openConfig({ config, disabled, diagnostics, log, dir }), log })
  const listening = await listen({ app: await dataface.app(), port: 0, host: '127.0.0.1' })
  return {
    dataface,
    url: listening.url,
    logged,
    async close() {
      await listening.close(500, dataface.close)
      await dataface.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const data = 'node_modules/vega-datasets/data'

/** A source over a few real files. */
export const vegaSource = `
  vega:
    type: duckdb
    datapackage: node_modules/vega-datasets/datapackage.json
    files:
      airports: ${data}/airports.csv
      flights_3m: ${data}/flights-3m.parquet
      movies: ${data}/movies.json
      penguins: ${data}/penguins.json
      seattle_weather: ${data}/seattle-weather.csv
`
