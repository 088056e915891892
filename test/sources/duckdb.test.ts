import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lockDown, readBack } from '../../server/sources/duckdb/lock-down.ts'
import type { Source } from '../../server/sources/source.ts'
import { duckdbProcesses, faultOf, openDuck as open, query, rowsOf, writeDatabase, writerScript } from '../support/duckdb.ts'
import { root } from '../support/project-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'dataface-duckdb-test-'))
const database = join(folder, 'shop.duckdb')

let source: Source
beforeAll(() => {
  writeDatabase(
    database,
    "CREATE TYPE mood AS ENUM ('sad', 'ok')",
    "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL DEFAULT 'x', mood mood)",
    'CREATE TABLE visits (person INTEGER REFERENCES people (id), day DATE, UNIQUE (person, day))',
    "INSERT INTO people SELECT i, 'p' || i, 'ok' FROM range(1000) t(i)",
    "COMMENT ON TABLE people IS 'People who visit.'",
    'CREATE INDEX by_name ON people (name)',
    `CREATE TABLE odd ("a, b" INTEGER, "c""d" INTEGER, "it's" VARCHAR)`,
    `CREATE INDEX odd_columns ON odd ("a, b", "c""d", "it's", concat("it's", ', ''x'''))`,
    'CREATE VIEW names AS SELECT name FROM people',
  )
  source = open({ path: database })
})
afterAll(() => source?.close())

describe('results', () => {
  test('cut at the row limit say so exactly', async () => {
    expect(await query(source, 'FROM range(100)')).not.toHaveProperty('truncatedBy')
    expect(await query(source, 'FROM range(101)')).toMatchObject({ rowCount: 100, truncatedBy: 'rows' })
  })

  test('of ten million rows are read only as far as the limits go', async () => {
    expect(
      await query(source, "SELECT repeat('x', 1000) FROM range(10000000)", { limits: { maxRows: 100_000, maxBytes: 50_000 } }),
    ).toMatchObject({ truncatedBy: 'bytes' })
  })

  test('that fail after rows were read are errors, not shorter results', async () => {
    const sql = "SELECT CAST(CASE WHEN range = 900000 THEN 'x' ELSE '1' END AS integer) AS n FROM range(1000000)"
    expect(await faultOf(query(source, sql, { offset: 850_000, limits: { maxRows: 100_000 } }))).toMatchObject({ code: 'SQL_ERROR' })
  })

  test('that are interrupted while rows are read are errors, not shorter results', async () => {
    const stopped = new AbortController()
    const asked = query(source, 'FROM range(1000000000)', { offset: 999_999_990, signal: stopped.signal })
    setTimeout(() => stopped.abort(), 300)
    expect(await faultOf(asked)).toMatchObject({ code: 'CANCELLED' })
  })

  test('a later page equals the same rows of the whole', async () => {
    const sql = 'SELECT id FROM people WHERE id >= $1 ORDER BY id'
    const whole = await rowsOf(source, sql, { params: [3], limits: { maxRows: 1000 } })
    expect(await rowsOf(source, sql, { params: [3], offset: 500, limits: { maxRows: 50 } })).toEqual(whole.slice(500, 550))
  })

  test('parameters are bound with types that the engine converts', async () => {
    expect(
      await rowsOf(source, "SELECT $1, $2 + 1, $3, $4, DATE '2026-01-31' = $5 LIMIT $6", {
        params: ["'; DROP", 41, true, null, '2026-01-31', 1],
      }),
    ).toEqual([["'; DROP", '42', true, null, true]])
    expect(await faultOf(query(source, 'SELECT $1', { params: [] }))).toMatchObject({ code: 'SQL_ERROR', path: 'params' })
  })

  test('honest forms of the dialect are rows', async () => {
    for (const sql of [
      'FROM people LIMIT 1',
      'DESCRIBE people',
      'SUMMARIZE people',
      'SHOW TABLES',
      'VALUES (1)',
      'EXPLAIN SELECT 1',
      "PIVOT people ON mood IN ('ok') USING count(*)",
    ]) {
      const facts = await source.analyze(sql, new AbortController().signal)
      expect([facts.count, facts.writes], sql).toEqual([1, []])
      expect((await query(source, sql)).rowCount, sql).toBeGreaterThan(0)
    }
  })
})

describe('the engine itself refuses', () => {
  test.each([
    "SELECT * FROM read_text('/etc/hostname')",
    "FROM 'other.csv'",
    "COPY people TO 'x.csv'",
    "ATTACH 'y.duckdb'",
    'INSTALL httpfs',
    'SET threads = 1',
    'INSERT INTO people VALUES (7, $$x$$, NULL)',
    'CREATE TABLE t (a INT)',
  ])('%s', async (sql) => {
    const fault = await faultOf(query(source, sql))
    expect(['SQL_REJECTED', 'SQL_ERROR', 'TABLE_NOT_FOUND', 'SOURCE_UNAVAILABLE']).toContain(fault.code)
    expect(JSON.stringify(fault)).not.toMatch(/\/etc|\/tmp|PID/)
    expect(await rowsOf(source, 'SELECT count(*) FROM people')).toEqual([['1000']])
  })

  test('and proves that it is locked and read-only, naming what was read back', async () => {
    const proof = await source.prove(AbortSignal.timeout(10_000))
    expect(proof.map(({ holds }) => holds)).toEqual([true, true])
    for (const setting of ['access_mode=read_only', 'enable_external_access=false', 'disabled_filesystems=localfilesystem'])
      expect(proof[1]?.detail).toContain(setting)
    expect(JSON.stringify(proof)).not.toMatch(/\/[a-z]/)
  })

  test('and is not served when a setting does not read back as it was set', async () => {
    const instance = await DuckDBInstance.create(database, { access_mode: 'READ_ONLY' })
    const connection = await instance.connect()
    const lock = {
      memoryBytes: 2 ** 30,
      threads: 1,
      spillBytes: 2 ** 30,
      spill: folder,
      databases: [database],
      filesInPlace: [],
      readOnly: true,
    }
    expect((await readBack(connection, lock)).broken).toEqual(
      expect.arrayContaining(['enable_external_access', 'disabled_filesystems', 'lock_configuration', 'memory_limit', 'files are open']),
    )
    // The engine allows the path that it opened, which nobody told the lock of.
    const fault = await faultOf(lockDown(connection, { ...lock, databases: [] }))
    expect(fault).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: false })
    expect((await readBack(connection, lock)).broken).toEqual([])
    instance.closeSync()
  })
})

describe('stopping', () => {
  /** Ignores an interrupt for a long time; see the notes on DuckDB in docs/decisions/0004. */
  const stubborn = "SELECT array_to_string(list_transform(range(2000000000), x -> 'x'), ',')"

  test('a query past its time limit ends, even one that ignores the interrupt, and no other call notices', async () => {
    const other = rowsOf(source, 'SELECT count(*) FROM range(30000000) WHERE hash(range) % 7 = 1')
    expect(await faultOf(query(source, stubborn, { limits: { timeoutMs: 300 } }))).toMatchObject({ code: 'QUERY_TIMEOUT' })
    expect(Number((await other)[0]?.[0])).toBeGreaterThan(0)
    expect(await rowsOf(source, 'SELECT 1')).toEqual([[1]])
  })

  test('an aborted query is cancelled', async () => {
    const controller = new AbortController()
    const running = faultOf(
      query(source, 'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = 7', { signal: controller.signal }),
    )
    await sleep(200)
    controller.abort()
    expect(await running).toMatchObject({ code: 'CANCELLED' })
    expect(await rowsOf(source, 'SELECT 1')).toEqual([[1]])
  })

  test('a process that dies is replaced, and the calls in it are asked again', async () => {
    const own = open({ path: database })
    await rowsOf(own, 'SELECT 1')
    const running = rowsOf(own, 'SELECT count(*) FROM range(20000000) WHERE hash(range) % 7 = 1')
    await sleep(50)
    for (const child of duckdbProcesses()) process.kill(child, 'SIGKILL')
    expect(Number((await running)[0]?.[0])).toBeGreaterThan(0)
    expect(await rowsOf(own, 'SELECT 2')).toEqual([[2]])
    await own.close()
  })
})

describe('a database file', () => {
  test('that is not there, or no database, says so without its path', async () => {
    const gone = open({ path: join(folder, 'gone.duckdb') })
    expect(await faultOf(query(gone, 'SELECT 1'))).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: false })
    writeFileSync(join(folder, 'broken.duckdb'), 'no database at all, just text that is long enough to be read')
    const broken = open({ path: join(folder, 'broken.duckdb') })
    const fault = await faultOf(query(broken, 'SELECT 1'))
    expect(fault).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: false })
    expect(JSON.stringify(fault)).not.toContain(folder)
    await Promise.all([gone.close(), broken.close()])
  })

  test('can be written between calls, and is read again afterwards', async () => {
    const shared = join(folder, 'shared.duckdb')
    writeDatabase(shared, 'CREATE TABLE t AS SELECT 1 AS a')
    const reading = open({ path: shared })
    expect(await rowsOf(reading, 'FROM t')).toEqual([[1]])
    writeDatabase(shared, 'INSERT INTO t VALUES (2)')
    expect(await rowsOf(reading, 'FROM t ORDER BY a')).toEqual([[1], [2]])
    await reading.close()
  })

  test('that is being written answers as retryable', async () => {
    const busy = join(folder, 'busy.duckdb')
    const script = writerScript(
      busy,
      ['CREATE TABLE t AS SELECT 1 AS a', 'CHECKPOINT'],
      "console.log('open'); await new Promise((done) => setTimeout(done, 60000))",
    )
    const writer = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((done) => writer.stdout.once('data', done))
    const reading = open({ path: busy })
    const fault = await faultOf(query(reading, 'FROM t'))
    expect(fault).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: true })
    expect(JSON.stringify(fault)).not.toMatch(/busy\.duckdb|PID/)
    writer.kill('SIGKILL')
    await new Promise((done) => writer.once('exit', done))
    expect(await rowsOf(reading, 'FROM t')).toEqual([[1]])
    await reading.close()
  })
})

describe('metadata', () => {
  test('describes tables, columns, keys and indexes', async () => {
    const catalog = await source.introspect(AbortSignal.timeout(10_000))
    expect(catalog.tables.map((table) => `${table.schema}.${table.name} ${table.kind}`)).toEqual([
      'main.names view',
      'main.odd table',
      'main.people table',
      'main.visits table',
    ])
    const people = catalog.tables.find((table) => table.name === 'people')
    expect(people).toMatchObject({ comment: 'People who visit.', primaryKey: ['id'], rowEstimate: { rows: 1000, exact: false } })
    expect(people?.columns[2]).toMatchObject({ name: 'mood', type: 'enum', enumValues: ['sad', 'ok'], nullable: true })
    expect(people?.indexes).toContainEqual({ name: 'by_name', columns: ['name'], unique: false })
    expect(catalog.tables.find((table) => table.name === 'odd')?.indexes).toMatchObject([
      { name: 'odd_columns', columns: ['a, b', 'c"d', "it's", `(concat("it's", ', ''x'''))`] },
    ])
    const visits = catalog.tables.find((table) => table.name === 'visits')
    expect(visits?.indexes).toEqual([{ name: expect.any(String), columns: ['person', 'day'], unique: true }])
    expect(visits?.foreignKeys).toMatchObject([{ columns: ['person'], references: { table: 'people', columns: ['id'] } }])
  })
})

describe('files', () => {
  const data = join(root, 'node_modules/vega-datasets/data')

  test('are tables with descriptions and types of their data package', async () => {
    const vega = open({
      files: {
        airports: `${data}/airports.csv`,
        flights_3m: `${data}/flights-3m.parquet`,
        movies: `${data}/movies.json`,
        gone: `${data}/gone.csv`,
      },
      datapackage: join(root, 'node_modules/vega-datasets/datapackage.json'),
    })
    expect(await rowsOf(vega, 'SELECT count(*) FROM flights_3m')).toEqual([['3000000']])
    const { tables } = await vega.introspect(AbortSignal.timeout(10_000))
    expect(tables.map((table) => [table.name, table.kind, table.rowEstimate])).toEqual([
      ['airports', 'file', { rows: 3376, exact: true }],
      ['flights_3m', 'file', { rows: 3_000_000, exact: true }],
      ['movies', 'file', { rows: 3201, exact: true }],
    ])
    expect(tables[0]?.comment).toContain('Airports in the United States')
    expect(await faultOf(query(vega, "SELECT * FROM read_csv('/etc/passwd')"))).toMatchObject({ code: 'SQL_REJECTED' })
    await vega.close()
  })

  test('that cannot be read are left out, and the operator is told which file and why', async () => {
    const write = (name: string, text: string) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    }
    const files = {
      good: write('good.csv', 'a\n1\n'),
      corrupt: write('corrupt.parquet', 'PAR1 and nothing else'),
      broken: write('broken.json', '{"a":'),
      empty: write('empty.csv', ''),
      gone: join(folder, 'gone.csv'),
      unmatched: join(folder, 'none_*.csv'),
      inner: folder,
    }
    const some = open({ files, datapackage: write('about.json', 'no JSON') })
    const { tables, unread } = await some.introspect(AbortSignal.timeout(10_000))
    expect(tables.map((table) => table.name)).toEqual(['good'])
    const reasons = new Map(unread?.map(({ table, reason }) => [table, reason]))
    expect([...reasons.keys()].sort()).toEqual(['broken', 'corrupt', 'empty', 'gone', 'inner', 'unmatched', undefined])
    for (const [name, path] of Object.entries(files)) if (name !== 'good') expect(reasons.get(name)).toContain(path)
    expect(reasons.get('empty')).toMatch(/the file is empty$/)
    expect(reasons.get('unmatched')).toMatch(/^no file matches /)
    expect(reasons.get('gone')).toMatch(/^there is no /)
    expect(reasons.get('inner')).toContain('is a folder; name its files by a glob')
    expect(reasons.get(undefined)).toContain('about.json')
    await some.close()
  })

  const rows = (count: number, end = '') => Array.from({ length: count }, (_, i) => `${i},p${i},2.5${end}`)
  test.each([
    ['a last row that is longer', ['a,b,c', ...rows(1000), '1,x,2.5,9'], 4, 1001],
    ['a row amid others that is longer', ['a,b,c', ...rows(500), '1,x,2.5,9', ...rows(500)], 4, 1001],
    ['a row that is shorter', ['a,b,c', ...rows(500), '1,x', ...rows(500)], 3, 1001],
    ['longer rows from its middle on', ['a,b,c', ...rows(500), ...rows(500, ',9')], 4, 1000],
    ['texts alone, and a longer row', ['a,b', ...Array.from({ length: 50 }, () => 'x,y'), 'x,y,z'], 3, 51],
    ['breaks within texts, and a longer row', ['a,b,c', ...rows(500), '1,"x\ny",2.5', '1,x,2.5,9'], 4, 502],
    ['notes before its header', ['Report', 'of 2026, May', '', 'a,b,c', ...rows(1000)], 3, 1000],
    ['one column', ['a', ...rows(10).map(() => 'x')], 1, 10],
  ])('with %s keep every row of a CSV file, and its header', async (what, lines, columns, count) => {
    for (const name of [`${what}.csv`, `${what}.csv.gz`]) {
      const text = `${lines.join('\n')}\n`
      writeFileSync(join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text)
      const source = open({ files: { t: join(folder, name) } }, { type: 'csv' })
      const [table] = (await source.introspect(AbortSignal.timeout(10_000))).tables
      expect([name, table?.columns.length, table?.columns[0]?.name]).toEqual([name, columns, 'a'])
      expect(await rowsOf(source, 'SELECT count(a) FROM t')).toEqual([[String(count)]])
      await source.close()
    }
  })

  test('of CSV keep every digit of integers that are longer than a bigint', async () => {
    const path = join(folder, 'digits.csv')
    const long = '1'.repeat(45)
    writeFileSync(
      path,
      `id,long,mixed,float\n123456789012345678901,${long},1e300,0.5\n-18446744073709551615,${long},123456789012345678901,1\n,,,\n`,
    )
    const source = open({ files: { t: path } }, { type: 'csv' })
    const [table] = (await source.introspect(AbortSignal.timeout(10_000))).tables
    expect(table?.columns.map(({ type }) => type)).toEqual(['bigint', 'text', 'float', 'float'])
    expect(await rowsOf(source, 'SELECT id, long FROM t')).toEqual([
      ['123456789012345678901', long],
      ['-18446744073709551615', long],
      [null, null],
    ])
    await source.close()
  })

  test.each([
    ['is written again', 'live.csv', 'live.csv', 'a\n1\n', 'a\n1\n2\n3\n'],
    ['is new to a glob', 'new_*.csv', 'new_2.csv', undefined, 'a\n2\n3\n4\n'],
    ['is new to a glob of folders', 'deep_*/*.csv', 'deep_1/2.csv', undefined, 'a\n2\n3\n4\n'],
    ['was corrupt', 'fixed.csv', 'fixed.csv', '', 'a\n1\n2\n3\n'],
    ['was not there', 'late.csv', 'late.csv', undefined, 'a\n1\n2\n3\n'],
  ])('are read again: a file that %s', async (_what, pattern, name, before, after) => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    if (before !== undefined) writeFileSync(path, before)
    const live = open({ files: { other: join(data, 'airports.csv'), live: join(folder, pattern) } }, { type: 'csv' })
    await live.introspect(AbortSignal.timeout(10_000))
    writeFileSync(path, after)
    await sleep(1_200)
    expect(await rowsOf(live, 'SELECT count(*) FROM live')).toEqual([['3']])
    const { tables, unread } = await live.introspect(AbortSignal.timeout(10_000))
    expect(tables.find((table) => table.name === 'live')?.rowEstimate).toEqual({ rows: 3, exact: true })
    expect(unread).toBeUndefined()
    await live.close()
  })
})
