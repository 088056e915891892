/** A type has one name, in the metadata of a table and in a result. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keywords } from '../../server/sources/duckdb/keywords.ts'
import { openDuck, query, writeDatabase } from '../support/duckdb.ts'

const types = [
  'mood',
  "ENUM('x', 'it''s')",
  'mood[]',
  'JSON',
  'JSON[]',
  'MAP(VARCHAR, JSON[])',
  'STRUCT(a INTEGER, "B" mood, "select" DATE, "year" DATE, "two words" TIME, "quo""te" TIME, "1st" BIT, "é" BLOB)',
  'STRUCT(k JSON, m STRUCT(n UUID)[])',
  'UNION("Num" INTEGER, s VARCHAR)',
  'DECIMAL(5,2)[2]',
  'INTEGER[3][]',
  'TIMESTAMP_S',
  'TIMESTAMP_NS',
  'TIMESTAMP WITH TIME ZONE',
  'TIME WITH TIME ZONE',
  'HUGEINT',
  'BIGNUM',
]

test('the metadata and a result name every type the same, and a table can be made by that name', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'dataface-types-test-')), 'types.duckdb')
  writeDatabase(
    path,
    "CREATE TYPE mood AS ENUM ('sad', 'ok')",
    `CREATE TABLE typed (${types.map((type, index) => `c${index} ${type}`).join(', ')})`,
    "CREATE VIEW unnamed AS SELECT row(1, 'x') AS one, [row(1, row(2, 3))] AS many, {'a': row(1)} AS inside",
  )
  const source = openDuck({ path })
  try {
    const { tables } = await source.introspect(new AbortController().signal)
    for (const { name, columns } of tables) {
      const result = await query(source, `FROM ${name}`)
      expect(result.columns.map((column) => column.database_type)).toEqual(columns.map((column) => column.databaseType))
      expect(result.columns.map((column) => column.type)).toEqual(columns.map((column) => column.type))
    }
    expect(tables.map(({ name }) => name)).toEqual(['typed', 'unnamed'])
    const { rows } = await query(source, 'SELECT DISTINCT keyword_name FROM duckdb_keywords()', { limits: { maxRows: 1000 } })
    expect((JSON.parse(rows?.text ?? '') as [string][]).flat().sort()).toEqual([...keywords].sort())
  } finally {
    await source.close()
  }
})
