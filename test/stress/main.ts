/**
 * `npm run stress -- NAME... [--seconds N]`: puts a load on a server of its own and reports what came of it: calls and
 * answers, times, what hangs, what is left behind, and how a caller beside it fares. Without a name it runs all of them.
 * `sessions` runs ten minutes unless told otherwise, the others one.
 */

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { startPostgres } from '../support/global-postgres.ts'
import { keepToProcessors } from './database.ts'
import { programs } from './programs.ts'
import { printReport } from './report.ts'

const { values, positionals } = parseArgs({ options: { seconds: { type: 'string' } }, allowPositionals: true })
const unknown = positionals.filter((name) => !programs.some((program) => program.name === name))
if (unknown.length > 0 || (values.seconds !== undefined && !(Number(values.seconds) > 0))) {
  const list = programs.map(({ name, about }) => `  ${name.padEnd(18)} ${about}`).join('\n')
  console.error(`Usage: npm run stress -- [NAME...] [--seconds N]\n\n${list}`)
  process.exit(2)
}
const cluster = await startPostgres()
const processors = keepToProcessors(cluster.pid())
console.log(`Of ${availableParallelism()} processors the database has ${processors ?? 'all'}.\n`)
let failed = false
for (const program of programs) {
  if (positionals.length > 0 && !positionals.includes(program.name)) continue
  const seconds = Number(values.seconds ?? (program.name === 'sessions' ? 600 : 60))
  const report = await program.run({ cluster: cluster.url, seconds, mark: `stress_${program.name.replaceAll('-', '_')}` })
  console.log(printReport(program.name, seconds, report))
  failed ||= report.faults.length + report.missed.length > 0
}
await cluster.stop()
process.exit(failed ? 1 : 0)
