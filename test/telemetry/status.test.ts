import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Status } from '../../server/telemetry/status.ts'
import { openBrowser } from '../support/browser.ts'
import { postgresUrl } from '../support/postgres.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let started: Started
let browser: Browser
beforeAll(async () => {
  const text = `name: shop
quotas: { tools: { execute_query: { calls_per_minute: 5 } } }
sources:
  orders: { type: postgres, url: "{{ env_var('URL') }}" }
  stock: { type: postgres, url: "{{ env_var('STOCK_URL') }}" }${vegaSource}`
  const url = postgresUrl('fixture', { user: 'reader', password: 'Pa55-wrong' })
  started = await startDataface(text, { URL: url })
  await call('list_sources', {})
  for (const sql of ['SELECT 1', "SELECT 'se-cret' FROM nowhere", 'DELETE FROM airports', 'SELECT 2', 'SELECT 3', 'SELECT 4'])
    await call('execute_query', { source: 'vega', sql })
  await call('list_tables', { source: 'orders' }, 1)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await started?.close()
})

const call = (tool: string, input: unknown, version = 2) =>
  fetch(`${started.url}/api/v${version}/${tool}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': '<b>night</b>-report/3.1 (host.example)' },
    body: JSON.stringify(input),
  })

const readStatus = async (): Promise<Status> => (await fetch(`${started.url}/status.json`)).json() as Promise<Status>

describe('the status', () => {
  test('says first what is wrong', async () => {
    const { state, findings } = await readStatus()
    expect(state).toBe('error')
    expect(findings.map(({ level, what }) => [level, what.split(':', 1)[0]])).toEqual([
      ['error', 'The source orders is unavailable'],
      ['error', 'The source stock is disabled'],
      ['error', '100 % of a budget of calls is used.'],
      ['error', 'list_tables'],
    ])
  })

  test('shows sources, tools, refusals, budgets and the versions that clients call', async () => {
    const { projects, tools, refusals, clients, server } = await readStatus()
    expect(projects[0]?.sources.map(({ name, state, reason }) => [name, state, reason?.code])).toEqual([
      ['orders', 'unavailable', 'SOURCE_UNAVAILABLE'],
      ['stock', 'disabled', 'SOURCE_UNAVAILABLE'],
      ['vega', 'ready', undefined],
    ])
    expect(projects[0]?.sources[2]?.metadata_age_s).toBeLessThan(60)
    const [query] = tools.filter(({ tool }) => tool === 'execute_query')
    expect([query?.calls, query?.codes, query?.failed_ratio]).toEqual([6, { TABLE_NOT_FOUND: 1, SQL_REJECTED: 1, RATE_LIMITED: 1 }, 0])
    expect(refusals.map(({ tool, code, rule }) => [tool, code, rule])).toEqual([
      ['list_tables', 'SOURCE_UNAVAILABLE', undefined],
      ['execute_query', 'RATE_LIMITED', 'calls'],
      ['execute_query', 'SQL_REJECTED', 'not_a_read'],
      ['execute_query', 'TABLE_NOT_FOUND', undefined],
    ])
    expect(projects[0]?.budgets.calls).toBe(1)
    expect(clients.map(({ client, versions }) => [client, versions])).toEqual([['<b>night<', { v1: 1, v2: 7 }]])
    expect([server.calls_in_flight, server.calls_dropped]).toEqual([0, 0])
  })

  test('tells nothing that was asked for, and no secret', async () => {
    const page = await (await fetch(`${started.url}/status`)).text()
    const seen = page + JSON.stringify(await readStatus())
    expect(seen).not.toMatch(/se-cret|Pa55|reader|nowhere|DELETE|127\.0\.0\.1|host\.example|STOCK_URL/)
    expect(page).not.toContain('<b>night')
  })

  test('is a page for a person, or JSON for who accepts that', async () => {
    const typeOf = async (accept: string) => (await fetch(`${started.url}/status`, { headers: { accept } })).headers.get('content-type')
    expect([await typeOf('text/html'), await typeOf('application/json')]).toEqual(['text/html; charset=utf-8', 'application/json'])
  })

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)('in %s, %i wide: nothing keeps people from reading, and nothing is loaded', async (colorScheme, width) => {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } })
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(`${started.url}/status`)
    expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([`${started.url}/status`])
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Something is wrong')
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await page.evaluate(axe)
    const violations = await page.evaluate(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))",
    )
    expect(violations).toEqual([])
    await page.close()
  })
})
