/** A line that is no JSON is answered over stdio, as a body is over HTTP, and the lines after it are served. */
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { projectFolder, spawnDft } from '../support/doors.ts'

test.each(['{"jsonrpc":', 'not json', '{"a":1}}', '\ufeff{'])(
  '%j over stdio',
  async (malformed) => {
    const child = spawnDft(['mcp', '--project', projectFolder('name: malformed\nsources: {}')])
    const answers: unknown[] = []
    createInterface({ input: child.stdout }).on('line', (line) => answers.push(JSON.parse(line)))
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } }
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params })}\n`)
    child.stdin.end(`${malformed}\n\n${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })}\n`)
    expect(await new Promise((done) => child.once('exit', done))).toBe(0)
    expect(answers).toHaveLength(3)
    expect(answers).toContainEqual({ jsonrpc: '2.0', id: null, error: { code: -32700, message: expect.stringMatching(/not valid JSON/) } })
    expect(answers).toContainEqual(expect.objectContaining({ id: 0, result: expect.anything() }))
    expect(answers).toContainEqual(expect.objectContaining({ id: 1, result: expect.anything() }))
  },
  60_000,
)
