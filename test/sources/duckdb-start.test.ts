/** Processes of DuckDB start in turn, and calls wait for theirs. */
import { availableParallelism } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { enterStart, leaveStart } from '../../server/sources/duckdb/start-gate.ts'
import { type Door, httpDoors } from '../support/doors.ts'
import { startDataface } from '../support/start-dataface.ts'

const most = Math.max(2, availableParallelism())

test('as many start at once as there are processors, and the next as soon as one has', async () => {
  for (let taken = 0; taken < most; taken++) expect(enterStart()).toBeUndefined()
  const order: number[] = []
  const waiting = [1, 2].map((turn) => (enterStart() as Promise<void>).then(() => order.push(turn)))
  await new Promise((done) => setImmediate(done))
  expect(order).toEqual([])
  leaveStart()
  await waiting[0]
  expect(order).toEqual([1])
  for (let taken = 0; taken <= most; taken++) leaveStart()
  await waiting[1]
  expect(order).toEqual([1, 2])
  expect(enterStart()).toBeUndefined()
  leaveStart()
})

test('every source of a project is there at the first call, though many are asked at once, and none is left waiting when it closes', async () => {
  const names = Array.from({ length: most * 4 }, (_, index) => `s${index}`)
  const sources = names.map((name) => `  ${name}: { type: csv, files: { a: node_modules/vega-datasets/data/airports.csv } }`)
  const yaml = `name: many\nlimits: { timeout_ms: 60000 }\nsources:\n${sources.join('\n')}`
  const started = await startDataface(yaml)
  onTestFinished(() => started.close())
  const rest = httpDoors(started).rest as Door
  const input = (source: string) => ({ source, sql: 'SELECT count(*) AS n FROM a' })
  const answers = await Promise.all(names.flatMap((name) => [rest('execute_query', input(name)), rest('execute_query', input(name))]))
  expect(answers.filter(({ success }) => !success)).toEqual([])

  const other = await startDataface(yaml)
  const asked = Promise.all(names.map((name) => (httpDoors(other).inside as Door)('execute_query', input(name))))
  await other.close()
  for (const { success, errors } of await asked) if (!success) expect(errors?.[0]?.code).toBe('NOT_READY')
  // Whoever waited has given its turn back.
  const turns = Array.from({ length: most }, () => enterStart())
  expect(turns).toEqual(turns.map(() => undefined))
  for (const _ of turns) leaveStart()
})
