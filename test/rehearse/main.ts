import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Outcome, rehearse, seconds } from './rehearsal.ts'
import { rehearsals } from './rehearsals.ts'
import { fastFactor } from './scale-rules.ts'

const usage = `npm run rehearse -- [--fast] [--json] [ALERT...]

Breaks a real server, waits until Prometheus tells, does what the runbook says, and waits until the alert is clear: for
each alert that is named, else for all. --fast lets the time of the rules pass ${fastFactor} times as fast; without it some take days.
`

interface Failure {
  readonly alert: string
  readonly fault: string
  readonly error: string
}

const report = (outcomes: readonly (Outcome | Failure)[], factor: number): string => {
  const rows = outcomes.map((one) =>
    'error' in one
      ? `| ${one.alert} | ${one.fault} | failed: ${one.error.split('\n')[0]} | | |`
      : `| ${one.alert} | ${one.fault} | ${seconds(one.detectedMs)} | ${seconds(one.mitigatedMs)} | ${seconds(one.clearedMs)} |`,
  )
  const clock =
    factor === 1
      ? 'The rules are those that are shipped.'
      : `Windows, offsets and \`for\` of the rules are ${factor} times as short as shipped, and replicas are read twice a second; the expressions are the same otherwise.`
  return `${clock} Node ${process.versions.node}, ${cpus().length} cores, ${new Date().toISOString().slice(0, 10)}.

| alert | fault | fires after | runbook takes | clear after |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

const { values, positionals } = parseArgs({
  options: { fast: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  allowPositionals: true,
})
const unknown = positionals.filter((name) => rehearsals.every(({ alert }) => alert !== name))
if (values.help === true || unknown.length > 0) {
  process.stderr.write(unknown.length > 0 ? `No alert is named ${unknown.join(', ')}.\n\n${usage}` : usage)
  process.exit(unknown.length > 0 ? 2 : 0)
}
const factor = values.fast === true ? fastFactor : 1
const outcomes: (Outcome | Failure)[] = []
for (const rehearsal of rehearsals.filter(({ alert }) => positionals.length === 0 || positionals.includes(alert)))
  try {
    outcomes.push(await rehearse(rehearsal, factor, (text) => process.stderr.write(`${text.trimEnd()}\n`)))
  } catch (error) {
    process.stderr.write(`${rehearsal.alert}: ${error}\n`)
    outcomes.push({ alert: rehearsal.alert, fault: rehearsal.fault, error: String(error) })
  }
process.stdout.write(values.json === true ? `${JSON.stringify({ factor, rehearsals: outcomes })}\n` : report(outcomes, factor))
process.exit(outcomes.some((one) => 'error' in one) ? 1 : 0)
