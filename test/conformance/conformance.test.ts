import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localCaller } from '../../server/access/caller.ts'
import { type Listening, listen } from '../../server/transports/http/listen.ts'
import { createLocalGuard } from '../../server/transports/http/local-only.ts'
import type { McpDoor } from '../../server/transports/mcp/create-mcp-door.ts'
import { root } from '../support/project-files.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'
import { openFixtureDoor } from './fixture-door.ts'

/** Runs MCP's own suite against a server; gives its exit code and what it printed. */
const runSuite = (url: string, ...args: string[]): Promise<{ code: number; output: string }> =>
  new Promise((done) => {
    const suite = resolve(root, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')
    const out = mkdtempSync(join(tmpdir(), 'dataface-conformance-'))
    execFile(
      process.execPath,
      [suite, 'server', '--url', `${url}/mcp`, '-o', out, ...args],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) =>
        done({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout.slice(stdout.indexOf('=== SUMMARY')) + stderr }),
    )
  })

const revisions = ['2025-11-25', '2026-07-28']

describe('a fixture module, compiled and served by us, passes every scenario of', () => {
  let door: McpDoor
  let listening: Listening
  beforeAll(async () => {
    door = openFixtureDoor()
    const app = new Hono()
    const refuseForeign = createLocalGuard()
    app.all('/mcp', ({ req }) =>
      refuseForeign(req.raw) === undefined ? door.fetch(req.raw, localCaller) : new Response(null, { status: 403 }),
    )
    listening = await listen({ app, port: 0, host: '127.0.0.1' })
  })
  afterAll(async () => {
    await door?.close()
    await listening?.close(100, async () => {})
  })

  test.each(revisions)(
    '%s',
    async (revision) => {
      const { code, output } = await runSuite(listening.url, '--requirements', revision)
      expect({ code, output }).toEqual({ code: 0, output: expect.any(String) })
    },
    180_000,
  )
})

describe('the real server passes every scenario that needs no fixed name of', () => {
  let started: Started
  beforeAll(async () => {
    started = await startDataface(`name: conformance\nsources:${vegaSource}`)
  })
  afterAll(() => started?.close())

  test.each(revisions)(
    '%s',
    async (revision) => {
      const baseline = resolve(root, `test/conformance/fixed-names.${revision}.yml`)
      const { code, output } = await runSuite(started.url, '--requirements', revision, '--expected-failures', baseline)
      expect({ code, output }).toEqual({ code: 0, output: expect.any(String) })
    },
    180_000,
  )
})
