/** Who may call: one check for every door, with API keys; see oauth.test.ts for tokens. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type KeptKey, makeKey } from '../../server/access/api-key.ts'
import { KeyFile } from '../../server/access/key-file.ts'
import { scopeNames } from '../../server/access/scope.ts'
import { servedTools } from '../../server/generated/handlers.ts'
import { listen } from '../../server/transports/http/listen.ts'
import { httpDoors, readRpc } from '../support/doors.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let started: Started
beforeAll(async () => {
  started = await startDataface(`name: secret_name\naccess: {}\nsources:${vegaSource}`)
})
afterAll(() => started?.close())

/** A key that works until it is changed. */
const keyFor = async (scopes: readonly string[], about: Partial<KeptKey> = {}): Promise<string> => {
  const { text, kept } = makeKey({ name: 'test', scopes }, new Date())
  await started.dataface.project.access.keys?.change((keys) => [...keys, { ...kept, ...about }])
  return text
}
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

const isKnown = async (key: string): Promise<boolean> =>
  (
    await fetch(`${started.url}/api/v1/list_sources`, {
      method: 'POST',
      headers: { ...bearer(key), 'content-type': 'application/json' },
      body: '{}',
    })
  ).status === 200

/** Revokes a key, as `dft keys revoke` does, and waits until the server knows. */
const revoke = async (key: string): Promise<void> => {
  await started.dataface.project.access.keys?.change((keys) =>
    keys.map((one) => (key.includes(one.id) ? { ...one, revoked_at: new Date().toISOString() } : one)),
  )
  await expect.poll(() => isKnown(key), { timeout: 10_000 }).toBe(false)
}

/** The doors that are reached from outside. */
const doors = (headers: Record<string, string> = {}) =>
  Object.entries(httpDoors(started, undefined, headers)).filter(([name]) => name !== 'inside')

const listed = async (headers: Record<string, string>, mcp: Record<string, string>, meta?: object): Promise<readonly string[]> => {
  const response = await fetch(`${started.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers, ...mcp },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: meta === undefined ? {} : { _meta: meta } }),
  })
  const { result } = (await readRpc(response)) as { result?: { tools?: readonly { name: string }[] } }
  return (result?.tools ?? []).map(({ name }) => name)
}

/** What a page hears of boards that change. */
const eventsFor = async (key: string) => {
  const gone = new AbortController()
  const response = await fetch(`${started.url}/boards-events`, { headers: bearer(key), signal: gone.signal })
  const heard = { text: '', isOpen: true, ended: Promise.resolve(), stop: () => gone.abort() }
  const read = async () => {
    for await (const chunk of response.body ?? []) heard.text += Buffer.from(chunk).toString()
  }
  heard.ended = read()
    .catch(() => {})
    .finally(() => {
      heard.isOpen = false
    })
  return heard
}

let written = 0
const writeBoard = (): Promise<void> => writeFile(join(started.boards, 'written.yml'), `title: Board ${written++}\n`)

describe('a project that asks who calls', () => {
  test('refuses whoever does not say, through every door, and says nothing of itself', async () => {
    const wrong = ['Bearer dft_0000000000_0000000000000000000000000000000000000000', 'Bearer nonsense', 'Basic YTpi', 'Bearer']
    for (const headers of [{}, ...wrong.map((authorization) => ({ authorization }))])
      for (const [name, door] of doors(headers as Record<string, string>)) {
        const answer = await door('list_sources', {})
        expect([name, answer.errors?.[0]?.code]).toEqual([name, 'UNAUTHENTICATED'])
        expect(answer.errors?.[0]?.hint).toMatch(/key/)
        expect(JSON.stringify(answer)).not.toContain('secret_name')
      }
  })

  test('says by HTTP that credentials are missing, or that they are wrong', async () => {
    const challengeOf = async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(started.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{}',
      })
      return [response.status, response.headers.get('www-authenticate')]
    }
    for (const path of ['/api/v1/list_sources', '/mcp', '/trpc/list_sources', '/boards-data/x', '/nothing']) {
      expect(await challengeOf(path)).toEqual([401, 'Bearer scope="dataface:read"'])
      expect(await challengeOf(path, bearer('x'))).toEqual([401, 'Bearer error="invalid_token"'])
    }
  })

  test('shows nothing but the way in to who is not known', async () => {
    const open: string[] = []
    for (const path of [
      '/',
      '/docs',
      '/openapi.json',
      '/boards',
      '/boards/weather',
      '/boards-events',
      '/boards-assets/style.css',
      '/healthz',
      '/readyz',
      '/sign-in',
    ]) {
      const response = await fetch(started.url + path, { redirect: 'manual' })
      if (response.status === 200) open.push(path)
      expect(await response.text()).not.toContain('secret_name')
    }
    expect(open).toEqual(['/healthz', '/readyz', '/sign-in'])
  })

  test('says nothing of itself to who is not known, whatever is wrong with the request', async () => {
    for (const [path, init] of [
      ['/trpc/nothing', {}],
      ['/trpc/list_sources,nothing?batch=1', {}],
      ['/trpc/list_sources', { method: 'POST', body: 'text' }],
      ['/api/v1/list_sources', { method: 'POST', headers: { origin: 'https://elsewhere.example' } }],
    ] as const) {
      const response = await fetch(started.url + path, init)
      expect([path, response.status >= 401 && response.status <= 403]).toEqual([path, true])
      expect(await response.text()).not.toMatch(/secret_name|Tools:/)
    }
  })

  test('says nothing of itself either when it cannot tell who calls', async () => {
    await keyFor([scopeNames.read])
    const file = join(started.boards, '../.dataface/keys.json')
    const kept = await readFile(file)
    await writeFile(file, '{')
    try {
      for (const [name, door] of doors(bearer(makeKey({ name: '', scopes: [] }, new Date()).text))) {
        const answer = await door('list_sources', {})
        expect([name, answer.errors?.[0]?.code, answer.meta.project]).toEqual([name, 'NOT_READY', 'unknown'])
        expect(JSON.stringify(answer)).not.toContain('secret_name')
      }
    } finally {
      await writeFile(file, kept)
    }
  })

  test('answers who has a key, through every door', async () => {
    const key = await keyFor([scopeNames.read])
    for (const [name, door] of doors(bearer(key))) {
      const answer = await door('execute_query', { source: 'vega', sql: 'SELECT 1 AS one' })
      expect([name, answer.success, answer.meta.project]).toEqual([name, true, 'secret_name'])
    }
  })

  test.each([
    ['expired', { expires_at: new Date(Date.now() - 1000).toISOString() }],
    ['revoked', { revoked_at: new Date().toISOString() }],
    ['of another secret', { hash: '0'.repeat(64) }],
  ])('refuses a key that is %s', async (_why, about) => {
    const key = await keyFor([scopeNames.write], about)
    for (const [, door] of doors(bearer(key))) expect((await door('list_sources', {})).errors?.[0]?.code).toBe('UNAUTHENTICATED')
  })

  test.each<[string, (kept: KeptKey) => Partial<KeptKey>]>([
    ['has another secret', () => ({ hash: makeKey({ name: 'test', scopes: [] }, new Date()).kept.hash })],
    ['expires', () => ({ expires_at: new Date(Date.now() + 1_500).toISOString() })],
    ['is for other tools', () => ({ scopes: [] })],
    ['is gone', () => ({ id: 'another000' })],
  ])('refuses a key that it knew soon after it %s in the file', async (_what, change) => {
    const key = await keyFor([scopeNames.read])
    expect(await isKnown(key)).toBe(true)
    await started.dataface.project.access.keys?.change((keys) =>
      keys.map((kept) => (key.includes(kept.id) ? { ...kept, ...change(kept) } : kept)),
    )
    await expect.poll(() => isKnown(key), { timeout: 10_000 }).toBe(false)
  })

  test('knows a key at once that is made while the file is being read for another', async () => {
    const file = join(started.boards, '../.dataface/keys.json')
    const keys = new KeyFile(file)
    await keyFor([])
    expect(await keys.find('nobody')).toBeUndefined()
    const { kept } = makeKey({ name: 'test', scopes: [] }, new Date())
    const reading = keys.find('nobody')
    // The system is asked meanwhile, and what it says is heard only later.
    const until = performance.now() + 50
    while (performance.now() < until);
    const { format, keys: others } = JSON.parse(readFileSync(file, 'utf8')) as { format: 1; keys: readonly KeptKey[] }
    writeFileSync(`${file}.new`, JSON.stringify({ format, keys: [...others, kept] }))
    renameSync(`${file}.new`, file)
    expect(await keys.find(kept.id)).toEqual(kept)
    await reading
  })

  test('refuses a key soon after it was revoked while the server runs', async () => {
    const key = await keyFor([scopeNames.read])
    expect(await isKnown(key)).toBe(true)
    await revoke(key)
  })
})

describe('credentials for a part of the tools', () => {
  const scopes: readonly (readonly [string, readonly string[], (tool: { name: string; readOnly: boolean }) => boolean])[] = [
    ['that read', [scopeNames.read], ({ readOnly }) => readOnly],
    ['all', [scopeNames.write], () => true],
    ['two', [`${scopeNames.tool}catalog`, `${scopeNames.tool}save_dashboard`], ({ name }) => ['catalog', 'save_dashboard'].includes(name)],
    ['none', [], () => false],
    ['of no known word', ['read', 'dataface:', `${scopeNames.tool}`], () => false],
  ]

  test.each(scopes)('%s: only those are listed, in every revision, and only those answer, at every door', async (_name, granted, may) => {
    const headers = bearer(await keyFor(granted))
    const allowed = servedTools.filter(may).map(({ name }) => name)
    for (const revision of ['2025-06-18', '2025-11-25'])
      expect(await listed(headers, { 'mcp-protocol-version': revision })).toEqual(allowed)
    const modern = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    }
    expect(await listed(headers, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' }, modern)).toEqual(allowed)
    for (const tool of ['list_sources', 'save_dashboard', 'catalog'])
      for (const [name, door] of doors(headers)) {
        const code = (await door(tool, {})).errors?.[0]?.code
        expect([name, tool, code === 'PERMISSION_DENIED']).toEqual([name, tool, !allowed.includes(tool)])
      }
  })

  test('say by HTTP what they lack', async () => {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...bearer(await keyFor([scopeNames.read])),
    }
    const rest = await fetch(`${started.url}/api/v1/save_dashboard`, { method: 'POST', headers, body: '{}' })
    const call = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'save_dashboard', arguments: {} } }
    const mcp = await fetch(`${started.url}/mcp`, { method: 'POST', headers, body: JSON.stringify(call) })
    for (const response of [rest, mcp]) {
      expect(response.status).toBe(403)
      expect(response.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="dataface:write"')
    }
    expect(await mcp.json()).toMatchObject({ id: 7, error: { data: { errors: [{ code: 'PERMISSION_DENIED' }] } } })
  })

  test('are told of no tool that they are not for when another is misspelt', async () => {
    const headers = bearer(await keyFor([`${scopeNames.tool}catalog`]))
    for (const [, door] of doors(headers)) {
      const hints = await Promise.all(['list_tablez', 'nothing', 'catalogue'].map(async (tool) => (await door(tool, {})).errors?.[0]?.hint))
      expect(hints).toEqual(['Tools: catalog.', 'Tools: catalog.', 'Did you mean "catalog"?'])
    }
  })

  test('list only the resources that their tools may give, and read no other', async () => {
    const ask = async (scopes: readonly string[], method: string, params: object) => {
      const response = await fetch(`${started.url}/mcp`, {
        method: 'POST',
        headers: { ...bearer(await keyFor(scopes)), 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }),
      })
      return { response, message: (await readRpc(response)) as { result?: { resources?: readonly { uri: string }[] }; error?: object } }
    }
    const listedFor = async (scopes: readonly string[]) =>
      (await ask(scopes, 'resources/list', {})).message.result?.resources?.map(({ uri }) => uri) ?? []
    const all = await listedFor([scopeNames.read])
    expect(all).toEqual(expect.arrayContaining(['dataface://boards', 'dataface://docs/kpi', 'dataface://docs/catalog']))
    expect(await listedFor([`${scopeNames.tool}catalog`])).toEqual(['dataface://docs/catalog'])
    const templatesFor = async (scope: string) => {
      const { result } = (await ask([scope], 'resources/templates/list', {})).message as {
        result?: { resourceTemplates: { name: string }[] }
      }
      return result?.resourceTemplates.map(({ name }) => name)
    }
    expect(await templatesFor(scopeNames.read)).toEqual(['board', 'docs'])
    expect(await templatesFor(`${scopeNames.tool}catalog`)).toEqual(['docs'])

    const readWith = (tool: string, uri: string) => ask([`${scopeNames.tool}${tool}`], 'resources/read', { uri })
    for (const uri of all) {
      const { response, message } = await readWith('execute_query', uri)
      const isOwn = uri === 'dataface://docs/execute_query'
      expect([uri, response.status]).toEqual([uri, isOwn ? 200 : 403])
      if (!isOwn) expect(message).toMatchObject({ id: 7, error: { data: { errors: [{ code: 'PERMISSION_DENIED' }] } } })
    }
    expect((await readWith('get_schema', 'dataface://docs/kpi')).response.status).toBe(200)
  })

  test('show no boards to who may not have them drawn', async () => {
    const headers = bearer(await keyFor([`${scopeNames.tool}catalog`]))
    for (const path of ['/boards', '/boards/weather', '/boards-events', '/boards-files/csv/light/c/weather'])
      expect((await fetch(started.url + path, { headers })).status).toBe(403)
    const drawing = bearer(await keyFor([`${scopeNames.tool}render_dashboard`]))
    for (const [path, tool] of [
      ['/boards', 'list_dashboards'],
      ['/boards?q=x', 'search_dashboards'],
    ] as const) {
      const page = await fetch(started.url + path, { headers: drawing })
      expect([page.status, page.headers.get('www-authenticate')]).toEqual([403, expect.stringContaining('insufficient_scope')])
      expect(await page.text()).toContain(tool)
    }
  })

  test('tell a page nothing of boards that change once they are revoked', async () => {
    const [key, other] = [await keyFor([scopeNames.read]), await keyFor([scopeNames.read])]
    const [page, goesOn] = await Promise.all([eventsFor(key), eventsFor(other)])
    await expect.poll(() => writeBoard().then(() => [page.text, goesOn.text].every((text) => text.includes('event: change')))).toBe(true)
    await revoke(key)
    const heard = page.text
    await writeBoard()
    await page.ended
    expect(page.text).toBe(heard)
    expect(goesOn.isOpen).toBe(true)
    goesOn.stop()
  })

  test('let a page run the queries of its boards', async () => {
    const headers = { ...bearer(await keyFor([`${scopeNames.tool}render_dashboard`])), 'content-type': 'application/json' }
    const page = await fetch(`${started.url}/boards-data/weather`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ values: {}, scheme: 'light', widths: {} }),
    })
    const lines = await page.text()
    expect(lines).toContain('"kind":"chart"')
    expect(lines).not.toContain('PERMISSION_DENIED')
  })

  test('let a board run its queries', async () => {
    const headers = bearer(await keyFor([`${scopeNames.tool}render_dashboard`]))
    const yaml = 'title: T\nsource: vega\nqueries: { q: "SELECT 1 AS a" }\ncharts: { c: { query: q, type: table } }\n'
    for (const [name, door] of doors(headers)) {
      const answer = await door('render_dashboard', { yaml, format: 'json' })
      expect([name, answer.success, answer.warnings]).toEqual([name, true, []])
    }
  })
})

describe('a person', () => {
  const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
  const signIn = (key: string, next: string, headers: Record<string, string> = {}) =>
    fetch(`${started.url}/sign-in`, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams({ key, next }) })

  test('is led to where a key is given, and from there to the page that was wanted', async () => {
    const wanted = await fetch(`${started.url}/boards/weather?x=1`, { redirect: 'manual', headers: page })
    expect([wanted.status, wanted.headers.get('location')]).toEqual([302, '/sign-in?next=%2Fboards%2Fweather%3Fx%3D1'])
    const entered = await signIn(await keyFor([scopeNames.read]), '/boards')
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/boards'])
    const [cookie = ''] = entered.headers.getSetCookie()
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict/)
    const shown = await fetch(`${started.url}/boards`, { headers: { ...page, cookie: cookie.split(';')[0] as string } })
    expect([shown.status, await shown.text()]).toEqual([200, expect.stringContaining('secret_name')])
  })

  test('is told of a wrong key, and never sent elsewhere', async () => {
    const refused = await signIn('dft_nope', '/boards')
    expect([refused.status, refused.headers.getSetCookie()]).toEqual([401, []])
    expect(await refused.text()).toContain('role="alert"')
    const key = await keyFor([scopeNames.read])
    for (const next of [
      'https://elsewhere.example',
      '//elsewhere.example',
      '/\\elsewhere.example',
      '/\t/elsewhere.example',
      '/\n//x.y',
      '',
    ])
      expect((await signIn(key, next)).headers.get('location')).toBe('/boards')
    expect((await signIn(key, '/..//elsewhere.example')).headers.get('location')).toBe('/elsewhere.example')
    expect((await signIn(key, '/boards/\r\nmärz')).headers.get('location')).toBe('/boards/m%C3%A4rz')
  })

  test('is told of a form that cannot be read', async () => {
    const statusOf = async (body: string | Uint8Array<ArrayBuffer>) =>
      (await fetch(`${started.url}/sign-in`, { method: 'POST', body })).status
    expect([await statusOf('x'.repeat(5_000_000)), await statusOf(new Uint8Array([0xff]))]).toEqual([413, 400])
  })

  test('is not signed in by a page of another site', async () => {
    const answer = await signIn(await keyFor([scopeNames.read]), '/boards', { origin: 'https://elsewhere.example' })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []])
  })
})

describe('listening for other machines', () => {
  test('is refused where nobody is asked who calls, and works where everyone is', async () => {
    const open = await startDataface('name: open\nsources: {}\n')
    const local = await startDataface('name: local\naccess: { local: true }\nsources: {}\n')
    for (const { dataface } of [open, local])
      await expect(listen({ app: await dataface.app(), port: 0, host: '0.0.0.0' })).rejects.toMatchObject({
        code: 'PERMISSION_DENIED',
        details: { hint: expect.stringContaining('access') as string },
      })
    await Promise.all([open.close(), local.close()])
    const listening = await listen({ app: await started.dataface.app(), port: 0, host: '0.0.0.0' })
    try {
      const url = listening.url.replace('0.0.0.0', '127.0.0.1')
      // The name of the machine is whatever callers know it by.
      const answer = await fetch(`${url}/api/v1/list_sources`, {
        method: 'POST',
        headers: { host: 'data.example.com', ...bearer(await keyFor([scopeNames.read])) },
      })
      expect(answer.status).toBe(200)
    } finally {
      await listening.close(100, async () => {})
    }
  })

  test('with local: true whoever is on this machine needs no key, and a wrong one is refused all the same', async () => {
    const local = await startDataface('name: local\naccess: { local: true }\nsources: {}\n')
    const statusOf = async (headers: Record<string, string>) =>
      (await fetch(`${local.url}/api/v1/list_sources`, { method: 'POST', headers })).status
    expect([await statusOf({}), await statusOf(bearer('dft_nope'))]).toEqual([200, 401])
    await local.close()
  })
})
