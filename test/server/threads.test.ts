/** Threads that do the long work of many callers: nobody waits for who has gone, nor for a thread that has ended. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ThreadAside } from '../../server/envelope/thread-aside.ts'
import type { OpenSource } from '../../server/projects/project.ts'
import { searchCatalogs } from '../../server/search/search-aside.ts'
import type { SourceCatalog } from '../../server/sources/source.ts'

describe('a thread', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dataface-threads-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const entry = join(folder, 'thread.mjs')
  const program = `
    import { parentPort } from 'node:worker_threads'
    parentPort.on('message', ({ id, request }) => {
      if (request === 'exit') process.exit(3)
      if (request === 'throw') throw new Error('thrown there')
      if (request === 'reject') void Promise.reject(new Error('rejected there'))
      else if (request !== 'nothing') parentPort.postMessage({ id, value: request })
    })`
  writeFileSync(entry, program)

  test.each([
    ['exit', 'The thread ended with 3.'],
    ['throw', 'thrown there'],
    ['reject', 'rejected there'],
  ])('that ends by %s leaves nobody without an answer, and the next gets one', async (end, message) => {
    const thread = new ThreadAside<string, string>(entry)
    expect(await thread.ask('a')).toBe('a')
    const waiting = ['nothing', end, 'b'].map((request) => thread.ask(request))
    for (const one of waiting) await expect(one).rejects.toThrow(message)
    expect(thread.isRunning).toBe(false)
    expect(await Promise.all([thread.ask('c'), thread.ask('d')])).toEqual(['c', 'd'])
  })
})

describe('searches', () => {
  const catalogOf = (table: string, tables: number): SourceCatalog =>
    ({
      version: table,
      tables: Array.from({ length: tables }, (_, index) => ({
        schema: 'public',
        name: `${table}_${index}`,
        kind: 'table',
        columns: Array.from({ length: 10 }, (_, column) => ({ name: `${table}_column_${column}`, type: 'text' })),
      })),
    }) as unknown as SourceCatalog
  const entry = { source: { name: 's', type: 'postgres' } } as unknown as OpenSource
  const searching = (caller: string, catalog: SourceCatalog, query: string, signal = new AbortController().signal) =>
    searchCatalogs(query, [{ entry, catalog }], { kinds: undefined, limit: 5, caller, signal })

  test('of one caller wait for themselves, and those of one that has gone are not made', async () => {
    const catalog = catalogOf('orders', 400)
    await searching('busy', catalog, 'orders')
    const ended: string[] = []
    const gone = new AbortController()
    const all = Array.from({ length: 20 }, async (_, index) => {
      // One that has begun ends.
      const isGone = index >= 10
      await searching('busy', catalog, 'orders column orders_colum', isGone ? gone.signal : undefined).catch((error: unknown) => {
        if (error !== gone.signal.reason) throw error
      })
      ended.push(isGone ? 'gone' : 'busy')
    })
    all.push(searching('quiet', catalog, 'orders').then(() => void ended.push('quiet')))
    gone.abort()
    await Promise.all(all)
    expect(ended.filter((who) => who !== 'gone').indexOf('quiet')).toBeLessThanOrEqual(2)
    expect(ended.slice(0, 10).filter((who) => who === 'gone')).toHaveLength(10)
  })

  test('find what their catalog has, the one before and the next, in any order', async () => {
    const [before, after] = [catalogOf('invoices', 3), catalogOf('refunds', 3)]
    for (const catalog of [before, after, before, after, before]) {
      const [own, other] = catalog === before ? ['invoices', 'refunds'] : ['refunds', 'invoices']
      const [found, none] = await Promise.all([searching('a', catalog, own), searching('a', catalog, other)])
      expect([found.total > 0, none.total]).toEqual([true, 0])
    }
  })

  test('a word that is said again finds the same', async () => {
    const catalog = catalogOf('orders', 3)
    expect(await searching('a', catalog, 'orders '.repeat(70))).toEqual(await searching('a', catalog, 'orders'))
  })
})
