/** Several projects on one server: each its own world, and to the others as if it were not there. */
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeKey } from '../../server/access/api-key.ts'
import { scopeNames } from '../../server/access/scope.ts'
import { openServer, type Serving } from '../../server/main.ts'
import { type Listening, listen } from '../../server/transports/http/listen.ts'
import { openBrowser } from '../support/browser.ts'
import { type AnyEnvelope, httpDoors } from '../support/doors.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

/** Two teams with sources of the same name, and one project that anyone on this machine may use. */
const texts = {
  sales: `name: sales\naccess: {}\nsources:\n  shop: { type: csv, files: { orders: node_modules/vega-datasets/data/seattle-weather.csv } }\n`,
  support: `name: support\naccess: {}\nsources:\n  shop: { type: csv, files: { tickets: node_modules/vega-datasets/data/airports.csv } }\n`,
  public: `name: public\nsources:${vegaSource}`,
}
type Name = keyof typeof texts

const started = {} as Record<Name, Started>
const keys = {} as Record<Name, Record<string, string>>
let server: Required<Serving>
let listening: Listening
beforeAll(async () => {
  for (const name of Object.keys(texts) as Name[]) {
    started[name] = await startDataface(texts[name])
    const { text, kept } = makeKey({ name, scopes: [scopeNames.read] }, new Date())
    await started[name].dataface.project.access.keys?.change((known) => [...known, kept])
    keys[name] = { authorization: `Bearer ${text}` }
  }
  const open = Object.values(started)
  server = openServer(
    open.map(({ dataface }) => dataface),
    () => {},
  )
  listening = await listen({ app: await server.app(), port: 0, host: '127.0.0.1' })
})
afterAll(async () => {
  await listening?.close(100, async () => {})
  await server?.close()
  for (const one of Object.values(started)) await one.close()
})

const doorsAt = (name: Name, base: string, headers: Record<string, string>) =>
  Object.entries(httpDoors({ url: listening.url + base, dataface: started[name].dataface }, undefined, headers)).filter(
    ([door]) => door !== 'inside',
  )

const tablesOf = async (door: (tool: string, input: unknown) => Promise<AnyEnvelope>): Promise<unknown> => {
  const { data = {}, meta, errors } = await door('list_tables', { source: 'shop' })
  return errors ?? [meta.project, (data.tables as { name: string }[]).map(({ name }) => name)]
}

describe('a project is found', () => {
  test.each([
    ['sales', 'orders'],
    ['support', 'tickets'],
  ] as const)('%s: by its path, and without one by the key of the caller, through every door', async (name, table) => {
    for (const base of [`/p/${name}`, ''])
      for (const [door, call] of doorsAt(name, base, keys[name]))
        expect([base, door, await tablesOf(call)]).toEqual([base, door, [name, [table]]])
  })

  test('that asks nobody who calls, by its path', async () => {
    for (const headers of [{}, keys.sales])
      for (const [, call] of doorsAt('public', '/p/public', headers)) expect((await call('list_sources', {})).meta.project).toBe('public')
  })
})

describe('the pages of a project', () => {
  const page = async (path: string): Promise<string> => (await fetch(`${listening.url}/p/public${path}`)).text()

  test('lead to its own pages and programs', async () => {
    for (const path of ['/boards', '/boards/boards/weather', '/docs', '/docs/api', '/docs/search?q=limit']) {
      const links = [...(await page(path)).matchAll(/ (?:href|src|action|data-document)="(\/[^"#?]*)/g)].map(([, link]) => link as string)
      expect(links.length).toBeGreaterThan(3)
      expect(links.filter((link) => !link.startsWith('/p/public/'))).toEqual([])
      const gone = await Promise.all([...new Set(links)].map(async (link) => ((await fetch(listening.url + link)).ok ? undefined : link)))
      expect([path, gone.filter((link) => link !== undefined)]).toEqual([path, []])
    }
    expect(JSON.parse(await page('/openapi.json'))).toMatchObject({ servers: [{ url: '/p/public/' }] })
  })

  test('work in a browser: a board is drawn and found there', async () => {
    const browser = await openBrowser()
    const tab = await browser.newPage()
    const foreign: string[] = []
    tab.on('response', (response) => {
      if (!response.ok() || !response.url().startsWith(`${listening.url}/p/public/`)) foreign.push(`${response.status()} ${response.url()}`)
    })
    await tab.goto(`${listening.url}/p/public/boards`)
    await tab.locator('#results a').first().click()
    await tab.locator('.card svg, .card table').first().waitFor()
    expect(new URL(tab.url()).pathname).toMatch(/^\/p\/public\/boards\//)
    expect(foreign).toEqual([])
    await browser.close()
  })
})

/** A key that has the form of one and is none. */
const unknownKey = () => ({ headers: { authorization: `Bearer ${makeKey({ name: '', scopes: [] }, new Date()).text}` } })

/** What an answer is made of, without what differs between any two. */
const answerOf = async (path: string, init: RequestInit): Promise<unknown> => {
  const response = await fetch(listening.url + path, { redirect: 'manual', ...init })
  const headers = [...response.headers].filter(([name]) => !['date', 'x-request-id', 'content-length'].includes(name))
  const text = (await response.text()).replaceAll(/"request_id":"[^"]+"|"timing_ms":[\d.]+/g, '')
  return { status: response.status, headers, text }
}

describe('a project of others', () => {
  const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_sources', arguments: {} } })
  const requests: readonly (readonly [string, RequestInit])[] = [
    ['/api/v1/list_sources', { method: 'POST', headers: json, body: '{}' }],
    ['/api/v1/nothing', { method: 'POST', headers: json, body: '{}' }],
    ['/mcp', { method: 'POST', headers: json, body: call }],
    ['/mcp', { method: 'GET', headers: json }],
    ['/mcp', { method: 'DELETE' }],
    ['/trpc/list_sources', {}],
    ['/trpc/list_sources,list_tables?batch=1', {}],
    ['/trpc/nothing', {}],
    ['/trpc/%zz,nothing?batch=1', {}],
    ['/trpc/list_sources', { method: 'POST', body: 'text' }],
    ['/api/v1/list_sources', { method: 'POST', headers: { ...json, origin: 'https://elsewhere.example' }, body: '{}' }],
    ['/mcp', { method: 'POST', headers: { ...json, 'sec-fetch-site': 'cross-site' }, body: call }],
    ['/sign-in', { method: 'POST', body: 'x'.repeat(5_000_000) }],
    ['/boards', { headers: { accept: 'text/html' } }],
    ['/boards/weather', {}],
    ['/docs', { headers: { accept: 'text/html' } }],
    ['/openapi.json', {}],
    ['/sign-in', {}],
    ['/sign-in', { method: 'POST', body: new URLSearchParams({ key: 'dft_nope', next: '/boards' }) }],
    ['/', {}],
    ['', {}],
    ['/healthz', {}],
    ['/nothing', {}],
  ]

  test.each([
    ['without credentials', () => ({})],
    ['with wrong ones', () => ({ authorization: 'Bearer dft_nope' })],
    ['with those of another project', () => keys.sales],
  ])('answers %s as one that is not there', async (_how, credentials) => {
    for (const [path, init] of requests) {
      const ask = (name: string) =>
        answerOf(`/p/${name}${path}`, { ...init, headers: { ...(init.headers as Record<string, string>), ...credentials() } })
      const there = JSON.stringify(await ask('support')).replaceAll('support', 'NAME')
      const missing = JSON.stringify(await ask('nowhere')).replaceAll('nowhere', 'NAME')
      expect([path, there]).toEqual([path, missing])
      expect(JSON.parse(there)).not.toMatchObject({ text: expect.stringContaining('"success":true') as string })
    }
  })

  test('is not told from one that is not there by when its answer comes', async () => {
    const answers = await Promise.all(
      ['support', 'nowhere'].map(
        (name) =>
          new Promise((done) => {
            // A body of which the end never comes.
            const request = `POST /p/${name}/mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{`
            const socket = connect(Number(new URL(listening.url).port), '127.0.0.1', () => socket.write(request))
            socket.once('data', (bytes) => {
              socket.destroy()
              done(bytes.toString().slice(0, 12))
            })
          }),
      ),
    )
    expect(answers).toEqual(['HTTP/1.1 401', 'HTTP/1.1 401'])
  })

  test('whose keys cannot be read is not told from one that is not there either', async () => {
    const file = join(started.support.dataface.project.boards?.dir ?? '', '.dataface/keys.json')
    const kept = readFileSync(file)
    writeFileSync(file, '{')
    try {
      const [there, missing] = await Promise.all(['support', 'nowhere'].map((name) => answerOf(`/p/${name}/openapi.json`, unknownKey())))
      expect(there).toEqual(missing)
      expect(there).toMatchObject({ status: 503 })
    } finally {
      writeFileSync(file, kept)
    }
  })

  test('gives no cursor, source or board to who asks with those of another', async () => {
    const [[, sales]] = doorsAt('sales', '/p/sales', keys.sales) as [[string, (tool: string, input: unknown) => Promise<AnyEnvelope>]]
    const [[, support]] = doorsAt('support', '/p/support', keys.support) as [
      [string, (tool: string, input: unknown) => Promise<AnyEnvelope>],
    ]
    const page = await sales('execute_query', { source: 'shop', sql: 'SELECT 1 FROM orders', limit: 1 })
    const cursor = page.data?.next_cursor
    expect(cursor).toBeTypeOf('string')
    const stolen = await support('execute_query', { source: 'shop', sql: 'SELECT 1 FROM orders', limit: 1, cursor })
    expect(stolen.success).toBe(false)
    expect(JSON.stringify(await support('catalog', { query: 'orders' }))).not.toContain('precipitation')
  })
})

describe('the server', () => {
  test('signs nobody in for a page of another site, and tells a name of no project to one', async () => {
    const foreign = { headers: { origin: 'https://elsewhere.example' } }
    const form = new URLSearchParams({ key: String(keys.sales.authorization).slice('Bearer '.length), next: '/boards' })
    const signIn = (init: object) => fetch(`${listening.url}/sign-in`, { method: 'POST', redirect: 'manual', body: form, ...init })
    expect([(await signIn({})).status, (await signIn(foreign)).status]).toEqual([303, 403])
    const open = await openServer([started.public.dataface], () => {}).app()
    for (const path of ['/', '/p/public/docs', '/p/nowhere/docs'])
      expect((await open.fetch(new Request(`http://127.0.0.1${path}`, { headers: { host: 'rebound.example' } }))).status).toBe(403)
  })

  test('describes a project that takes tokens where OAuth looks for it', async () => {
    const resource = 'http://127.0.0.1/p/tokens/mcp'
    const access = `access: { oauth: { issuer: 'https://id.example.com', resource: '${resource}' } }`
    const tokens = await startDataface(`name: tokens\n${access}\nsources: {}\n`)
    const app = await openServer([started.sales.dataface, tokens.dataface], () => {}).app()
    const get = (path: string) => app.fetch(new Request(`http://127.0.0.1${path}`, { headers: { host: '127.0.0.1' } }))
    const [, metadata = ''] = /resource_metadata="([^"]+)"/.exec((await get('/p/tokens/docs')).headers.get('www-authenticate') ?? '') ?? []
    expect(await (await get(new URL(metadata).pathname)).json()).toMatchObject({ resource })
    await tokens.close()
  })

  test('guesses no project for who is a caller of several', async () => {
    const { text, kept } = makeKey({ name: 'both', scopes: [scopeNames.read] }, new Date())
    for (const name of ['sales', 'support'] as const) await started[name].dataface.project.access.keys?.change((known) => [...known, kept])
    const headers = { authorization: `Bearer ${text}` }
    expect(await answerOf('/api/v1/list_sources', { method: 'POST', headers })).toMatchObject({
      status: 400,
      text: expect.stringContaining('Name one in the address: /p/sales, /p/support.') as string,
    })
    for (const name of ['sales', 'support'] as const)
      for (const [, call] of doorsAt(name, `/p/${name}`, headers)) expect((await call('list_sources', {})).meta.project).toBe(name)
  })

  test('leads a person who is known back to the form at the path of the project', async () => {
    const page = await (await fetch(`${listening.url}/p/sales/sign-in`, { headers: keys.sales })).text()
    expect(page).toContain('action="/p/sales/sign-in"')
  })

  test('that is replaced by another leaves open what it served, and answers for what is not there no longer', async () => {
    const replaced = openServer([started.sales.dataface], () => {})
    const app = await replaced.app()
    const statusOf = async (path: string, headers: Record<string, string> = {}) =>
      (
        await app.fetch(
          new Request(`http://127.0.0.1${path}`, {
            method: 'POST',
            body: '{}',
            headers: { 'content-type': 'application/json', ...headers },
          }),
        )
      ).status
    expect(await statusOf('/p/none/api/v1/list_sources')).toBe(401)
    await replaced.closeOwn()
    expect(await statusOf('/p/none/api/v1/list_sources')).toBe(503)
    expect(await statusOf('/p/sales/api/v1/list_sources', keys.sales)).toBe(200)
  })

  test('names its projects only where each may be known', async () => {
    const open = openServer([started.public.dataface], () => {})
    const app = await open.app()
    expect(await (await app.fetch(new Request('http://127.0.0.1/', { headers: { host: '127.0.0.1' } }))).json()).toMatchObject({
      projects: ['/p/public'],
    })
    expect(JSON.stringify(await answerOf('/', {}))).not.toMatch(/sales|support|public/)
  })
})
