/** Files of another format than their source says: each is told what to write, and the others are served. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SourceType } from '../../contracts/v1/tools/list-sources.ts'
import { openDuck, writeDatabase } from '../support/duckdb.ts'

const folder = mkdtempSync(join(tmpdir(), 'dataface-formats-'))
const at = (name: string): string => join(folder, name)

/** What each file holds; its name says nothing of that. */
const contents = ['parquet', 'csv', 'json', 'ndjson', 'duckdb', 'sqlite', 'archive'] as const

beforeAll(() => {
  writeDatabase(at('duckdb'), 'CREATE TABLE t AS SELECT 1 AS a', `COPY (SELECT 1 AS a) TO '${at('parquet')}' (FORMAT parquet)`)
  writeFileSync(at('csv'), 'a,b\n1,x\n')
  writeFileSync(at('json'), '[{"a": 1}, {"a": 2}]')
  writeFileSync(at('ndjson'), '{"a": 1}\n{"a": 2}\n')
  writeFileSync(at('sqlite'), Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(100)]))
  writeFileSync(at('archive'), Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(100)]))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const readAs = async (type: SourceType, files: Record<string, string>) => {
  const source = openDuck({ files }, { type })
  try {
    const { tables, unread = [] } = await source.introspect(AbortSignal.timeout(20_000))
    return { tables: tables.map(({ name }) => name), unread }
  } finally {
    await source.close()
  }
}

/** The type that serves a content; none serves those of other programs. */
const typeOf = { parquet: 'parquet', csv: 'csv', json: 'json', ndjson: 'json', duckdb: 'duckdb', sqlite: undefined, archive: undefined }

describe.each(['csv', 'json', 'parquet'] as const)('a source of type %s', (type) => {
  test('tells of every file of another format which type to write, and serves the others', async () => {
    const { tables, unread } = await readAs(type, Object.fromEntries(contents.map((name) => [name, at(name)])))
    expect(tables.sort()).toEqual(contents.filter((name) => typeOf[name] === type).sort())
    expect(unread.map(({ table }) => table).sort()).toEqual(contents.filter((name) => typeOf[name] !== type).sort())
    for (const { table, reason, hint } of unread) {
      expect(reason).toMatch(/^WRONG_FORMAT: .* holds /)
      const wanted = typeOf[table as keyof typeof typeOf]
      expect(hint).toContain(wanted === undefined ? 'Export it to CSV, JSON or Parquet' : `type: ${wanted}`)
    }
  })
})

test('where the extension tells the format, the extension is to be corrected', async () => {
  writeFileSync(at('wrong.csv'), '[{"a": 1}]')
  const { unread } = await readAs('duckdb', { wrong: at('wrong.csv') })
  expect(unread).toMatchObject([{ reason: expect.stringContaining('WRONG_FORMAT'), hint: expect.stringContaining('the extension .json') }])
})

test.each(['json', 'duckdb'] as const)('a file named .json that is none is to be mended, in a source of type %s', async (type) => {
  writeFileSync(at('broken.json'), 'a": 1}, {"a": 2}]')
  const { unread } = await readAs(type, { broken: at('broken.json') })
  expect(unread).toMatchObject([{ reason: expect.stringContaining('WRONG_FORMAT'), hint: expect.stringContaining('not valid JSON') }])
})

test('what only looks like another format is read as its source says', async () => {
  writeFileSync(at('brackets.csv'), '[id],{name}\n1,x\n')
  writeFileSync(at('spaces.json'), '\n\n  {"a": 1}\n')
  expect(await readAs('csv', { t: at('brackets.csv') })).toMatchObject({ tables: ['t'], unread: [] })
  expect(await readAs('json', { t: at('spaces.json') })).toMatchObject({ tables: ['t'], unread: [] })
})

test('a faulty file of the right format is told as faulty', async () => {
  writeFileSync(at('cut.json'), '[{"a": 1}, {"a"')
  const { unread } = await readAs('json', { t: at('cut.json') })
  expect(unread).toMatchObject([{ hint: expect.stringMatching(/^Repair or replace/) }])
})
