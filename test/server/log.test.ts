/** What the log says of calls that fail, and how loud. */
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ErrorCode, errorCodeList, errorDefinitions } from '../../contracts/v1/errors.ts'
import { listSources } from '../../contracts/v1/tools/list-sources.ts'
import { createCursors } from '../../server/dispatch/cursors.ts'
import { defineHandler, servedTool } from '../../server/dispatch/define-handler.ts'
import { createDispatcher } from '../../server/dispatch/dispatch.ts'
import { faultLevels } from '../../server/dispatch/fault-levels.ts'
import { Fault, Faults } from '../../server/envelope/fault.ts'
import { createJsonLog } from '../../server/operations/log.ts'
import { type Door, httpDoors } from '../support/doors.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

let started: Started
let call: Door
beforeAll(async () => {
  started = await startDataface(`name: x
sources:
  shop: {type: postgres, url: "${postgresUrl('fixture', reader)}"}
  dead: {type: postgres, url: "postgres://nobody:Secret-1234@127.0.0.1:1/none"}
`)
  call = httpDoors(started).inside as Door
})
afterAll(() => started?.close())

interface Line {
  readonly level: string
  readonly message: string
  readonly code?: ErrorCode
  readonly cause?: Readonly<Record<string, unknown>>
}

const shop = (sql: string) => ({ source: 'shop', sql })
const failing: readonly (readonly [code: ErrorCode, level: string, input: unknown])[] = [
  ['VALIDATION_ERROR', 'debug', { source: 'shop', sql: 7 }],
  ['SOURCE_NOT_FOUND', 'debug', { source: 'nowhere', sql: 'SELECT 1' }],
  ['TABLE_NOT_FOUND', 'debug', shop('SELECT * FROM nothing')],
  ['SQL_REJECTED', 'debug', shop('DROP TABLE orders')],
  ['SQL_ERROR', 'debug', shop('SELECT nope FROM orders')],
  ['PERMISSION_DENIED', 'info', shop('SELECT * FROM rightless')],
  ['SOURCE_UNAVAILABLE', 'warn', { source: 'dead', sql: 'SELECT 1 FROM t' }],
]

test.each(failing)('%s is logged once, at level %s and without a stack', async (code, level, input) => {
  const from = started.logged.length
  const { meta } = await call('execute_query', input)
  const lines = started.logged.slice(from).filter((line) => line.includes(String(meta.request_id)))
  expect(lines.map((line) => JSON.parse(line) as Line)).toEqual([
    expect.objectContaining({ level, code, project: 'x', tool: 'execute_query', contract: 'execute_query@1.0.0', door: 'inside' }),
  ])
  expect(lines.join()).not.toMatch(/\\n\s+at |"stack"/)
})

test('a source that cannot be reached is logged with what the driver said', () => {
  expect(started.logged.find((line) => line.includes('"SOURCE_UNAVAILABLE"'))).toMatch(/ECONNREFUSED.*127\.0\.0\.1:1/)
})

test.each(['/api/v1/list_sources', '/trpc/list_sources', '/mcp', '/boards-data/flights', '/nothing'])(
  'a client that goes away before %s has its whole body is no fault of ours',
  async (path) => {
    const from = started.logged.length
    for (const length of ['content-length: 100\r\n\r\n{"a":', 'transfer-encoding: chunked\r\n\r\n5\r\n{"a":']) {
      const { port, host } = new URL(started.url)
      const socket = connect(Number(port), '127.0.0.1')
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n`,
      )
      socket.write(length)
      // Once another request has its answer, the first bytes of this one were read.
      await fetch(`${started.url}/healthz`)
      socket.destroy()
    }
    await fetch(`${started.url}/healthz`)
    await new Promise((done) => setTimeout(done, 100))
    const levels = started.logged.slice(from).map((line) => (JSON.parse(line) as Line).level)
    expect(levels.filter((level) => level === 'warn' || level === 'error')).toEqual([])
  },
)

test('what callers can mend is no warning, and only a fault of ours is an error', () => {
  const loud = ['warn', 'error']
  for (const code of errorCodeList) {
    const { fixedBy }: { fixedBy: string } = errorDefinitions[code]
    if (fixedBy === 'caller') expect([code, loud.includes(faultLevels[code])]).toEqual([code, false])
  }
  expect(errorCodeList.filter((code) => faultLevels[code] === 'error')).toEqual(['INTERNAL_ERROR'])
})

test.each([
  [
    'a fault of ours',
    new Error('broken inside'),
    [{ level: 'error', error: { message: 'broken inside', stack: expect.stringContaining('at ') } }],
  ],
  [
    'several faults of a caller',
    new Faults([new Fault('CONFLICT', 'One.', { cause: new Error('why') }), new Fault('CONFLICT', 'Two.')]),
    [
      { level: 'debug', message: 'One.', cause: { name: 'Error', message: 'why' } },
      { level: 'debug', message: 'Two.' },
    ],
  ],
])('%s is told in full', async (_what, error, expected) => {
  const lines: string[] = []
  const handler = defineHandler(listSources, () => Promise.reject(error))
  const log = createJsonLog((line) => void lines.push(line), 'debug')
  const { dispatch } = createDispatcher({
    project: started.dataface.project,
    tools: [servedTool(handler)],
    cursors: createCursors(() => Buffer.alloc(32)),
    log,
  })
  await dispatch({ tool: 'list_sources', input: {}, door: 'inside', caller: { id: 'x' }, signal: new AbortController().signal })
  const said = lines.map((line) => JSON.parse(line) as Line)
  expect(said).toMatchObject(expected)
  expect(said.filter(({ level }) => level !== 'error').every((line) => !JSON.stringify(line).includes('"stack"'))).toBe(true)
})
