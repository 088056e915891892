/** A column of a domain is described as its values travel in results. */
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultLimits } from '../../server/projects/project.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import type { Source } from '../../server/sources/source.ts'
import { postgresUrl } from '../support/postgres.ts'
import { queryOf } from '../support/query.ts'

const database = 'domains_of_all_kinds'
const statements = [
  `CREATE DATABASE ${database}`,
  `CREATE EXTENSION citext;
   CREATE TYPE mood AS ENUM ('low', 'high'); CREATE TYPE place AS (street text, "Zip.Code" int);
   CREATE DOMAIN whole AS int; CREATE DOMAIN positive AS whole CHECK (VALUE > 0); CREATE DOMAIN most AS positive;
   CREATE DOMAIN moods AS mood; CREATE DOMAIN lists AS text[]; CREATE DOMAIN places AS place; CREATE DOMAIN mails AS citext;
   CREATE TABLE t (a positive, b most, c moods, d lists, e places, f mails, g whole[], h numeric(5, 1), i moods[])`,
]
let source: Source

beforeAll(async () => {
  for (const [at, sql] of statements.entries()) {
    const client = new pg.Client({ connectionString: postgresUrl(at === 0 ? 'postgres' : database) })
    await client.connect()
    await client.query(sql)
    await client.end()
  }
  source = openPostgres({ name: 'pg', config: { type: 'postgres', url: postgresUrl(database) }, limits: defaultLimits, log: () => {} })
})
afterAll(() => source?.close())

test('has the type that results say, and the labels of its enumeration', async () => {
  const catalog = await source.introspect(AbortSignal.timeout(20_000))
  const columns = catalog.tables[0]?.columns ?? []
  const result = await source.query(queryOf('SELECT * FROM t'))
  const types = columns.map(({ name, type }) => `${name} ${type}`)
  expect(types).toEqual(result.columns.map(({ name, type }) => `${name} ${type}`))
  expect(types).toEqual(['a integer', 'b integer', 'c enum', 'd array', 'e struct', 'f text', 'g array', 'h decimal', 'i array'])
  expect(columns.map(({ databaseType }) => databaseType).slice(0, 3)).toEqual(['positive', 'most', 'moods'])
  expect(columns.find(({ name }) => name === 'c')?.enumValues).toEqual(['low', 'high'])
})
