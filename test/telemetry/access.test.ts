/** Callers who cannot be told apart are seen by the operator before one of them asks. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeKey } from '../../server/access/api-key.ts'
import { scopeNames } from '../../server/access/scope.ts'
import type { Status } from '../../server/telemetry/status.ts'
import { startAuthorizationServer } from '../support/authorization-server.ts'
import { freePort } from '../support/free-port.ts'
import { readMetrics, sumOf } from '../support/read-metrics.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const operator = { authorization: 'Bearer of-the-operator' }
const start = (access: string) =>
  startDataface(`name: shop\naccess: ${access}\nsources: {}\n`, { DATAFACE_OPERATOR_TOKEN: 'of-the-operator' })

const metric = async ({ url }: Started, name: string, labels: Record<string, string> = {}) =>
  sumOf(await readMetrics(url, operator), name, labels)
const isUp = (started: Started) => metric(started, 'dataface_access_up', { project: 'shop' })
const findings = async ({ url }: Started) =>
  ((await (await fetch(`${url}/status.json`, { headers: operator })).json()) as Status).findings.map(({ what }) => what)
const ask = async ({ url }: Started, key: string) =>
  (await fetch(`${url}/api/v1/list_sources`, { method: 'POST', headers: { authorization: `Bearer ${key}` } })).status

test('keys that cannot be read are told without a call, and refused callers are counted and warned of once', async () => {
  const started = await start('{}')
  const { text, kept } = makeKey({ name: 'test', scopes: [scopeNames.read] }, new Date())
  await started.dataface.project.access.keys?.change((keys) => [...keys, kept])
  expect([await isUp(started), await findings(started), await ask(started, text)]).toEqual([1, [], 200])

  const file = join(started.boards, '../.dataface/keys.json')
  const whole = readFileSync(file)
  writeFileSync(file, whole.subarray(0, 20))
  await expect.poll(() => isUp(started)).toBe(0)
  expect(await findings(started)).toEqual(['Callers are refused: The API keys of this project cannot be read.'])
  await expect.poll(() => ask(started, text)).toBe(503)
  const before = await metric(started, 'dataface_requests_refused_total', { project: 'shop', code: 'NOT_READY' })
  for (let calls = 0; calls < 3; calls++) expect(await ask(started, text)).toBe(503)
  expect(await metric(started, 'dataface_requests_refused_total', { project: 'shop', code: 'NOT_READY' })).toBe(before + 3)
  const lines = started.logged.map((line) => JSON.parse(line) as { level: string; message: string; project?: string })
  expect(lines.filter(({ level, message }) => level === 'warn' && message.includes('API keys'))).toMatchObject([{ project: 'shop' }])

  writeFileSync(file, whole)
  await expect.poll(() => isUp(started)).toBe(1)
  expect([await findings(started), await ask(started, text)]).toEqual([[], 200])
  await started.close()
})

test('an authorization server that cannot be asked is told without a call, until it is there', async () => {
  const port = await freePort()
  const started = await start(`{ oauth: { issuer: "http://127.0.0.1:${port}", resource: "http://127.0.0.1/mcp" } }`)
  await expect.poll(() => isUp(started)).toBe(0)
  expect(await findings(started)).toEqual(['Callers are refused: The authorization server cannot be asked now.'])
  const issuer = await startAuthorizationServer({ port })
  await expect.poll(() => isUp(started), { timeout: 20_000 }).toBe(1)
  expect(await findings(started)).toEqual([])
  await issuer.stop()
  await started.close()
})
