/** What a server says of itself while it starts, works, lacks something and stops. */
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Status } from '../../server/telemetry/status.ts'
import { folderOf, waitFor } from '../cli/run-dft.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { readMetrics, sumOf } from '../support/read-metrics.ts'
import { startRoundRobin } from '../support/round-robin.ts'
import { type ServedProcess, startServed } from '../support/served-process.ts'
import { slowQuery } from '../support/slow-query.ts'
import { makeDatabase } from '../support/state-stores.ts'

const csvProject = (name: string, more = '') =>
  folderOf({ 'dataface.yml': `name: ${name}\nsources:\n  files: {type: csv, files: {t: t.csv}}\n${more}`, 't.csv': 'a\n1\n' })
const databaseYaml = `name: shop\nsources:\n  db: {type: postgres, url: "{{ env_var('DB') }}"}\n`

const serve = async (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ServedProcess> => {
  const served = await startServed([...args, '--port', '0'], env)
  onTestFinished(() => void served.child.kill('SIGKILL'))
  return served
}

const readiness = async (url: string) => {
  const response = await fetch(`${url}/readyz`)
  return { status: response.status, body: await response.json() }
}
const ready = { status: 200, body: { status: 'ready' } }
const stopping = { status: 503, body: { status: 'stopping' } }
const without = (missing: string) => ({ status: 503, body: { status: 'unavailable', missing } })
const isAlive = async (url: string) => (await fetch(`${url}/healthz`)).status === 200

const query = (url: string, source: string, sql: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${url}/api/v1/execute_query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ source, sql }),
  })

/** Postgres behind a port of its own that can be shut. */
const startGate = async (behind = postgresUrl('fixture', reader)) => {
  const { hostname, port } = new URL(behind)
  const open = new Set<Socket>()
  let delayMs = 0
  const listen = (on: number): Server =>
    createServer((client) => {
      const server = connect(Number(port), hostname)
      for (const socket of [client, server]) {
        open.add(socket)
        socket.on('error', () => {}).on('close', () => [client, server].map((one) => one.destroy()))
      }
      server.pipe(client)
      client.on('data', (data) => setTimeout(() => server.write(data), delayMs))
    }).listen(on, '127.0.0.1')
  let server = listen(0)
  await once(server, 'listening')
  const at = (server.address() as AddressInfo).port
  onTestFinished(() => void server.close())
  const address = new URL(behind)
  address.port = String(at)
  return {
    url: `${address.href}?sslmode=disable`,
    slow(ms: number) {
      delayMs = ms
    },
    shut() {
      server.close()
      for (const socket of open) socket.destroy()
      open.clear()
    },
    async open() {
      server = listen(at)
      await once(server, 'listening')
    },
  }
}

describe('readiness', () => {
  test('is false until a source was asked, true from then on, and false while its database is gone', async () => {
    const gate = await startGate()
    gate.slow(1_500)
    const { url } = await serve(['--project', folderOf({ 'dataface.yml': databaseYaml })], { DB: gate.url })
    expect(await readiness(url)).toEqual({ status: 503, body: { status: 'starting' } })
    expect(await isAlive(url)).toBe(true)
    gate.slow(0)
    await expect.poll(() => readiness(url), { timeout: 20_000 }).toEqual(ready)
    gate.shut()
    await expect.poll(() => readiness(url), { timeout: 20_000, interval: 200 }).toEqual(without('sources'))
    expect(await isAlive(url)).toBe(true)
    // Readiness is for whoever sends calls here; a call that comes all the same has its answer.
    expect(await (await query(url, 'db', 'SELECT 1')).json()).toMatchObject({ errors: [{ code: 'SOURCE_UNAVAILABLE' }] })
    await gate.open()
    await expect.poll(() => readiness(url), { timeout: 20_000, interval: 200 }).toEqual(ready)
  })

  test('is true while one source of any project can be reached', async () => {
    const dead = folderOf({ 'dataface.yml': databaseYaml })
    const { url } = await serve(['--project', dead, '--project', csvProject('files')], { DB: 'postgres://u@127.0.0.1:1/d' })
    await expect.poll(() => readiness(url), { timeout: 20_000 }).toEqual(ready)
    const alone = await serve(['--project', dead], { DB: 'postgres://u@127.0.0.1:1/d' })
    await expect.poll(() => readiness(alone.url), { timeout: 20_000 }).toEqual(without('sources'))
  })

  test('is false while nobody can say whether a quota is used up, where there is one', async () => {
    const { url: stateUrl, drop } = await makeDatabase()
    onTestFinished(drop)
    const gate = await startGate(stateUrl)
    const limited = csvProject('limited', 'quotas: {caller: {calls_per_minute: 600}}\n')
    const [asked, other] = await Promise.all(
      [limited, csvProject('free')].map((dir) => serve(['--project', dir], { DATAFACE_STATE_URL: gate.url })),
    )
    const [url, free] = [(asked as ServedProcess).url, (other as ServedProcess).url]
    const isUp = async () => sumOf(await readMetrics(url), 'dataface_state_up', { project: 'limited' })
    const findings = async () => ((await (await fetch(`${url}/status.json`)).json()) as Status).findings.map(({ what }) => what)
    const lost = 'The store that the replicas share cannot be reached.'
    await expect.poll(() => readiness(url), { timeout: 20_000 }).toEqual(ready)
    expect(await isUp()).toBe(1)
    expect(await findings()).not.toContain(lost)
    gate.shut()
    await expect.poll(() => readiness(url), { timeout: 20_000, interval: 200 }).toEqual(without('state'))
    expect(await (await query(url, 'files', 'SELECT 1')).json()).toMatchObject({ errors: [{ code: 'NOT_READY' }] })
    expect(await readiness(free)).toEqual(ready)
    await expect.poll(isUp, { timeout: 20_000, interval: 200 }).toBe(0)
    expect(await findings()).toContain(lost)
    await gate.open()
    await expect.poll(() => readiness(url), { timeout: 20_000, interval: 200 }).toEqual(ready)
    await expect.poll(isUp, { timeout: 20_000, interval: 200 }).toBe(1)
  })

  test('is false while calls would be refused for want of their record, and true once there is room for it', async () => {
    const dir = csvProject('shop', 'audit: {file: logs/audit.jsonl}\n')
    mkdirSync(join(dir, 'logs/audit.jsonl'), { recursive: true })
    const { url } = await serve(['--project', dir])
    await expect.poll(() => readiness(url), { timeout: 20_000 }).toEqual(without('audit'))
    expect(await (await query(url, 'files', 'SELECT 1')).json()).toMatchObject({ errors: [{ code: 'NOT_READY' }] })
    rmSync(join(dir, 'logs/audit.jsonl'), { recursive: true })
    await expect.poll(() => readiness(url), { timeout: 20_000 }).toEqual(ready)
    expect(await (await query(url, 'files', 'SELECT 1')).json()).toMatchObject({ success: true })
  })

  test('is false while the database of the record cannot be reached, also before any call, and true once it can', async () => {
    const { url: auditUrl, drop } = await makeDatabase()
    onTestFinished(drop)
    const gate = await startGate(auditUrl)
    gate.shut()
    const dir = csvProject('shop', 'audit: {url: "{{ env_var(\'AUDIT\') }}"}\n')
    const { url } = await serve(['--project', dir], { AUDIT: gate.url })
    const isUp = async () => sumOf(await readMetrics(url), 'dataface_audit_up', { project: 'shop' })
    const findings = async () => ((await (await fetch(`${url}/status.json`)).json()) as Status).findings.map(({ what }) => what)
    await expect.poll(() => readiness(url), { timeout: 20_000, interval: 200 }).toEqual(without('audit'))
    await expect.poll(isUp, { timeout: 20_000, interval: 200 }).toBe(0)
    expect(await findings()).toContain('No record of a call can be written.')
    await gate.open()
    await expect.poll(() => readiness(url), { timeout: 20_000, interval: 200 }).toEqual(ready)
    await expect.poll(isUp, { timeout: 20_000, interval: 200 }).toBe(1)
    expect(await findings()).not.toContain('No record of a call can be written.')
    expect(await (await query(url, 'files', 'SELECT 1')).json()).toMatchObject({ success: true })
    gate.shut()
    await expect.poll(() => readiness(url), { timeout: 20_000, interval: 200 }).toEqual(without('audit'))
  })

  test('is not lost while the audit lies on a device that is full, once told so by a call', async () => {
    const { url } = await serve(['--project', csvProject('shop', 'audit: {file: /dev/full}\n')])
    await expect.poll(() => readiness(url), { timeout: 20_000 }).toEqual(ready)
    expect(await (await query(url, 'files', 'SELECT 1')).json()).toMatchObject({ errors: [{ code: 'NOT_READY' }] })
    await expect.poll(() => readiness(url), { timeout: 20_000 }).toEqual(without('audit'))
    await new Promise((done) => setTimeout(done, 1_500))
    expect(await readiness(url)).toEqual(without('audit'))
  })
})

test('a hang-up, as programs that rotate logs send it, ends neither the server nor a call in flight', async () => {
  const dir = folderOf({ 'dataface.yml': databaseYaml })
  const { url, child, ended, errors } = await serve(['--project', dir], { DB: postgresUrl('fixture', reader) })
  await expect.poll(() => readiness(url), { timeout: 20_000 }).toEqual(ready)
  const call = query(url, 'db', slowQuery('hang-up'))
  await new Promise((done) => setTimeout(done, 100))
  child.kill('SIGHUP')
  await waitFor(() => (errors().includes('SIGHUP') ? true : undefined))
  expect(await (await call).json()).toMatchObject({ success: true })
  expect(await readiness(url)).toEqual(ready)
  child.kill('SIGINT')
  expect(await ended).toBe(0)
})

describe('a request to end', () => {
  test('is told by readiness at once, while calls are answered, on connections that end with their answer', async () => {
    const { url, child, ended } = await serve(['--project', csvProject('shop')], { DATAFACE_DRAIN_SECONDS: '2' })
    await expect.poll(() => readiness(url), { timeout: 20_000 }).toEqual(ready)
    child.kill('SIGTERM')
    await expect.poll(() => readiness(url), { interval: 10, timeout: 1_000 }).toEqual(stopping)
    expect(await isAlive(url)).toBe(true)
    const answer = await query(url, 'files', 'SELECT a FROM t')
    expect(answer.headers.get('connection')).toBe('close')
    expect(await answer.json()).toMatchObject({ success: true })
    expect(await ended).toBe(0)
  })

  test('lets an answer that is streamed over MCP come to its end', async () => {
    const dir = folderOf({ 'dataface.yml': databaseYaml })
    const { url, child, ended } = await serve(['--project', dir], { DB: postgresUrl('fixture', reader), DATAFACE_DRAIN_SECONDS: '0' })
    const call = fetch(`${url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'execute_query',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: {
          name: 'execute_query',
          arguments: { source: 'db', sql: Array.from({ length: 6 }, () => slowQuery('streamed')).join(' UNION ALL ') },
          _meta: {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientCapabilities': {},
            progressToken: 'p',
          },
        },
      }),
    })
    // The first progress opens the stream.
    const response = await call
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    child.kill('SIGTERM')
    const text = await response.text()
    expect(text).toContain('notifications/progress')
    expect(text.trim().split('\n').at(-1)).toMatch(/^data: \{"result".*"success":true.*"id":1\}$/)
    expect(await ended).toBe(0)
  })

  test('is followed at once by the second', async () => {
    const { url, child, ended, errors } = await serve(['--project', csvProject('shop')], { DATAFACE_DRAIN_SECONDS: '600' })
    await expect.poll(() => readiness(url), { timeout: 20_000 }).toEqual(ready)
    child.kill('SIGTERM')
    await waitFor(() => (errors().includes('Stopping') ? true : undefined))
    const again = setInterval(() => child.kill('SIGTERM'), 100)
    expect(await ended).toBe(143)
    clearInterval(again)
  })

  test('of one replica after the other loses no call', async () => {
    const dir = folderOf({ 'dataface.yml': databaseYaml })
    const env = { DB: postgresUrl('fixture', reader), DATAFACE_DRAIN_SECONDS: '1' }
    const replicas = await Promise.all([serve(['--project', dir], env), serve(['--project', dir], env)])
    for (const { url } of replicas) await expect.poll(() => readiness(url), { timeout: 20_000 }).toEqual(ready)
    const proxy = await startRoundRobin(() => replicas.map(({ url }) => url))
    onTestFinished(() => proxy.close())
    let over = false
    let answered = 0
    const failures: unknown[] = []
    const work = async (sql: string) => {
      while (!over) {
        try {
          const answer = (await (await query(proxy.url, 'db', sql)).json()) as { success: boolean }
          if (answer.success) answered++
          else failures.push(answer)
        } catch (error) {
          failures.push(error)
        }
      }
    }
    const load = [...Array.from({ length: 6 }, () => work('SELECT 1')), work(slowQuery('rolling'))]
    for (const [index, replica] of replicas.entries()) {
      replica.child.kill('SIGTERM')
      expect(await replica.ended).toBe(0)
      const next = await serve(['--project', dir], env)
      replicas[index] = next
      await expect.poll(() => readiness(next.url), { timeout: 20_000 }).toEqual(ready)
      const before = answered
      await expect.poll(() => answered, { timeout: 20_000 }).toBeGreaterThan(before + 50)
    }
    over = true
    await Promise.all(load)
    expect({ failures, lost: proxy.lost }).toEqual({ failures: [], lost: [] })
    expect(answered).toBeGreaterThan(200)
  })
})
