/** The generated clients with credentials, for a project below a path. */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { TRPCClientError } from '@trpc/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatafaceClient } from '../../clients/trpc/index.js'
import { Dataface, isDatafaceError } from '../../clients/typescript/index.js'
import { makeKey } from '../../server/access/api-key.ts'
import { scopeNames } from '../../server/access/scope.ts'
import { openServer } from '../../server/main.ts'
import { type Listening, listen } from '../../server/transports/http/listen.ts'
import { root } from '../support/project-files.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let projects: readonly Started[]
let listening: Listening
let token: string
let url: string
beforeAll(async () => {
  projects = await Promise.all(['sales', 'support'].map((name) => startDataface(`name: ${name}\naccess: {}\nsources:${vegaSource}`)))
  const { text, kept } = makeKey({ name: 'client', scopes: [scopeNames.read] }, new Date())
  await projects[0]?.dataface.project.access.keys?.change((keys) => [...keys, kept])
  token = text
  const server = openServer(
    projects.map(({ dataface }) => dataface),
    () => {},
  )
  listening = await listen({ app: await server.app(), port: 0, host: '127.0.0.1' })
  url = `${listening.url}/p/sales`
})
afterAll(async () => {
  await listening?.close(100, async () => {})
  for (const project of projects ?? []) await project.close()
})

test('the TypeScript client sends them, and tells what it lacks', async () => {
  expect((await new Dataface({ url, token }).listSources()).sources.map(({ name }) => name)).toEqual(['vega'])
  const code = async (client: Dataface, call: (client: Dataface) => Promise<unknown>): Promise<unknown> =>
    call(client).then(
      () => undefined,
      (error: unknown) => (isDatafaceError(error) ? error.code : error),
    )
  expect(await code(new Dataface({ url }), (client) => client.listSources())).toBe('UNAUTHENTICATED')
  expect(await code(new Dataface({ url, token }), (client) => client.saveDashboard({ path: 'a.yml', yaml: 'title: A' }))).toBe(
    'PERMISSION_DENIED',
  )
  expect(await code(new Dataface({ url: `${listening.url}/p/support`, token }), (client) => client.listSources())).toBe('PERMISSION_DENIED')
})

test('the Python client does', async () => {
  const program = `
import os
from dataface import Dataface, DatafaceError
with Dataface(os.environ["URL"], token=os.environ["TOKEN"]) as client:
    print([source["name"] for source in client.list_sources()["sources"]])
try:
    with Dataface(os.environ["URL"]) as client:
        client.list_sources()
except DatafaceError as error:
    print(error.code)
`
  const env = {
    PATH: process.env.PATH,
    PYTHONPATH: resolve(root, 'clients/python/src'),
    PYTHONDONTWRITEBYTECODE: '1',
    URL: url,
    TOKEN: token,
  }
  const { stdout } = await promisify(execFile)('python3', ['-c', program], { env })
  expect(stdout).toBe("['vega']\nUNAUTHENTICATED\n")
})

test('the tRPC client does, by header', async () => {
  const client = createDatafaceClient({ url, headers: { authorization: `Bearer ${token}` } })
  expect(await client.list_sources.query()).toMatchObject({ success: true })
  const unknown = createDatafaceClient({ url })
  const refused = await unknown.list_sources.query().catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(TRPCClientError)
  expect((refused as { data: unknown }).data).toMatchObject({ code: 'UNAUTHORIZED', envelope: { errors: [{ code: 'UNAUTHENTICATED' }] } })
})
