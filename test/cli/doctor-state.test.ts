/** What dft doctor says of what replicas share, of the database of the audit and of who makes tokens. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAuthorizationServer } from '../support/authorization-server.ts'
import { freePort } from '../support/free-port.ts'
import { makeDatabase } from '../support/state-stores.ts'
import { folderOf, runDft } from './run-dft.ts'

let url: string
let drop: () => Promise<void>
beforeAll(async () => {
  const made = await makeDatabase()
  url = made.url
  drop = made.drop
})
afterAll(() => drop())

const doctor = async (env: Record<string, string>, more = '') => {
  const folder = folderOf({
    'dataface.yml': `name: x\n${more}sources: { s: { type: csv, files: { t: t.csv } } }\n`,
    't.csv': 'a,b\n1,2\n',
  })
  const { code, out } = await runDft(['doctor', '--json', '--project', folder], { env })
  const { checks } = JSON.parse(out) as { checks: { state: string; subject: string; message: string; hint?: string }[] }
  return { code, out, checks: checks.filter(({ subject }) => /shared state|audit|authorization|DATAFACE_STATE/.test(subject)) }
}

test('nothing where there is neither', async () => {
  expect(await doctor({})).toMatchObject({ code: 0, checks: [] })
})

test('that they can be reached', async () => {
  const { code, checks } = await doctor({ DATAFACE_STATE_URL: url, AUDIT: url }, `audit: { url: "{{ env_var('AUDIT') }}" }\n`)
  expect([code, checks]).toMatchObject([
    0,
    [
      {
        state: 'ok',
        subject: 'shared state',
        message: expect.stringMatching(/^is in PostgreSQL \d+.*, whose tables are of version \d+$/) as string,
      },
      { state: 'ok', subject: 'audit', message: expect.stringContaining('0 until now') as string },
    ],
  ])
})

test('why they cannot, without passwords', async () => {
  const away = 'postgres://u:hunter2@127.0.0.1:1/d'
  const { code, out, checks } = await doctor({ DATAFACE_STATE_URL: away, AUDIT: away }, `audit: { url: "{{ env_var('AUDIT') }}" }\n`)
  expect([code, checks]).toMatchObject([
    1,
    [
      { state: 'problem', subject: 'shared state', message: expect.stringContaining('ECONNREFUSED') as string },
      { state: 'problem', subject: 'audit', message: expect.stringContaining('ECONNREFUSED') as string },
    ],
  ])
  expect(out).not.toContain('hunter2')
  expect((await doctor({ DATAFACE_STATE_URL: 'mysql://u:hunter2@h/d' })).checks).toMatchObject([
    { state: 'problem', subject: 'DATAFACE_STATE_URL' },
  ])
})

test('whether the authorization server tells its keys, and why not', async () => {
  const port = await freePort()
  const access = `access: { oauth: { issuer: "http://127.0.0.1:${port}", resource: "http://127.0.0.1/mcp" } }\n`
  const gone = await doctor({}, access)
  expect([gone.code, gone.checks]).toMatchObject([
    1,
    [{ state: 'problem', subject: 'authorization server', message: expect.stringContaining('ECONNREFUSED') as string }],
  ])
  const server = await startAuthorizationServer({ port })
  expect(await doctor({}, access)).toMatchObject({ code: 0, checks: [{ state: 'ok', subject: 'authorization server' }] })
  await server.stop()
})
