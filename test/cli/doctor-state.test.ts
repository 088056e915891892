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

test('of every project of a folder, and once of what they share', async () => {
  const file = (name: string, variable: string) =>
    `name: ${name}\nsources:\n  s: { type: csv, description: "{{ env_var('${variable}') }}", files: { t: t.csv } }\n`
  const folder = folderOf({
    'a/dataface.yml': file('a', 'DATAFACE_A'),
    'a/t.csv': 'a\n1\n',
    'b/dataface.yml': file('b', 'DATAFACE_B'),
    'c/dataface.yml': 'name: c\nsources: {}\nsorces: {}\n',
  })
  const env = { DATAFACE_A: 'x', DATAFACE_B: 'y', DATAFACE_STATE_URL: url }
  const { code, out } = await runDft(['doctor', '--json', '--project', folder], { env })
  const { checks, projects } = JSON.parse(out) as {
    checks: { subject: string }[]
    projects: { project?: string; checks: { state: string }[] }[]
  }
  expect([code, checks.map(({ subject }) => subject)]).toEqual([3, ['shared state']])
  const wrong = projects.map(({ project, checks: own }) => [project, own.filter(({ state }) => state === 'problem').length])
  expect(wrong).toEqual([
    ['a', 0],
    ['b', 1],
    [undefined, 1],
  ])
  const told = await runDft(['doctor', '--project', folder], { env })
  expect(told.out).toMatch(/^environment\n✓ shared state: .*\na\n.*\nb\n.*\nc\n.*2 things are wrong/s)
})
