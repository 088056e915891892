import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { folderOf } from '../cli/run-dft.ts'
import { root } from '../support/project-files.ts'
import { parseMetrics } from '../support/read-metrics.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

interface Panel {
  readonly title: string
  readonly targets?: readonly { readonly expr: string }[]
}

const dashboard = JSON.parse(readFileSync(join(root, 'docs/operations/grafana-dashboard.json'), 'utf8')) as {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly query: string | { readonly query: string } }[] }
}

/** Expressions as Grafana would send them. */
const expressions = dashboard.panels
  .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  .map((expr) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$project', '.*').replaceAll('$job', 'dataface'))

let started: Started
let scrape: string
beforeAll(async () => {
  started = await startDataface(`name: shop\nquotas: { caller: { calls_per_minute: 60 } }\naudit: {}\nsources:${vegaSource}`)
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const params = { name: 'execute_query', arguments: { source: 'vega', sql: 'SELECT 1' } }
  await fetch(`${started.url}/mcp`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  })
  scrape = await (await fetch(`${started.url}/metrics`)).text()
})
afterAll(() => started?.close())

/** Without what is quoted, which may look like a name. */
const bare = (text: string): string => text.replace(/"[^"]*"/g, '""')

test('every metric and every label of the dashboard is there', () => {
  const series = parseMetrics(scrape)
  const names = new Set(series.map(({ name }) => name))
  const labels = new Set([...series.flatMap((one) => Object.keys(one.labels)), 'instance', 'job'])
  const queries = dashboard.templating.list.map(({ query }) => (typeof query === 'string' ? query : query.query))
  const used = [...expressions, ...queries].flatMap((expr) =>
    [...bare(expr).matchAll(/\b(?:dataface|mcp|process|nodejs)_[a-z_]+/g)].map(([name]) => name),
  )
  expect(used.length).toBeGreaterThan(30)
  expect(used.filter((name) => !names.has(name))).toEqual([])
  const named = expressions
    .map(bare)
    .flatMap((expr) => [
      ...[...expr.matchAll(/[{,]\s*(\w+)\s*[!=]/g)].map(([, label]) => label as string),
      ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', ')),
    ])
  expect(named.filter((label) => !labels.has(label))).toEqual([])
})

test('every metric of the server is on the dashboard', () => {
  const ours = [...scrape.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name as string)
  expect(ours.filter((name) => !expressions.some((expr) => expr.includes(name)))).toEqual([])
})

const promtool = (args: readonly string[], input = ''): string => {
  if (!existsSync('/usr/bin/promtool')) throw new Error('This test needs promtool: apt-get install prometheus, as .ci/run does.')
  return execFileSync('/usr/bin/promtool', args, { input, encoding: 'utf8', stdio: 'pipe' })
}

test('Prometheus can read every expression, and finds nothing odd in what the server tells', () => {
  const rules = expressions.map((expr, index) => `      - { record: 'panel:${index}', expr: ${JSON.stringify(expr)} }`)
  const folder = folderOf({ 'rules.yml': `groups:\n  - name: dashboard\n    rules:\n${rules.join('\n')}\n` })
  expect(promtool(['check', 'rules', join(folder, 'rules.yml')])).toContain(`SUCCESS: ${expressions.length} rules found`)
  expect(promtool(['check', 'metrics'], scrape)).toBe('')
})

test('panels have names of their own and what they show', () => {
  const titles = dashboard.panels.map(({ title }) => title)
  expect(new Set(titles).size).toBe(titles.length)
  expect(titles.filter((title) => title === '')).toEqual([])
})
