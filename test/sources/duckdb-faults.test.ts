/** What goes wrong around a DuckDB source, made to happen for real: no call hangs, and the next one works. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Fault } from '../../server/envelope/fault.ts'
import { duckdbProcesses, faultOf, openDuck, query, rowsOf, writeDatabase, writerScript } from '../support/duckdb.ts'
import { root } from '../support/project-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'dataface-duckdb-faults-'))
const database = join(folder, 'shop.duckdb')
const mebibyte = 1024 * 1024

const open = (...args: Parameters<typeof openDuck>) => {
  const source = openDuck(...args)
  opened.push(source)
  return source
}
let opened: ReturnType<typeof openDuck>[] = []

beforeAll(() => writeDatabase(database, 'CREATE TABLE t AS SELECT range AS a, md5(range::VARCHAR) AS b FROM range(1000000)'))
afterEach(async () => {
  await Promise.all(opened.map((source) => source.close()))
  opened = []
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs statements in a process of its own, which holds the file until it is told to end. Resolves when it has it. */
const holdDatabase = async (path: string, ...statements: string[]): Promise<{ end(): Promise<void> }> => {
  const script = writerScript(path, statements, "console.log('open'); await new Promise((done) => process.stdin.once('data', done))")
  const writer = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((done) => writer.once('exit', done))
  expect(await Promise.race([ended, new Promise((done) => writer.stdout.once('data', () => done('open')))])).toBe('open')
  return {
    async end() {
      writer.stdin.end('end')
      expect(await ended).toBe(0)
    },
  }
}

/** Resident memory of every DuckDB process, bytes. */
const resident = (): number =>
  Math.max(...duckdbProcesses().map((pid) => Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024))

describe('a database file', () => {
  test('that is replaced while it is served is new with the next call', async () => {
    const path = join(folder, 'replaced.duckdb')
    const next = join(folder, 'next.duckdb')
    writeDatabase(path, 'CREATE TABLE v AS SELECT 1 AS version')
    writeDatabase(next, 'CREATE TABLE v AS SELECT 2 AS version')
    const source = open({ path })
    expect(await rowsOf(source, 'FROM v')).toEqual([[1]])
    const long = rowsOf(source, 'SELECT version FROM v, range(20000000) r WHERE hash(r.range) % 20000000 = 7 LIMIT 1')
    renameSync(next, path)
    expect(await rowsOf(source, 'FROM replaced.main.v')).toEqual([[2]])
    for (const [version] of await long) expect([1, 2]).toContain(version)
  })

  test('that is removed says so, and is served when it is back', async () => {
    const path = join(folder, 'removed.duckdb')
    writeDatabase(path, 'CREATE TABLE v AS SELECT 1 AS version')
    const source = open({ path })
    expect(await rowsOf(source, 'FROM v')).toEqual([[1]])
    renameSync(path, `${path}.away`)
    expect(await faultOf(query(source, 'FROM v'))).toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: 'The file of this source does not exist.',
    })
    renameSync(`${path}.away`, path)
    expect(await rowsOf(source, 'FROM v')).toEqual([[1]])
  })

  test('that a writer holds is served as it was before, and as it is when the writer has ended', async () => {
    const path = join(folder, 'held.duckdb')
    writeDatabase(path, 'CREATE TABLE v AS SELECT 1 AS version')
    const source = open({ path })
    expect(await rowsOf(source, 'FROM v')).toEqual([[1]])
    const writer = await holdDatabase(path, 'UPDATE v SET version = 2', 'CHECKPOINT')
    expect(await rowsOf(source, 'FROM v')).toEqual([[1]])
    await writer.end()
    await sleep(600)
    expect(await rowsOf(source, 'FROM v')).toEqual([[2]])
  })

  test('can be written by others while queries run, and neither side is disturbed', async () => {
    const path = join(folder, 'busy.duckdb')
    writeDatabase(path, 'CREATE TABLE v AS SELECT 0 AS version')
    const source = open({ path })
    let done = false
    const versions: unknown[] = []
    const readers = Array.from({ length: 4 }, async () => {
      while (!done) versions.push((await rowsOf(source, 'SELECT version FROM v WHERE (SELECT count(*) FROM range(300000)) > 0'))[0]?.[0])
    })
    // Throws when it cannot have the file.
    for (let version = 1; version <= 3; version++) await (await holdDatabase(path, `UPDATE v SET version = ${version}`)).end()
    await sleep(700)
    done = true
    await Promise.all(readers)
    expect(versions.every((version) => [0, 1, 2, 3].includes(Number(version)))).toBe(true)
    expect(await rowsOf(source, 'FROM v')).toEqual([[3]])
  })

  test('that is too large to copy keeps no writer out, whatever is asked of it, and no answer mixes versions', async () => {
    const path = join(folder, 'large.duckdb')
    writeDatabase(path, 'CREATE TABLE v AS SELECT range AS a, 0 AS version FROM range(300000)')
    const source = open({ path }, { copiedBytes: 0 })
    const [versions, codes] = [new Set<unknown>(), new Set<string>()]
    let isDone = false
    const readers = Array.from({ length: 4 }, async () => {
      while (!isDone)
        await rowsOf(source, 'SELECT DISTINCT version FROM v WHERE hash(a) % 3 <> 4').then(
          (rows) => versions.add(JSON.stringify(rows)),
          async (error: Fault) => {
            codes.add(`${error.code} ${error.details.retryable}`)
            await sleep(50)
          },
        )
    })
    // Throws when it cannot have the file.
    for (let version = 1; version <= 3; version++) await (await holdDatabase(path, `UPDATE v SET version = ${version}`, 'CHECKPOINT')).end()
    await sleep(500)
    isDone = true
    await Promise.all(readers)
    for (const seen of versions) expect(seen).toMatch(/^\[\[[0-3]\]\]$/)
    expect([...codes]).toEqual(codes.size === 0 ? [] : ['SOURCE_UNAVAILABLE true'])
    expect(await rowsOf(source, 'SELECT DISTINCT version FROM v')).toEqual([[3]])
  })

  test('that is too large to copy and is written during a query fails that query as one to try again', async () => {
    const path = join(folder, 'during.duckdb')
    writeDatabase(path, 'CREATE TABLE v AS SELECT 1 AS version')
    const source = open({ path }, { copiedBytes: 0 })
    const long = faultOf(query(source, 'SELECT count(*) FROM v, range(300000000) r WHERE hash(r.range) = 7'))
    await rowsOf(source, 'FROM v')
    writeDatabase(path, 'UPDATE v SET version = 2')
    expect(await long).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: true })
    expect(await rowsOf(source, 'FROM v')).toEqual([[2]])
  })

  test('that is cut short, or is of another version, says so without its path', async () => {
    const path = join(folder, 'cut.duckdb')
    writeFileSync(path, readFileSync(database).subarray(0, 5000))
    const fault = await faultOf(query(open({ path }), 'FROM t'))
    expect(fault.code).toBe('SOURCE_UNAVAILABLE')
    expect(JSON.stringify(fault)).not.toContain(folder)
  })
})

describe('a process', () => {
  test('that is killed again and again under a load answers every call', async () => {
    const source = open({ path: database })
    await rowsOf(source, 'SELECT 1')
    const calls = Array.from({ length: 6 }, (_, index) =>
      rowsOf(source, `SELECT ${index}, count(*) FROM t, range(20) WHERE hash(a + range) % 7 = 1`),
    )
    await sleep(30)
    for (const pid of duckdbProcesses()) process.kill(pid, 'SIGKILL')
    expect((await Promise.all(calls)).map(([row]) => row?.[0])).toEqual([0, 1, 2, 3, 4, 5])
    expect(await rowsOf(source, 'SELECT 1')).toEqual([[1]])
  })

  test('that one call ends is replaced, that call fails, and the others in it do not notice', async () => {
    const source = open({ path: database })
    await rowsOf(source, 'SELECT 1')
    const killed = faultOf(query(source, "SELECT count(*) FROM range(10000000000) WHERE hash(range) = 1 AND 'marked' <> ''"))
    const other = rowsOf(source, 'SELECT count(*) FROM t, range(30) WHERE hash(a + range) % 7 = 1')
    await sleep(100)
    for (const pid of duckdbProcesses()) process.kill(pid, 'SIGKILL')
    // Each is now asked alone, in the order they came; the first ends its process again.
    await sleep(400)
    for (const pid of duckdbProcesses()) process.kill(pid, 'SIGKILL')
    expect(await killed).toMatchObject({ code: 'SQL_ERROR', retryable: false })
    expect(Number((await other)[0]?.[0])).toBeGreaterThan(0)
  })

  test('leaves nothing behind when its source is closed', async () => {
    const source = open({ path: database })
    await rowsOf(source, 'SELECT 1')
    const [temp] = duckdbProcesses().map((pid) => /TMPDIR=([^\0]+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1] as string)
    expect(existsSync(temp as string)).toBe(true)
    await source.close()
    expect(existsSync(temp as string)).toBe(false)
  })
})

describe('a query that ignores its interrupt', () => {
  test.each([
    "SELECT repeat('x', 4000000000)",
    'SELECT range(2000000000)',
    "SELECT array_to_string(list_transform(range(2000000000), x -> 'x'), ',')",
    "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000))",
  ])('%s ends with its time or memory, and no other call notices', async (sql) => {
    const source = open({ path: database }, { memoryBytes: 512 * mebibyte })
    await rowsOf(source, 'SELECT 1')
    const stubborn = faultOf(query(source, sql, { limits: { timeoutMs: 1000 } }))
    const other = rowsOf(source, 'SELECT count(*) FROM t, range(40) WHERE hash(a + range) % 7 = 1')
    expect(['QUERY_TIMEOUT', 'RESULT_TOO_LARGE']).toContain((await stubborn).code)
    expect(Number((await other)[0]?.[0])).toBeGreaterThan(0)
    expect(await rowsOf(source, 'SELECT 1')).toEqual([[1]])
  })
})

test('the caller of a query that ignores its interrupt does not wait for its process to end', async () => {
  const source = open({ path: database })
  await rowsOf(source, 'SELECT 1')
  const pid = duckdbProcesses()[0] as number
  const sql = "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000))"
  expect(await faultOf(query(source, sql, { limits: { timeoutMs: 300 } }))).toMatchObject({ code: 'QUERY_TIMEOUT' })
  expect(duckdbProcesses()).toContain(pid)
  // It answers meanwhile, and is then replaced behind.
  expect(await rowsOf(source, 'SELECT 1')).toEqual([[1]])
  while (existsSync(`/proc/${pid}`)) await sleep(20)
  expect(await rowsOf(source, 'SELECT 1')).toEqual([[1]])
})

describe('a bomb', () => {
  test.each([
    'WITH RECURSIVE r(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM r) SELECT count(*) FROM r',
    'SELECT count(*) FROM t a, t b, t c WHERE a.a + b.a + c.a < 0',
    'SELECT sum(x) FROM generate_series(1, 1000000000000) g(x)',
    'SELECT md5(i::VARCHAR) m FROM range(1000000000) g(i) ORDER BY m',
    'SELECT list(range(1000000)) FROM range(1000000)',
    'PIVOT (SELECT a, a AS j FROM t) ON a IN (SELECT a FROM t) USING sum(j)',
    'SELECT sleep_ms(60000)',
    `SELECT ${'('.repeat(100_000)}1${')'.repeat(100_000)}`,
    `SELECT ${Array(20_000).fill('1').join(' + ')}`,
  ])('%# ends at a limit, and the source is well', async (sql) => {
    const source = open({ path: database }, { memoryBytes: 256 * mebibyte })
    const fault = await faultOf(query(source, sql, { limits: { timeoutMs: 1500 } }))
    expect(['QUERY_TIMEOUT', 'RESULT_TOO_LARGE', 'SQL_ERROR']).toContain(fault.code)
    expect(await rowsOf(source, 'SELECT count(*) FROM t')).toEqual([['1000000']])
  })

  test('that needs memory the engine does not count is ended from outside', async () => {
    const logged: string[] = []
    const source = open({ path: database }, { memoryBytes: 256 * mebibyte, log: (_level, message) => logged.push(message) })
    const fault = await faultOf(query(source, "SELECT list_transform(range(200000000), x -> x::VARCHAR || repeat('y', 30))"))
    expect(fault).toMatchObject({ code: 'RESULT_TOO_LARGE', message: 'The query needs more memory than it may use.' })
    expect(logged).toContain('A DuckDB process passed its memory limit and is replaced.')
    expect(await rowsOf(source, 'SELECT 1')).toEqual([[1]])
  })

  test('that spills more than the disk it may use is refused', async () => {
    const path = join(folder, 'big.parquet')
    writeDatabase(join(folder, 'any.duckdb'), `COPY (SELECT range AS a, md5(range::VARCHAR) AS b FROM range(2000000)) TO '${path}'`)
    const limits = { memoryBytes: 128 * mebibyte }
    const sql = 'SELECT count(*) FROM (SELECT a, b, row_number() OVER (ORDER BY b) AS n FROM big) WHERE n < 0'
    const little = open({ files: { big: path } }, { ...limits, spillBytes: 16 * mebibyte, type: 'parquet' })
    expect(await faultOf(query(little, sql))).toMatchObject({ code: 'RESULT_TOO_LARGE', retryable: false })
    expect(await rowsOf(little, 'SELECT count(*) FROM big')).toEqual([['2000000']])
    const enough = open({ files: { big: path } }, { memoryBytes: 192 * mebibyte, type: 'parquet' })
    expect(await rowsOf(enough, sql, { limits: { timeoutMs: 50_000 } })).toEqual([['0']])
  })
})

describe('a result', () => {
  test('of ten million rows is read within a limit in constant memory', async () => {
    const source = open({ path: database }, { memoryBytes: 256 * mebibyte })
    await query(source, 'SELECT 1')
    const before = resident()
    const { rowCount, truncatedBy } = await query(source, 'SELECT range, md5(range::VARCHAR) FROM range(10000000)', {
      limits: { maxRows: 100_000, maxBytes: 64 * mebibyte },
    })
    expect({ rowCount, truncatedBy }).toEqual({ rowCount: 100_000, truncatedBy: 'rows' })
    expect(await rowsOf(source, 'SELECT range FROM range(10000000)', { offset: 9_999_999 })).toEqual([['9999999']])
    expect(resident() - before).toBeLessThan(400 * mebibyte)
  })

  test('with a cell of 200 MB is cut and says so', async () => {
    const source = open({ path: database }, { memoryBytes: 2048 * mebibyte })
    for (const sql of ["SELECT repeat('x', 200000000)", "SELECT repeat('x', 150000000)::BLOB"]) {
      const { rows, cutCells } = await query(source, sql)
      expect(cutCells).toEqual([0])
      expect(rows?.text).toMatch(/^\[\["[xeHh4]{65000,66000}.*… \[cut: 200000000 bytes\]"\]\]$/)
    }
  })

  test('keeps whole numbers past 2^53 and moments of any time zone', async () => {
    const path = join(folder, 'values.csv')
    writeFileSync(path, 'big,moment\n9007199254740993,2026-03-29 02:30:00+01:00\n-9223372036854775808,2026-10-25 02:30:00-11:30\n')
    expect(await rowsOf(open({ files: { v: path } }, { type: 'csv' }), 'SELECT big, moment FROM v')).toEqual([
      ['9007199254740993', '2026-03-29T01:30:00Z'],
      ['-9223372036854775808', '2026-10-25T14:00:00Z'],
    ])
    // The driver prints moments in the zone of its process.
    expect(readFileSync(`/proc/${duckdbProcesses()[0]}/environ`, 'utf8')).toContain('TZ=UTC')
  })

  test('writes dates and times as the engine does, whatever the year', async () => {
    const source = open({ path: database })
    const sql = `SELECT d::DATE, d, d::TIMESTAMPTZ, CASE WHEN year(d) BETWEEN 1 AND 9999 THEN strftime(d, '%Y-%m-%dT%H:%M:%S.%f') END
      FROM (SELECT make_timestamp(a * 91000000123457 - 78000000000000000) AS d FROM t WHERE a < 4000)`
    const rows = (await rowsOf(source, sql, { limits: { maxRows: 4000 } })) as [string, string, string, string | null][]
    expect(rows).toHaveLength(4000)
    for (const [date, time, moment, printed] of rows) {
      expect(moment).toBe(`${time}Z`)
      expect(time.startsWith(`${date}T`)).toBe(true)
      if (printed !== null) expect(time.padEnd(26, time.includes('.') ? '0' : '.000000')).toBe(printed)
    }
    expect(rows.filter(([, , , printed]) => printed !== null).length).toBeGreaterThan(1000)
  })
})

describe('declared files', () => {
  test('with invalid UTF-8 leave their table out, or fail as themselves, and the others are served', async () => {
    const bad = join(folder, 'bad.csv')
    const good = join(folder, 'good.csv')
    writeFileSync(bad, Buffer.concat([Buffer.from('name\n'), Buffer.from([0xff, 0xfe, 0xc3, 0x28]), Buffer.from('\n')]))
    writeFileSync(good, 'a\n1\n')
    const source = open({ files: { bad, good } }, { type: 'csv' })
    expect(await rowsOf(source, 'FROM good')).toEqual([['1']])
    expect(await faultOf(query(source, 'FROM bad'))).toMatchObject({ code: 'TABLE_NOT_FOUND' })
    const { unread } = await source.introspect(AbortSignal.timeout(10_000))
    expect(unread).toMatchObject([{ table: 'bad', hint: expect.stringContaining('as UTF-8') }])
  })

  test('that come, change and go are followed', async () => {
    const path = join(folder, 'late.parquet')
    const source = open({ files: { late: path } }, { type: 'parquet' })
    expect(await faultOf(query(source, 'FROM late'))).toMatchObject({ code: 'TABLE_NOT_FOUND' })
    writeDatabase(join(folder, 'any.duckdb'), `COPY (SELECT 1 AS a) TO '${path}'`)
    await sleep(1100)
    expect(await rowsOf(source, 'FROM late')).toEqual([[1]])
    writeDatabase(join(folder, 'any.duckdb'), `COPY (SELECT 'x' AS b, 2 AS a) TO '${path}'`)
    await sleep(1100)
    expect(await rowsOf(source, 'FROM late')).toEqual([['x', 2]])
    rmSync(path)
    await sleep(1100)
    expect(await faultOf(query(source, 'FROM late'))).toMatchObject({ code: 'TABLE_NOT_FOUND' })
  })
})
