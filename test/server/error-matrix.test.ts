/**
 * Every error code, reached for real, through every door; and by every tool those that every tool can answer. One shape, and
 * nothing of the server in it. That all doors agree to the letter is for doors.test.ts.
 */
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contracts } from '../../contracts/catalog.ts'
import { failureEnvelope } from '../../contracts/v1/envelope.ts'
import { type ErrorCode, errorCodeList, errorDefinitions } from '../../contracts/v1/errors.ts'
import { makeKey } from '../../server/access/api-key.ts'
import type { OpenSource } from '../../server/projects/project.ts'
import { runDft } from '../cli/run-dft.ts'
import { type AnyEnvelope, type Door, httpDoors, openStdioDoor, projectFolder } from '../support/doors.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { root } from '../support/project-files.ts'
import { endlessQuery } from '../support/slow-query.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const secret = 'Secret-1234'
const wrong = new URL(postgresUrl('fixture', { user: reader.user, password: secret })).href
const data = 'node_modules/vega-datasets/data'
const files = `{ type: csv, files: { airports: ${data}/airports.csv } }`
/** `dead`: nobody listens. `mute`: a server that takes connections and says nothing. `wrong`: a real server, and a wrong password. */
const yaml = (mutePort: number) => `
name: matrix
limits: { timeout_ms: 700 }
sources:
  files: ${files}
  shop: { type: postgres, url: "${postgresUrl('fixture', reader)}" }
  powerful: { type: postgres, url: "${postgresUrl('fixture')}" }
  gated: { type: postgres, url: "${postgresUrl('fixture', reader)}", limits: { max_estimated_rows: 100 } }
  dead: { type: postgres, url: "postgres://nobody:${secret}@127.0.0.1:1/none" }
  mute: { type: postgres, url: "postgres://nobody:${secret}@127.0.0.1:${mutePort}/none?sslmode=disable" }
  wrong: { type: postgres, url: "${wrong}" }
  gone: { type: postgres, url: "${postgresUrl('no_such_database', reader)}" }
  off: { type: postgres, url: "{{ env_var('NOT_SET_ANYWHERE') }}" }
  missing: { type: duckdb, path: nowhere/missing.duckdb }
`

/** What no answer may hold: secrets, hosts, roles, paths of the machine, variables, stacks. */
const forbidden = new RegExp(
  [
    secret,
    reader.password,
    '127\\.0\\.0\\.1',
    '\\bnobody\\b',
    '\\breader\\b',
    root,
    'NOT_SET_ANYWHERE',
    'no_such_database',
    '\\bat .*\\.[tj]s:\\d',
    'node_modules',
  ].join('|'),
)

const mute = createServer(() => {}).listen(0, '127.0.0.1')
const answers: { readonly about: string; readonly answer: AnyEnvelope }[] = []
const servers: Started[] = []
let main: Started
let stdio: Awaited<ReturnType<typeof openStdioDoor>>

const start = async (text: string): Promise<Started> => {
  const started = await startDataface(text)
  servers.push(started)
  return started
}

beforeAll(async () => {
  const port = (mute.address() as { port: number }).port
  main = await start(yaml(port))
  stdio = await openStdioDoor(projectFolder(yaml(port)))
})
afterAll(async () => {
  mute.close()
  await stdio?.close()
  await Promise.all(servers.map((server) => server.close()))
})

const doorsOf = (server: Started, headers: Record<string, string> = {}): [string, Door][] =>
  Object.entries(httpDoors(server, undefined, headers)).filter(([name]) => name !== 'inside')
const everyDoor = (): [string, Door][] => [...doorsOf(main), ['mcp over stdio', stdio.door]]

/** Asks through each door and looks at each answer; gives the codes, by door. */
const ask = async (doors: readonly [string, Door][], tool: string, input: unknown): Promise<Record<string, string>> => {
  const found = await Promise.all(
    doors.map(async ([door, call]) => {
      const answer = await call(tool, input)
      const about = `${door}: ${tool} ${JSON.stringify(input).slice(0, 100)}`
      answers.push({ about, answer })
      return [door, checkAnswer(about, answer)]
    }),
  )
  return Object.fromEntries(found) as Record<string, string>
}

/** One shape, whoever answers. */
const checkAnswer = (about: string, answer: AnyEnvelope): string => {
  const { success, errors, meta } = failureEnvelope.strict().parse(answer, { error: () => about })
  expect(success).toBe(false)
  expect({ about, id: meta.request_id }).toEqual({ about, id: expect.stringMatching(/^[0-9a-f-]{36}$/) })
  for (const { code, message, retryable } of errors) {
    expect(message).toMatch(/\S.*[.?!)]$/s)
    if (retryable) expect({ about, code, may: errorDefinitions[code].retryable }).toEqual({ about, code, may: true })
  }
  expect({ about, leaked: forbidden.exec(JSON.stringify(answer))?.[0] }).toEqual({ about, leaked: undefined })
  return errors.map(({ code }) => code).join(' ')
}

const all = (doors: readonly [string, Door][], code: ErrorCode) => Object.fromEntries(doors.map(([name]) => [name, code]))
const failsWith = async (code: ErrorCode, doors: readonly [string, Door][], tool: string, input: unknown): Promise<void> => {
  expect({ tool, ...(await ask(doors, tool, input)) }).toEqual({ tool, ...all(doors, code) })
}

const board = 'boards/penguins.yml'
/** What each tool can be called with; `source` takes the place of SOURCE. */
const inputs: Readonly<Record<string, Record<string, unknown>>> = {
  list_sources: {},
  catalog: { query: 'air', source: 'SOURCE' },
  list_tables: { source: 'SOURCE' },
  describe_table: { source: 'SOURCE', table: 'airports' },
  get_metadata: { source: 'SOURCE' },
  execute_query: { source: 'SOURCE', sql: 'SELECT 1 AS one' },
  list_dashboards: {},
  search_dashboards: { query: 'x' },
  get_dashboard: { path: board },
  get_schema: {},
  validate_yaml: { yaml: 'text: x' },
  test_yaml_execution: { yaml: 'text: x' },
  render_dashboard: { yaml: 'text: x' },
  review_dashboard: { yaml: 'text: x' },
  save_dashboard: { path: 'boards/new.yml', yaml: 'text: x' },
}
const tools = contracts.map(({ name }) => name)
const inputOf = (tool: string, source: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(inputs[tool] ?? {}).map(([key, value]) => [key, value === 'SOURCE' ? source : value]))
const takes = (argument: string): readonly string[] =>
  contracts.filter(({ input }) => argument in (input as unknown as { shape: object }).shape).map(({ name }) => name)

test('every tool is asked', () => {
  expect(Object.keys(inputs).sort()).toEqual([...tools].sort())
})

describe('every tool, through every door', () => {
  test.each(tools)('%s refuses what its contract does not have', async (tool) => {
    await failsWith('VALIDATION_ERROR', everyDoor(), tool, { ...inputOf(tool, 'files'), nothing_of_the_kind: 1 })
    await failsWith('VALIDATION_ERROR', everyDoor(), tool, [])
    const [argument] = Object.keys(inputs[tool] ?? {})
    if (argument !== undefined) await failsWith('VALIDATION_ERROR', everyDoor(), tool, { ...inputOf(tool, 'files'), [argument]: { a: 1 } })
  })

  test.each(takes('cursor'))('%s refuses a cursor that was made up', async (tool) => {
    await failsWith('VALIDATION_ERROR', everyDoor(), tool, { ...inputOf(tool, 'files'), cursor: 'AAAA.BBBB' })
  })

  test.each(takes('source'))('%s refuses a source that is not there, or cannot be served', async (tool) => {
    await failsWith('SOURCE_NOT_FOUND', everyDoor(), tool, inputOf(tool, 'warehouse'))
    for (const source of ['dead', 'mute', 'wrong', 'gone', 'off', 'missing'])
      await failsWith('SOURCE_UNAVAILABLE', everyDoor(), tool, inputOf(tool, source))
    await failsWith('SOURCE_UNPROVEN', everyDoor(), tool, inputOf(tool, 'powerful'))
  })

  test.each(takes('path').filter((tool) => tool !== 'save_dashboard'))('%s refuses a board that is not there', async (tool) => {
    await failsWith('BOARD_NOT_FOUND', everyDoor(), tool, { path: 'boards/none.yml' })
  })

  test('is refused to who is not known, or may not call it', async () => {
    const server = await start(`name: closed\naccess: {}\nsources:\n  files: ${files}\n`)
    const { text, kept } = makeKey({ name: 'one tool', scopes: ['dataface:tool:nothing'] }, new Date())
    await server.dataface.project.access.keys?.change((keys) => [...keys, kept])
    const unknown = [{}, { authorization: `Bearer dft_0000000000_${'0'.repeat(40)}` }] as const
    for (const tool of tools) {
      for (const headers of unknown) await failsWith('UNAUTHENTICATED', doorsOf(server, headers), tool, inputOf(tool, 'files'))
      await failsWith('PERMISSION_DENIED', doorsOf(server, { authorization: `Bearer ${text}` }), tool, inputOf(tool, 'files'))
    }
  })

  test('is refused when its calls are used up', async () => {
    const server = await start(`name: limited\nquotas: { caller: { calls_per_minute: 1 } }\nsources:\n  files: ${files}\n`)
    await fetch(`${server.url}/api/v1/list_sources`, { method: 'POST' })
    for (const tool of tools) await failsWith('RATE_LIMITED', doorsOf(server), tool, inputOf(tool, 'files'))
  })

  test('is refused when no record of it can be written', async () => {
    const server = await start(`name: unwritten\naudit: { file: /dev/full }\nsources:\n  files: ${files}\n`)
    for (const tool of tools) await failsWith('NOT_READY', doorsOf(server), tool, inputOf(tool, 'files'))
  })

  test('tells nothing of a fault of ours', async () => {
    const server = await start(`name: faulty\nsources:\n  files: ${files}\n`)
    const sources = server.dataface.project.sources as Map<string, OpenSource>
    const broken = () => {
      throw new TypeError(`Cannot read properties of ${secret} at ${root}/server/main.ts:1:1`)
    }
    const files_ = sources.get('files') as OpenSource
    sources.set('files', {
      ...files_,
      source: { ...files_.source, proof: broken, query: broken, analyze: broken, introspect: broken },
      catalog: Object.create(files_.catalog, { read: { value: broken }, known: { get: broken } }),
    })
    for (const tool of takes('source')) await failsWith('INTERNAL_ERROR', doorsOf(server), tool, inputOf(tool, 'files'))
  })
})

describe('execute_query, through every door', () => {
  test.each([
    ['TABLE_NOT_FOUND', 'shop', 'SELECT * FROM nothing_here'],
    ['TABLE_NOT_FOUND', 'files', "SELECT * FROM '/etc/passwd'"],
    ['SQL_REJECTED', 'shop', 'DELETE FROM orders'],
    ['SQL_REJECTED', 'files', "COPY airports TO 'x.csv'"],
    ['SQL_ERROR', 'shop', 'SELECT 1 +'],
    ['SQL_ERROR', 'shop', 'SELECT 1 / 0'],
    ['SQL_ERROR', 'files', 'SELECT nothing FROM airports'],
    ['PERMISSION_DENIED', 'shop', 'SELECT cost FROM rightless'],
    ['QUERY_TIMEOUT', 'shop', endlessQuery('matrix')],
    ['QUERY_TIMEOUT', 'files', 'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = 7'],
    ['QUERY_TOO_COSTLY', 'gated', 'SELECT * FROM orders'],
    ['RESULT_TOO_LARGE', 'shop', `SELECT ${Array.from({ length: 40 }, () => "repeat('x', 60000)").join(', ')}`],
  ] as const)('answers %s of %s', async (code, source, sql) => {
    await failsWith(code, everyDoor(), 'execute_query', { source, sql })
  })

  test('refuses a tool that is not there, and a board that others have written', async () => {
    await failsWith('UNKNOWN_TOOL', everyDoor(), 'execute_qurey', {})
    await failsWith('CONFLICT', everyDoor(), 'save_dashboard', { path: board, yaml: 'text: x' })
    await failsWith('TABLE_NOT_FOUND', everyDoor(), 'describe_table', { source: 'files', table: 'none' })
    await failsWith('RESULT_TOO_LARGE', everyDoor(), 'render_dashboard', {
      yaml: `text: ${'x '.repeat(4000)}`,
      format: 'html',
      max_bytes: 1024,
    })
  })

  test('is answered when the server stops under it', async () => {
    const slow = 'SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7'
    const server = await start(
      `name: stopping\nlimits: { timeout_ms: 60000, max_concurrency: 16 }\nsources:\n  files: ${files}\n  shop: { type: postgres, url: "${postgresUrl('fixture', reader)}" }\n`,
    )
    const doors = doorsOf(server)
    const asked = Promise.all([
      ask(doors, 'execute_query', { source: 'shop', sql: endlessQuery('under-it') }),
      ask(doors, 'execute_query', { source: 'files', sql: slow }),
    ])
    await new Promise((done) => setTimeout(done, 1_500))
    await server.close()
    expect(await asked).toEqual([all(doors, 'NOT_READY'), all(doors, 'NOT_READY')])
  })

  test('of a caller who cancels it is answered so to whoever is there to hear it', async () => {
    const gone = new AbortController()
    const asked = main.dataface.dispatcher.dispatch({
      tool: 'execute_query',
      input: { source: 'shop', sql: endlessQuery('cancelled') },
      door: 'rest',
      caller: { id: 'local' },
      signal: gone.signal,
    })
    setTimeout(() => gone.abort(), 200)
    const answer = JSON.parse(JSON.stringify(await asked)) as AnyEnvelope
    answers.push({ about: 'cancelled', answer })
    expect(checkAnswer('cancelled', answer)).toBe('CANCELLED')
  })
})

describe('the command line', () => {
  let folder: string
  beforeAll(() => {
    folder = projectFolder(yaml((mute.address() as { port: number }).port))
  })

  test.each([
    ['SOURCE_NOT_FOUND', ['tables', 'warehouse']],
    ['SOURCE_UNAVAILABLE', ['query', 'dead', 'SELECT 1']],
    ['SOURCE_UNAVAILABLE', ['query', 'wrong', 'SELECT 1']],
    ['SOURCE_UNAVAILABLE', ['tables', 'off']],
    ['SOURCE_UNPROVEN', ['describe', 'powerful', 'orders']],
    ['TABLE_NOT_FOUND', ['describe', 'shop', 'none']],
    ['SQL_REJECTED', ['query', 'shop', 'DROP TABLE orders']],
    ['SQL_ERROR', ['query', 'shop', 'SELECT 1 +']],
    ['PERMISSION_DENIED', ['query', 'shop', 'SELECT cost FROM rightless']],
    ['QUERY_TIMEOUT', ['query', 'shop', endlessQuery('matrix-cli')]],
    ['QUERY_TOO_COSTLY', ['query', 'gated', 'SELECT * FROM orders']],
    ['BOARD_NOT_FOUND', ['render', 'boards/none.yml']],
    ['VALIDATION_ERROR', ['tables', 'shop', '--cursor', 'AAAA.BBBB']],
    ['VALIDATION_ERROR', ['query', 'shop', 'SELECT $1', '--params', '{}']],
  ] as const)('answers %s in the same shape: dft %j', async (code, args) => {
    const { code: exit, out } = await runDft([...args, '--json', '--project', folder])
    const answer = JSON.parse(out) as AnyEnvelope
    answers.push({ about: `cli: ${args.join(' ')}`, answer })
    expect(answer).toMatchObject({ success: false, errors: [{ code, message: expect.any(String), retryable: expect.any(Boolean) }] })
    expect(JSON.stringify(answer)).not.toMatch(forbidden)
    expect(exit).not.toBe(0)
  })
})

describe('all of these answers', () => {
  test('reach every code there is, each with a page that the server shows', async () => {
    const reached = new Set(answers.flatMap(({ answer }) => answer.errors?.map(({ code }) => code) ?? []))
    expect(errorCodeList.filter((code) => !reached.has(code))).toEqual([])
    for (const code of errorCodeList) {
      expect(existsSync(resolve(root, `docs/errors/${code}.md`))).toBe(true)
      const page = await fetch(`${main.url}/docs/errors/${code}`)
      expect([code, page.status]).toEqual([code, 200])
      expect(await page.text()).toContain(code)
    }
  })

  test('and what was logged meanwhile hold no secret, and only a fault of ours has a stack, in the log alone', () => {
    const logged = servers.flatMap(({ logged }) => logged)
    expect(logged.length).toBeGreaterThan(50)
    const told = logged.map((line) => JSON.parse(line) as { level: string; message: string })
    // The fault that was planted holds one, in its own words.
    const ours = logged.filter((_line, index) => told[index]?.level !== 'error')
    expect(ours.filter((line) => line.includes(secret) || line.includes(reader.password))).toEqual([])
    expect(ours.filter((line) => /"stack":/.test(line))).toEqual([])
    expect(logged.filter((line) => line.includes(reader.password))).toEqual([])
  })
})
