/** Tokens of an authorization server, which is a real one; what they share with API keys is in access.test.ts. */
import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthorizationServer, clientSecret, startAuthorizationServer } from '../support/authorization-server.ts'
import { httpDoors } from '../support/doors.ts'
import { freePort } from '../support/free-port.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let issuer: AuthorizationServer
let started: Started
let resource: string
beforeAll(async () => {
  issuer = await startAuthorizationServer({ clients: ['agent', 'writer'] })
  const port = await freePort()
  resource = `http://127.0.0.1:${port}/mcp`
  started = await startDataface(
    `name: team\naccess: { oauth: { issuer: "${issuer.issuer}", resource: "${resource}" } }\nsources:${vegaSource}`,
    {},
    port,
  )
})
afterAll(async () => {
  await started?.close()
  await issuer?.stop()
})

const doors = (token: string) =>
  Object.entries(httpDoors(started, undefined, { authorization: `Bearer ${token}` })).filter(([name]) => name !== 'inside')
const codesOf = async (token: string, tool = 'list_sources') =>
  new Set(await Promise.all(doors(token).map(async ([, door]) => (await door(tool, {})).errors?.[0]?.code)))

describe('a token', () => {
  test('is accepted through every door', async () => {
    expect(await codesOf(await issuer.token('agent', resource, 'dataface:read'))).toEqual(new Set([undefined]))
  })

  test('is good for the tools of its scopes', async () => {
    const reading = await issuer.token('agent', resource, 'dataface:read')
    expect(await codesOf(reading, 'save_dashboard')).toEqual(new Set(['PERMISSION_DENIED']))
    const writing = await issuer.token('writer', resource, 'dataface:read dataface:write')
    expect(await codesOf(writing, 'save_dashboard')).toEqual(new Set(['VALIDATION_ERROR']))
  })

  test('for another resource, of another signer, without signature, changed or empty is refused', async () => {
    const good = await issuer.token('agent', resource, 'dataface:read')
    const [head, body, signature] = good.split('.') as [string, string, string]
    const claims = { scope: 'dataface:write' }
    const forged = (key: Uint8Array) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'first' })
        .setIssuer(issuer.issuer)
        .setAudience(resource)
        .setSubject('x')
        .setExpirationTime('1h')
        .sign(key)
    const wider = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), scope: 'dataface:write' }),
    ).toString('base64url')
    const bad = [
      await issuer.token('agent', 'http://127.0.0.1:9/mcp', 'dataface:read'),
      await forged(new TextEncoder().encode(clientSecret.padEnd(32, '0'))),
      new UnsecuredJWT(claims).setIssuer(issuer.issuer).setAudience(resource).setSubject('x').setExpirationTime('1h').encode(),
      `${head}.${wider}.${signature}`,
      `${head}.${body}.`,
      `${head}.${body}`,
      'x.y.z',
    ]
    for (const token of bad) expect([token.slice(0, 20), await codesOf(token)]).toEqual([token.slice(0, 20), new Set(['UNAUTHENTICATED'])])
  })

  test('is refused once it has expired, although it was good before', async () => {
    const short = await startAuthorizationServer({ tokenS: 2 })
    const other = await startDataface(
      `name: short\naccess: { oauth: { issuer: "${short.issuer}", resource: "${resource}" } }\nsources: {}\n`,
    )
    const headers = { authorization: `Bearer ${await short.token('agent', resource, 'dataface:read')}` }
    const statusOf = async () => (await fetch(`${other.url}/api/v1/list_sources`, { method: 'POST', headers })).status
    expect(await statusOf()).toBe(200)
    // Clocks may differ by some seconds.
    await expect.poll(statusOf, { timeout: 45_000, interval: 500 }).toBe(401)
    await other.close()
    await short.stop()
  })
})

describe('a client that is told nothing but the address', () => {
  test('finds the authorization server, gets a token and calls', async () => {
    const authProvider = new ClientCredentialsProvider({
      clientId: 'agent',
      clientSecret,
      expectedIssuer: issuer.issuer,
      scope: 'dataface:read',
    })
    const client = new Client({ name: 'test', version: '1' })
    await client.connect(new StreamableHTTPClientTransport(new URL(resource), { authProvider }))
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toContain('execute_query')
    expect(tools.map(({ name }) => name)).not.toContain('save_dashboard')
    const answer = await client.callTool({ name: 'execute_query', arguments: { source: 'vega', sql: 'SELECT 1 AS one' } })
    expect(answer.structuredContent).toMatchObject({ success: true })
    await client.close()
  })

  test('is told where to begin, and what would do', async () => {
    const refused = await fetch(resource, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    const metadata = `${new URL(resource).origin}/.well-known/oauth-protected-resource/mcp`
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      401,
      `Bearer scope="dataface:read", resource_metadata="${metadata}"`,
    ])
    expect(await (await fetch(metadata)).json()).toMatchObject({ resource, authorization_servers: [issuer.issuer] })
    const token = await issuer.token('agent', resource, 'dataface:read')
    const stepUp = await fetch(`${started.url}/api/v1/save_dashboard`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    expect([stepUp.status, stepUp.headers.get('www-authenticate')]).toEqual([
      403,
      `Bearer error="insufficient_scope", scope="dataface:write", resource_metadata="${metadata}"`,
    ])
  })
})

describe('an authorization server', () => {
  test('that cannot be reached makes callers wait, and is asked again', async () => {
    const port = await freePort()
    const other = await startDataface(
      `name: late\naccess: { oauth: { issuer: "http://127.0.0.1:${port}", resource: "${resource}" } }\nsources: {}\n`,
    )
    const token = await issuer.token('agent', resource, 'dataface:read')
    const ask = async (given: string) => {
      const response = await fetch(`${other.url}/api/v1/list_sources`, { method: 'POST', headers: { authorization: `Bearer ${given}` } })
      return [response.status, response.headers.get('retry-after')]
    }
    expect(await ask(token)).toEqual([503, '5'])
    const late = await startAuthorizationServer({ port })
    expect(await ask(await late.token('agent', resource, 'dataface:read'))).toEqual([200, null])
    await late.stop()
    await other.close()
  })

  test('that signs with a new key is believed within seconds, and no more with the old one', async () => {
    const port = await freePort()
    const before = await startAuthorizationServer({ port })
    const other = await startDataface(
      `name: rotates\naccess: { oauth: { issuer: "${before.issuer}", resource: "${resource}" } }\nsources: {}\n`,
    )
    const ask = async (given: string) =>
      (await fetch(`${other.url}/api/v1/list_sources`, { method: 'POST', headers: { authorization: `Bearer ${given}` } })).status
    const unused = await before.token('agent', resource, 'dataface:read')
    expect(await ask(await before.token('agent', resource, 'dataface:read dataface:write'))).toBe(200)
    await before.stop()
    const after = await startAuthorizationServer({ port, kid: 'second' })
    const token = await after.token('agent', resource, 'dataface:read')
    await expect.poll(() => ask(token), { timeout: 10_000, interval: 500 }).toBe(200)
    expect(await ask(unused)).toBe(401)
    await after.stop()
    await other.close()
  })

  test('that says it is another is not believed', async () => {
    const other = await startDataface(
      `name: other\naccess: { oauth: { issuer: "${issuer.issuer.replace('127.0.0.1', 'localhost')}", resource: "${resource}" } }\nsources: {}\n`,
    )
    const headers = { authorization: `Bearer ${await issuer.token('agent', resource, 'dataface:read')}` }
    const response = await fetch(`${other.url}/api/v1/list_sources`, { method: 'POST', headers })
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('127.0.0.1')
    await other.close()
  })
})
