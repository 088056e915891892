import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { contracts } from '../../contracts/catalog.ts'
import { errorCodeList, errorDefinitions } from '../../contracts/v1/errors.ts'
import { startDft } from '../cli/run-dft.ts'
import { root } from '../support/project-files.ts'
import { type AlertCase, alertCases, type SeriesOf } from './alert-cases.ts'
import { type AlertRule, alertRules, alertsFile, readRules } from './alert-rules.ts'

const ours = errorCodeList.filter((code) => errorDefinitions[code].httpStatus >= 500 && errorDefinitions[code].fixedBy !== 'caller')
const rulesPath = resolve(root, alertsFile)
const expressions = readRules()
  .groups.flatMap(({ rules }) => rules)
  .map(({ expr }) => expr)

/** Runs promtool of Debian's package `prometheus`; throws what it prints when it does not agree. */
const promtool = async (...args: string[]): Promise<string> => {
  try {
    return (await promisify(execFile)('promtool', args)).stdout
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string }
    throw new Error(code === 'ENOENT' ? 'promtool is missing: apt-get install prometheus' : `${stdout}${stderr}`)
  }
}

/** What the templates of an annotation come to for these labels. */
const fillIn = (text: string, labels: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_whole, name: string) => labels[name] ?? '')

const expected = ({ labels: own, annotations }: AlertRule, labels: Readonly<Record<string, string>>) => ({
  exp_labels: { ...own, ...labels },
  exp_annotations: Object.fromEntries(Object.entries(annotations).map(([name, text]) => [name, fillIn(text, labels)])),
})

const checkCase = async ({ alert, minutesPerSample = 1, labels, series, quiet, fires, clears, near }: AlertCase): Promise<void> => {
  const rule = alertRules().find((one) => one.alert === alert) as AlertRule
  const step = `${minutesPerSample}m`
  const look = (sample: number, alerts: readonly unknown[] = []) => ({
    eval_time: `${sample * minutesPerSample}m`,
    alertname: alert,
    exp_alerts: alerts,
  })
  const testOf = (values: SeriesOf, looks: readonly unknown[]) => ({
    interval: step,
    input_series: Object.entries(values).map(([name, list]) => ({ series: name, values: list })),
    alert_rule_test: looks,
  })
  const tests = [
    testOf(series, [look(quiet), look(fires, [expected(rule, labels)]), look(clears)]),
    testOf(
      near.series,
      near.at.map((sample) => look(sample)),
    ),
  ]
  const folder = await mkdtemp(join(tmpdir(), 'dataface-rules-'))
  try {
    const file = join(folder, 'test.yml')
    await writeFile(file, stringify({ rule_files: [rulesPath], evaluation_interval: step, tests }))
    await promtool('test', 'rules', file)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('the rules are rules to Prometheus', async () => {
  expect(await promtool('check', 'rules', rulesPath)).toContain('SUCCESS')
})

describe('alerts: each is quiet, fires, clears, and is not fooled by what comes near', () => {
  test.each(alertCases.map((one) => [one.alert, one] as const))('%s', (_alert, one) => checkCase(one))

  test('a limit that refuses many calls is told as a used budget is', async () => {
    const alert = 'DatafaceBudgetExhausted'
    await checkCase({
      alert,
      labels: { project: 'sales', limit: 'calls' },
      series: { 'dataface_limit_refusals_total{project="sales",limit="calls"}': '0+1x10 10+60x20 1210x20' },
      quiet: 10,
      fires: 20,
      clears: 40,
      near: { series: { 'dataface_limit_refusals_total{project="sales",limit="calls"}': '0+60x4 240x20' }, at: [5, 20] },
    })
  })

  test('no target at all is a replica that is down', async () => {
    await checkCase({
      alert: 'DatafaceReplicaDown',
      labels: { job: 'dataface' },
      series: { 'up{job="dataface",instance="a"}': '1x10 _x10 1x20' },
      quiet: 10,
      fires: 19,
      clears: 25,
      near: { series: { 'up{job="dataface",instance="a"}': '1x30' }, at: [10] },
    })
  })
})

test('the codes that count as our fault are those of the contracts: no fault of the caller, and of the server by their status', () => {
  const named = new Set(expressions.flatMap((expr) => [...expr.matchAll(/code=~"([^"]*)"/g)].map((match) => match[1])))
  expect([...named]).toEqual([ours.join('|')])
})

/** Of each class of tools, in how many seconds they are promised to answer, and their names. */
const promised = expressions.flatMap((expr) =>
  [...expr.matchAll(/le="(\d+)", tool=~"([^"]*)"/g)].map(([, seconds, names = '']) => ({ seconds, tools: names.split('|') })),
)

test('every tool that is served is promised a time, once', () => {
  expect(promised.flatMap(({ tools }) => tools).sort()).toEqual(contracts.map(({ name }) => name as string).sort())
})

describe('the page of service levels', () => {
  const page = readFileSync(resolve(root, 'docs/operations/service-levels.md'), 'utf8')

  test('names the codes that count as our fault', () => {
    expect([...page.matchAll(/^\| \[`([A-Z_]+)`\]/gm)].map((match) => match[1])).toEqual(ours)
  })

  test('promises each tool what the rules hold it to', () => {
    const rows = [...page.matchAll(/^\| those that .*?: (`.*`) \| (\d+) s \|$/gm)].map(([, names = '', seconds]) => ({
      seconds,
      tools: [...names.matchAll(/`(\w+)`/g)].map((match) => match[1]),
    }))
    expect(rows).toEqual(promised)
  })
})

test('every metric that the rules ask for is told by the server', async () => {
  const { child } = startDft(['serve', '--project', 'docs/examples/demo', '--port', '0', '--json'])
  const [line] = (await once(child.stdout as Readable, 'data')) as [string]
  const text = await (await fetch(`${(JSON.parse(line) as { url: string }).url}/metrics`)).text()
  const told = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map((match) => match[1]))
  const asked = expressions.flatMap((expr) => [...expr.matchAll(/\bdataface_\w+/g)].map(([name]) => name.replace(/_(bucket|count)$/, '')))
  expect(asked.length).toBeGreaterThan(20)
  expect([...new Set(asked)].filter((name) => !told.has(name))).toEqual([])
})
