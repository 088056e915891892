import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createTelemetry, type Dataface, openDataface } from '../../server/main.ts'
import { createJsonLog } from '../../server/operations/log.ts'
import { openConfig } from '../../server/projects/open-project.ts'
import { readProjectText } from '../../server/projects/read-project.ts'
import type { Telemetry } from '../../server/telemetry/telemetry.ts'
import type { Tracer } from '../../server/telemetry/tracer.ts'
import { listen } from '../../server/transports/http/listen.ts'
import { withOperatorPages } from '../../server/transports/operator/operator-app.ts'
import { operatorTokenVariable } from '../../server/transports/operator/operator-token.ts'
import { root } from './project-files.ts'

export interface Started {
  readonly dataface: Dataface
  readonly url: string
  readonly telemetry: Telemetry
  /** Lines that were logged, of every level. */
  readonly logged: string[]
  /** The folder of its boards. */
  readonly boards: string
  close(): Promise<void>
}

/**
 * Serves a project, given as the text of its dataface.yml, for real, by default on a free port. Paths start from the root of this
 * project; its boards are a copy of those of the demo.
 */
export const startDataface = async (yaml: string, env: Record<string, string> = {}, port = 0, tracer?: Tracer): Promise<Started> => {
  const logged: string[] = []
  const log = createJsonLog((line) => void logged.push(line), 'debug')
  const { config, disabled, diagnostics } = readProjectText(yaml, root, env)
  if (config === undefined) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join('\n'))
  const dir = await mkdtemp(join(tmpdir(), 'dft-served-'))
  await cp(resolve(root, 'docs/examples/demo/boards'), join(dir, 'boards'), { recursive: true })
  const telemetry = createTelemetry(tracer)
  const dataface = openDataface({ project: openConfig({ config, disabled, diagnostics, log, dir }), log, telemetry })
  telemetry.observe(() => [dataface.project])
  const app = withOperatorPages(await dataface.app(), { telemetry, token: env[operatorTokenVariable], log })
  const listening = await listen({ app, port, host: '127.0.0.1' })
  return {
    dataface,
    url: listening.url,
    telemetry,
    logged,
    boards: join(dir, 'boards'),
    async close() {
      await listening.close(500, dataface.cancelCalls)
      await dataface.close()
      telemetry.close()
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
