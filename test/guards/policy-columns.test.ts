/**
 * A column that is hidden, by the policy or by the grants of the login, answers as one that does not exist; one that is
 * masked is described; a misspelt one is answered with what can be read. On both engines alike, through dispatch.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AnyEnvelope, type Door, httpDoors, withoutTimes } from '../support/doors.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const database = 'policy_columns'
const granted = { user: 'columns_reader', password: 'columns-Pa55word' }
const policy = 'columns: { deny: [ssn], mask: [salary] }'
const tables = [
  'CREATE TABLE people (id integer, name varchar, ssn varchar, salary integer)',
  "INSERT INTO people VALUES (1, 'Ann', 'CANARY', 1000)",
  'CREATE TABLE wages (id integer, salary integer)',
  'INSERT INTO wages VALUES (1, 1000)',
  'CREATE TABLE orders (id integer, person_id integer)',
  'INSERT INTO orders VALUES (1, 1)',
  'CREATE VIEW names AS SELECT id, upper(name) AS name FROM people',
  'CREATE VIEW numbers AS SELECT id, ssn AS number FROM people',
  'CREATE VIEW pay AS SELECT id, salary FROM people',
  'CREATE VIEW counted AS SELECT count(*) AS n FROM people p WHERE p.id IN (SELECT o.person_id FROM orders o)',
  "CREATE VIEW sifted AS SELECT id FROM people WHERE ssn > 'a'",
  'CREATE VIEW joined AS SELECT p.name, o.id FROM people p JOIN orders o ON o.person_id = p.id',
  'CREATE VIEW whole AS SELECT * FROM people',
]

const folder = mkdtempSync(join(tmpdir(), 'dataface-columns-'))
let started: Started
let call: Door

beforeAll(async () => {
  const run = async (name: string, ...statements: string[]) => {
    const client = new pg.Client({ connectionString: postgresUrl(name) })
    await client.connect()
    for (const statement of statements) await client.query(statement)
    await client.end()
  }
  await run('postgres', `CREATE DATABASE ${database}`, `CREATE ROLE ${granted.user} LOGIN PASSWORD '${granted.password}'`)
  await run(
    database,
    ...tables,
    ...['zqint(integer)', 'zqrow(people)', 'zqoth(wages)', 'zqany(anyelement)', 'zqtwo(integer, integer)'].map(
      (one) => `CREATE FUNCTION ${one} RETURNS text SECURITY DEFINER STABLE LANGUAGE sql AS 'SELECT ssn FROM public.people'`,
    ),
    `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${reader.user}`,
    `GRANT SELECT (id, name) ON people TO ${granted.user}`,
    `GRANT SELECT ON orders, names, counted, joined TO ${granted.user}`,
  )
  const instance = await DuckDBInstance.create(join(folder, 'people.duckdb'))
  const connection = await instance.connect()
  for (const statement of tables) await connection.run(statement)
  connection.disconnectSync()
  instance.closeSync()
  started = await startDataface(`
name: columns
sources:
  postgres: { type: postgres, url: '${postgresUrl(database, reader)}', ${policy} }
  granted: { type: postgres, url: '${postgresUrl(database, granted)}', ${policy} }
  bare: { type: postgres, url: '${postgresUrl(database, granted)}' }
  duckdb: { type: duckdb, path: ${join(folder, 'people.duckdb')}, ${policy} }
`)
  call = Object.values(httpDoors(started))[0] as Door
})
afterAll(async () => {
  await started?.close()
  rmSync(folder, { recursive: true, force: true })
})

const asking =
  (source: string) =>
  (sql: string): Promise<AnyEnvelope> =>
    call('execute_query', { source, sql })

describe.each(['postgres', 'granted', 'bare', 'duckdb'])('%s', (source) => {
  const query = asking(source)
  const errorOf = async (sql: string) => (await query(sql)).errors?.[0]
  const masked = source === 'bare' ? '' : ': "salary" is masked'

  test.each([
    'SELECT # FROM people',
    'SELECT id, # FROM people',
    'SELECT "#" FROM people',
    'SELECT p.# FROM people p',
    'SELECT people.# FROM people',
    'SELECT id FROM people WHERE # IS NULL',
    "SELECT id FROM people p WHERE lower(p.#) = 'a'",
    'SELECT count(*) FROM people GROUP BY #',
    'SELECT id FROM people ORDER BY #',
    'SELECT id FROM people ORDER BY lower(#)',
    'SELECT max(#) FROM people',
    'SELECT id FROM people p JOIN orders o ON o.id = p.#',
    'SELECT 1 FROM people p JOIN orders o USING (#)',
    'SELECT 1 FROM orders o JOIN people p USING (#)',
    "SELECT 1 FROM people JOIN (SELECT 'x' AS #) b USING (#)",
    'SELECT (SELECT p.#) FROM people p',
    'SELECT x FROM (SELECT # AS x FROM people) t',
    'WITH c AS (SELECT # FROM people) SELECT * FROM c',
    'SELECT l.x FROM people p, LATERAL (SELECT p.# AS x) l',
    'SELECT id FROM orders UNION ALL SELECT length(#) FROM people',
    'SELECT sum(1) OVER (PARTITION BY #) FROM people',
    'SELECT coalesce(#, name) FROM people',
    'SELECT id FROM orders WHERE EXISTS (SELECT 1 FROM people WHERE people.# = name)',
    'EXPLAIN SELECT # FROM people',
    'SELECT #.x FROM people',
    'SELECT #.x.y FROM people p',
    'SELECT names.# FROM names',
    'SELECT n.# FROM names n ORDER BY n.#',
    'SELECT max(names.#) FROM names',
    'SELECT q.# FROM people p',
    'SELECT people.# FROM people p',
    'SELECT id FROM people WHERE q.# IS NULL',
    'SELECT (SELECT q.#) FROM people',
    'SELECT id FROM people p ORDER BY q.#',
    'SELECT id FROM people p WHERE EXISTS (SELECT 1 FROM orders o) AND o.# = 1',
  ])('a hidden column answers as a missing one: %s', async (sql) => {
    const [hidden, missing] = await Promise.all(
      ['ssn', 'sxn'].map(async (name) => JSON.stringify(withoutTimes(await query(sql.replaceAll('#', name)))).replaceAll(name, '#')),
    )
    expect(hidden).toMatch(/"code":"(SQL_ERROR|TABLE_NOT_FOUND)"/)
    expect(JSON.parse(hidden as string)).toEqual(JSON.parse(missing as string))
  })

  test('a misspelt column is answered with one that can be read', async () => {
    expect(await errorOf('SELECT nam FROM people')).toMatchObject({
      code: 'SQL_ERROR',
      hint: 'Did you mean "name"?',
      position: { line: 1, column: 8 },
    })
    expect(await errorOf('SELECT p.nam FROM people p')).toMatchObject({ hint: 'Did you mean "name"?' })
    expect(await errorOf('SELECT id FROM people ORDER BY lower(nmae)')).toMatchObject({ hint: 'Did you mean "name"?' })
    for (const near of ['sssn', 'ssn_', 'ssm']) {
      const hint = (await errorOf(`SELECT ${near} FROM people`))?.hint
      expect(hint).toMatch(/^Columns of people: id, name/)
      expect(hint).not.toContain('ssn')
    }
  })

  test('a whole row is refused with its place and the columns that can be read', async () => {
    for (const sql of ['SELECT * FROM people', 'SELECT p.* FROM people p', 'SELECT p FROM people p', 'SELECT count(p) FROM people p']) {
      expect(await errorOf(sql)).toMatchObject({
        code: 'SQL_REJECTED',
        message: `Not every column of people can be read${masked}.`,
        hint: 'Name those you want: id, name.',
        position: { line: 1 },
      })
    }
    expect(await errorOf('SELECT 1 FROM orders NATURAL JOIN people')).toMatchObject({
      code: 'SQL_REJECTED',
      message: `NATURAL JOIN joins by every column, and not every column of people can be read${masked}.`,
      hint: 'Join with USING or ON. Columns of people that can be read: id, name.',
      position: { line: 1 },
    })
  })

  test('names of the result may be those of hidden columns', async () => {
    for (const sql of ['SELECT name AS ssn FROM people ORDER BY ssn', 'SELECT x.ssn FROM (SELECT name AS ssn FROM people) x ORDER BY 1'])
      expect({ sql, ...(await query(sql)) }).toMatchObject({ sql, data: { rows: [['Ann']] } })
  })

  test('EXISTS asks no more than whether there is a row', async () => {
    for (const sql of [
      'SELECT id FROM orders o WHERE EXISTS (SELECT * FROM people p WHERE p.id = o.person_id)',
      'SELECT id FROM orders o WHERE EXISTS (SELECT p.* FROM people p WHERE p.id = o.person_id)',
    ]) {
      // The server wants a right to every column then.
      const isAllowed = source === 'postgres' || source === 'duckdb'
      expect({ sql, ...(await query(sql)) }).toMatchObject({
        sql,
        ...(isAllowed ? { data: { rows: [[1]] } } : { errors: [{ code: 'SQL_REJECTED' }] }),
      })
    }
    for (const part of [
      "SELECT * FROM people EXCEPT SELECT 1, 'Ann', 'CANARY', 1000",
      'SELECT DISTINCT * FROM people OFFSET 1',
      'SELECT p FROM people p',
      'SELECT * FROM (SELECT * FROM people) x',
      "SELECT * FROM people NATURAL JOIN (SELECT 'CANARY' AS ssn) x",
      "SELECT p.* FROM people p WHERE p.ssn > 'a'",
      'SELECT *, ssn FROM people',
      'SELECT * FROM people GROUP BY 1, 2, 3, 4 HAVING count(*) > 1',
    ])
      expect({ part, ...(await query(`SELECT EXISTS (${part})`)) }).toMatchObject({ part, success: false })
  })

  test('what is hidden is named nowhere', async () => {
    const answers = await Promise.all([
      call('describe_table', { source, table: 'people' }),
      call('get_metadata', { source, detail: 'full' }),
      call('list_tables', { source }),
      call('catalog', { source }),
    ])
    expect(JSON.stringify(answers)).not.toMatch(/ssn|CANARY|numbers|sifted|whole/)
  })

  test('a view is served by the columns that it reads', async () => {
    for (const sql of ['SELECT name FROM names', 'SELECT n FROM counted', 'SELECT * FROM joined'])
      expect(await query(sql)).toMatchObject({ success: true })
    for (const sql of ['SELECT * FROM numbers', 'SELECT * FROM pay', 'SELECT * FROM sifted', 'SELECT id FROM whole'])
      expect(await errorOf(sql)).toMatchObject({ code: 'TABLE_NOT_FOUND' })
  })
})

/** DuckDB alone calls a function of what stands before a dot. */
test.each([
  'SELECT #.upper() FROM people',
  'SELECT people.#.upper() FROM people',
  'SELECT p.#.upper() FROM people p',
  'SELECT upper(#.lower()) FROM people',
  "SELECT id FROM people WHERE #.contains('C')",
  'SELECT id FROM people ORDER BY #.length()',
  'SELECT count(*) FROM people GROUP BY #.upper()',
  'SELECT #.max() FILTER (true) FROM people',
  'SELECT #.max() OVER () FROM people',
  'SELECT #.x.upper() FROM people',
  'SELECT (SELECT #.upper()) FROM people',
  'SELECT [#.upper() FOR x IN [1]] FROM people',
  'EXPLAIN SELECT #.upper() FROM people',
])('a hidden column that a function is called of answers as a missing one: %s', async (sql) => {
  const told = async (name: string) =>
    JSON.parse(JSON.stringify(withoutTimes(await asking('duckdb')(sql.replaceAll('#', name)))).replaceAll(name, '#'))
  expect(await told('ssn')).toMatchObject({ success: false, errors: [{ code: 'SQL_ERROR' }] })
  expect(await told('ssn')).toEqual(await told('sxn'))
})

test.each(['SELECT people.to_json() FROM people', 'SELECT p.hash() FROM people p', 'SELECT salary.abs() FROM people'])(
  'nor is a function called of a whole row or a masked column: %s',
  async (sql) => {
    expect(await asking('duckdb')(sql)).toMatchObject({ errors: [{ code: 'SQL_REJECTED' }] })
  },
)

/** PostgreSQL alone calls a function for a field that is no column. */
describe.each(['postgres', 'granted', 'bare'])('%s', (source) => {
  const query = asking(source)

  test.each([
    'SELECT p.# FROM people p',
    'SELECT o.# FROM orders o',
    'SELECT o.#, p.ssn FROM orders o, people p',
    'SELECT p.ssn, o.# FROM orders o, people p',
    'SELECT (o.id).# FROM orders o',
    'SELECT (p).# FROM people p',
    'SELECT (o).# FROM orders o',
    'SELECT x.# FROM (SELECT 1 AS a) x',
    'SELECT (x).# FROM (SELECT 1 AS a) x',
    'SELECT (ROW(1, 2)).#',
    'SELECT (1 + 1).#',
    'SELECT g.# FROM generate_series(1, 2) g',
    'SELECT e.# FROM jsonb_each_text($${}$$::jsonb) e',
    'SELECT id FROM people p WHERE (p.id).# IS NULL',
    'EXPLAIN SELECT o.# FROM orders o',
  ])('a function that may not be called answers as a name that means nothing: %s', async (sql) => {
    const told = async (name: string) => JSON.stringify(withoutTimes(await query(sql.replaceAll('#', () => name)))).replaceAll(name, '#')
    const missing = await told('zqnon')
    expect(missing).toMatch(sql.includes('(p).') ? /Not every column/ : /"code":"SQL_ERROR"/)
    for (const name of ['zqint', 'zqrow', 'zqoth', 'zqany', 'zqtwo'])
      expect(JSON.parse(await told(name)), name).toEqual(JSON.parse(missing))
  })
})

test.each(['postgres', 'granted', 'duckdb'])('a masked column is described without values, and not read: %s', async (source) => {
  const { data } = await call('describe_table', { source, table: 'people' })
  expect(data?.columns).toMatchObject([
    { name: 'id', masked: false, samples: [1] },
    { name: 'name' },
    { name: 'salary', type: 'integer', masked: true, readable: false, samples: [] },
  ])
  for (const sql of ['SELECT salary FROM people', 'SELECT max(p.salary) FROM people p'])
    expect(await call('execute_query', { source, sql })).toMatchObject({
      errors: [
        {
          code: 'SQL_REJECTED',
          message: 'The column "salary" is masked: it is described, and no statement may read it.',
          hint: 'Leave it out. Columns of people that can be read: id, name.',
          position: { line: 1 },
        },
      ],
    })
})

test.each(['postgres', 'granted', 'duckdb'])('a masked column is said to be masked by every tool that names it: %s', async (source) => {
  for (const detail of ['summary', 'full']) {
    const { data } = await call('get_metadata', { source, detail })
    const listed = data?.tables as { name: string; columns: { name: string; masked?: boolean }[] }[]
    const people = listed.find(({ name }) => name === 'people')
    expect(people?.columns.map(({ name, masked }) => [name, masked])).toEqual([
      ['id', undefined],
      ['name', undefined],
      ['salary', true],
    ])
  }
  const { data } = await call('catalog', { source, query: 'salary', kinds: ['column'] })
  expect(data?.results).toContainEqual(expect.objectContaining({ table: 'people', column: 'salary', masked: true }))
  for (const sql of ['SELECT salary FROM people', 'SELECT * FROM people', 'SELECT 1 FROM orders NATURAL JOIN people'])
    expect((await call('execute_query', { source, sql })).errors).toMatchObject([
      { message: expect.stringMatching(/"salary" is masked/), hint: expect.stringMatching(/: id, name\.$/) },
    ])
  const readable = await call('catalog', { source, query: 'name', kinds: ['column'] })
  expect(JSON.stringify(readable.data)).not.toContain('masked')
})

test('a masked column can be left out by name, and a hidden one not', async () => {
  const query = (sql: string) => call('execute_query', { source: 'duckdb', sql })
  expect(await query('SELECT * EXCLUDE (salary) FROM wages')).toMatchObject({ data: { rows: [[1]] } })
  const [hidden, missing] = await Promise.all(
    ['ssn', 'sxn'].map(async (name) =>
      JSON.stringify(withoutTimes(await query(`SELECT * EXCLUDE (salary, ${name}) FROM people`))).replaceAll(name, '#'),
    ),
  )
  expect(hidden).toContain('SQL_REJECTED')
  expect(hidden).toBe(missing)
})
