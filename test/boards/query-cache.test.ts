import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keptMsOf, QueryCache } from '../../server/boards/run/query-cache.ts'
import type { Envelope } from '../../server/envelope/envelope.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'

let project: BoardProject
beforeEach(async () => {
  project = await boardProject({
    'dataface.yml': 'name: test\nsources: {shop: {type: duckdb, files: {orders: orders.csv}}}\n',
    'orders.csv': 'id\n1\n',
  })
})
afterEach(() => project.close())

const signal = new AbortController().signal

/** What the first chart of a board shows; a query with random() shows whether it ran again. */
const shown = async (yaml: string, caller = 'test', tool = 'render_dashboard'): Promise<unknown> => {
  const envelope = await project.served.dispatcher.dispatch({
    tool,
    input: tool === 'render_dashboard' ? { yaml, format: 'json' } : { yaml },
    door: 'inside',
    caller: { id: caller },
    signal,
  })
  const { data } = JSON.parse(JSON.stringify(envelope)) as {
    data: { charts: { rows?: unknown[][] }[]; queries?: { rows?: unknown[][] }[] }
  }
  return (data.queries ?? data.charts)[0]?.rows?.[0]?.[0]
}

const board = (query: string, more = '') => `source: shop\n${more}\ncharts: {a: {type: table, query: ${query}}}`
const random = board('SELECT random() AS n FROM orders')

test('rows are kept and shared by boards, also while their query runs', async () => {
  const [first, second] = await Promise.all([shown(random), shown(`title: Other\n${random}`)])
  expect(first).toBeTypeOf('number')
  expect([second, await shown(random)]).toEqual([first, first])
})

test('nothing is shared with another caller, other values or other SQL', async () => {
  const first = await shown(random)
  expect(await shown(random, 'other')).not.toBe(first)
  expect(await shown(board('SELECT random()  AS n FROM orders'))).not.toBe(first)
  const bound = (value: number) => board("'SELECT random() + {{ v }} * 0 AS n FROM orders'", `variables: {v: {default: ${value}}}`)
  expect(await shown(bound(1))).toBe(await shown(bound(1)))
  expect(await shown(bound(1))).not.toBe(await shown(bound(2)))
})

test('the query says how long, else its board; false is never', async () => {
  const never = board('SELECT random() AS n FROM orders', 'cache: false')
  expect(await shown(never)).not.toBe(await shown(never))
  const query = board('{sql: SELECT random() AS n FROM orders, cache: 1h}', 'cache: false')
  expect(await shown(query)).toBe(await shown(query))
  const inner = `source: shop\ncache: 1h\nrows: [{cache: false, charts: {a: {type: table, query: SELECT random() AS n FROM orders}}}]`
  expect(await shown(inner)).not.toBe(await shown(inner))
  expect([undefined, true, false, '1h30m', 'forever', { ttl: '2d' }].map(keptMsOf)).toEqual([
    60_000,
    60_000,
    0,
    5_400_000,
    Number.POSITIVE_INFINITY,
    172_800_000,
  ])
})

test('a board that is tried runs its queries anew', async () => {
  expect(await shown(random, 'test', 'test_yaml_execution')).not.toBe(await shown(random, 'test', 'test_yaml_execution'))
})

/** What a board shows once the metadata is read again; a file is looked at anew after a second. */
const readAnew = (yaml: string) => async () => {
  await project.served.project.sources.get('shop')?.catalog.readAnew(signal)
  return shown(yaml)
}
const slow = { timeout: 20_000, interval: 200 }

test('rows are dropped when the metadata of their source changes', async () => {
  const first = await shown(random)
  await project.served.project.sources.get('shop')?.catalog.readAnew(signal)
  expect(await shown(random)).toBe(first)
  await writeFile(join(project.dir, 'orders.csv'), 'id,secret\n1,2\n')
  await expect.poll(readAnew(random), slow).not.toBe(first)
})

test('an error is not kept', async () => {
  const later = board('SELECT later FROM orders')
  expect(await shown(later)).toBeUndefined()
  await writeFile(join(project.dir, 'orders.csv'), 'id,later\n1,7\n')
  await expect.poll(readAnew(later), slow).toBe('7')
})

const success = (bytes: number): Envelope => ({ success: true, data: { bytes }, warnings: [], meta: {} }) as unknown as Envelope

/** A cache that counts what it runs. */
const counting = async () => {
  await project.served.project.sources.get('shop')?.catalog.read(signal)
  const cache = new QueryCache(project.served.project)
  const ran: string[] = []
  const get = (sql: string, answer: () => Envelope | Promise<Envelope>, keptMs = 60_000) =>
    cache.get({ caller: 'a', isCounted: false, source: 'shop', sql, params: [], limit: 1 }, keptMs, signal, async () => {
      ran.push(sql)
      return answer()
    })
  return { ran, get }
}

test('what was asked for longest ago makes room', async () => {
  const { ran, get } = await counting()
  const third = 22 * 1024 * 1024
  for (const sql of ['a', 'b', 'a', 'c', 'a', 'b']) await get(sql, () => success(third))
  expect(ran).toEqual(['a', 'b', 'c', 'b'])
  await get('large', () => success(65 * 1024 * 1024))
  await get('large', () => success(65 * 1024 * 1024))
  expect(ran.slice(4)).toEqual(['large', 'large'])
})

test('rows past their time are read again', async () => {
  const { ran, get } = await counting()
  await get('a', () => success(1), 1)
  await new Promise((resolve) => setTimeout(resolve, 5))
  await get('a', () => success(1), 1)
  expect(ran).toEqual(['a', 'a'])
})

test('who joins a call that was cancelled makes a call of their own', async () => {
  const { ran, get } = await counting()
  const cancelled = { success: false, errors: [{ code: 'CANCELLED' }] } as unknown as Envelope
  const answers = [cancelled, success(1)]
  const both = [get('a', async () => answers.shift() as Envelope), get('a', async () => answers.shift() as Envelope)]
  expect((await Promise.all(both)).map(({ success: works }) => works)).toEqual([false, true])
  expect(ran).toEqual(['a', 'a'])
})
