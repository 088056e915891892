/** What `dft query` writes, where, and how much of it. */
import { type StdioOptions, spawnSync } from 'node:child_process'
import { closeSync, existsSync, lstatSync, openSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cellsOf } from '../../server/cli/cells-of-line.ts'
import { exitCodes } from '../../server/cli/command.ts'
import { command } from '../../server/cli/query.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { root } from '../support/project-files.ts'
import { folderOf, runDft, startDft, waitFor } from './run-dft.ts'

const project = (limits = '{}') =>
  folderOf({
    'dataface.yml': `name: shop\nsources:\n  files: {type: csv, files: {numbers: numbers.csv}}\nlimits: ${limits}\n`,
    'numbers.csv': `n,word\n${Array.from({ length: 200 }, (_, n) => `${n},w${n}\n`).join('')}`,
  })

/** Columns of the same name, and values that no format may change. */
const odd = `SELECT 9007199254740993 AS n, 1.50::DECIMAL(9, 2) AS n, 'a,"b"' || chr(10) || '|' AS t, NULL AS u, [1, 2] AS l, {'k': '"]'} AS s, 1e300::DOUBLE AS d`
const many = 'SELECT n, word FROM numbers ORDER BY n'

/** Runs the command as on a terminal of 80 columns. */
const onTerminal = async (cwd: string, ...args: string[]) => {
  const [source = '', sql = '', ...rest] = args
  const flags = Object.fromEntries(
    rest.flatMap((arg, index) =>
      arg.startsWith('--') ? [[arg.slice(2), rest[index + 1]?.startsWith('--') === false ? rest[index + 1] : true]] : [],
    ),
  ) as Record<string, string | true>
  const out: string[] = []
  const err: string[] = []
  const terminal = {
    out: (text: string | Uint8Array) => void out.push(String(text)),
    err: (text: string) => void err.push(text),
    send: async (text: string | Uint8Array) => void out.push(String(text)),
    width: 80,
    paint: (_style: string, text: string) => text,
    paintError: (_style: string, text: string) => text,
    isErrRead: false,
  }
  const signal = new AbortController().signal
  const code = await command.run({ positionals: [source, sql], flags: { ...flags, project: cwd }, terminal, env: {}, signal })
  return { code, out: out.join(''), err: err.join('') }
}

describe('off a terminal', () => {
  test.each(['table', 'csv', 'markdown', 'json', 'ndjson', 'arrow'])('%s is the whole result', async (format) => {
    const cwd = project()
    const path = join(cwd, 'out')
    expect(await runDft(['query', 'files', many, '--format', format, '-o', path], { cwd })).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringMatching(/^200 rows .* written to /),
    })
    const text = readFileSync(path, 'utf8')
    if (format === 'arrow') expect(tableFromIPC(readFileSync(path)).numRows).toBe(200)
    else if (format === 'json') expect(JSON.parse(text)).toHaveLength(200)
    else expect(text.trim().split('\n')).toHaveLength(format === 'ndjson' ? 200 : format === 'csv' ? 201 : 202)
    if (format !== 'arrow') expect((await runDft(['query', 'files', many, '--format', format], { cwd })).out).toBe(text)
  })

  test('values stay what they are, whatever the format', async () => {
    const cwd = project()
    const run = async (format: string) => (await runDft(['query', 'files', odd, '--format', format], { cwd })).out
    expect(await run('csv')).toBe('n,n,t,u,l,s,d\n9007199254740993,1.50,"a,""b""\n|",,"[1,2]","{""k"":""\\""]""}",1e+300\n')
    const objects = JSON.parse(await run('json')) as unknown[]
    expect(objects).toEqual([{ n: '9007199254740993', n_2: '1.50', t: 'a,"b"\n|', u: null, l: [1, 2], s: { k: '"]' }, d: 1e300 }])
    expect(JSON.parse(await run('ndjson'))).toEqual(objects[0])
    expect(await run('markdown')).toContain('a,"b"<br>\\|')
  })

  test.each(['json', 'ndjson', 'csv', 'table'])('%s of no rows is well formed', async (format) => {
    const { code, out } = await runDft(['query', 'files', 'SELECT n FROM numbers WHERE n < 0', '--format', format], { cwd: project() })
    expect([code, out]).toEqual([0, { json: '[]\n', ndjson: '', csv: 'n\n', table: 'n\n─\n' }[format]])
  })

  test('the extension of the file tells the format, and --limit is no failure', async () => {
    const cwd = project()
    const { code, err } = await runDft(['query', 'files', many, '-o', join(cwd, 'out.csv'), '--limit', '3'], { cwd })
    expect([code, err]).toEqual([0, expect.stringContaining('there are more: cut at 3 rows (--limit)')])
    expect(readFileSync(join(cwd, 'out.csv'), 'utf8')).toBe('n,word\n0,w0\n1,w1\n2,w2\n')
  })

  test.each(['parquet', 'tsv', 'TXT', 'csv.zip'])(
    'refuses a file .%s without --format, and lists the extensions it knows',
    async (extension) => {
      const cwd = project()
      const path = join(cwd, `out.${extension}`)
      const { code, err } = await runDft(['query', 'files', many, '-o', path], { cwd })
      expect([code, err]).toEqual([exitCodes.usage, expect.stringMatching(/\.csv, \.md, \.json, \.ndjson, \.jsonl, \.arrow, \.arrows/)])
      expect(existsSync(path)).toBe(false)
      expect(await runDft(['query', 'files', many, '--format', 'csv', '-o', path], { cwd })).toMatchObject({ code: 0 })
    },
  )

  test('--params binds a list of values, to pages and to whole results', async () => {
    const cwd = project()
    const args = ['query', 'files', 'SELECT n FROM numbers WHERE n < $1 AND word <> $2 ORDER BY n', '--params', '[3, "w1"]']
    expect(await runDft([...args, '--format', 'csv'], { cwd })).toMatchObject({ code: 0, out: 'n\n0\n2\n' })
    expect(JSON.parse((await runDft([...args, '--json'], { cwd })).out)).toMatchObject({ data: { rows: [['0'], ['2']] } })
  })

  test.each(['stream_rows: 100', 'stream_bytes: 1024'])('a result that %s has cut says so and ends with its own code', async (limit) => {
    const { code, out, err } = await runDft(['query', 'files', many, '--format', 'csv'], { cwd: project(`{${limit}}`) })
    expect(code).toBe(exitCodes.cut)
    expect(err).toContain(`(${limit.split(':')[0]} in dataface.yml)`)
    expect(out.split('\n').length).toBeGreaterThan(50)
  })

  test('a result that fails half-way leaves the file as it was', async () => {
    const cwd = project()
    const path = join(cwd, 'out.csv')
    await runDft(['query', 'files', 'SELECT 1 AS a', '-o', path], { cwd })
    const sql = "SELECT CASE WHEN range > 5000 THEN error('x') ELSE range::VARCHAR END FROM range(10000)"
    expect(await runDft(['query', 'files', sql, '-o', path], { cwd })).toMatchObject({ code: 1, err: expect.stringMatching(/^[A-Z_]+: /) })
    expect(readFileSync(path, 'utf8')).toBe('a\n1\n')
    expect(readdirSync(cwd).filter((name) => name.includes('part'))).toEqual([])
  })

  test('a file that is replaced keeps its mode, a link what it names, and a planted file is not written to', async () => {
    const cwd = project()
    const path = join(cwd, 'out.csv')
    writeFileSync(path, 'old', { mode: 0o600 })
    writeFileSync(join(cwd, 'other'), 'other')
    symlinkSync('other', `${path}.part`)
    symlinkSync('out.csv', join(cwd, 'link.csv'))
    symlinkSync('new.csv', join(cwd, 'dangling.csv'))
    for (const name of ['link.csv', 'dangling.csv'])
      expect(await runDft(['query', 'files', 'SELECT 1 AS a', '-o', join(cwd, name)], { cwd })).toMatchObject({ code: 0 })
    for (const name of ['out.csv', 'new.csv']) expect(readFileSync(join(cwd, name), 'utf8')).toBe('a\n1\n')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    for (const name of ['link.csv', 'dangling.csv']) expect(lstatSync(join(cwd, name)).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(cwd, 'other'), 'utf8')).toBe('other')
    expect(readdirSync(cwd).filter((name) => name.startsWith('.dft-'))).toEqual([])
  })

  test('the project file is not replaced, and a full disk is told', async () => {
    const cwd = project()
    const file = join(cwd, 'dataface.yml')
    expect(await runDft(['query', 'files', many, '--format', 'csv', '-o', file], { cwd })).toMatchObject({
      code: exitCodes.usage,
      err: expect.stringContaining('is the file of a project'),
    })
    expect(readFileSync(file, 'utf8')).toMatch(/^name: shop/)
    // Linux alone has a disk that is always full.
    const { code, err } = await runDft(['query', 'files', many, '--format', 'csv', '-o', '/dev/full'], { cwd })
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^VALIDATION_ERROR: "\/dev\/full" cannot be written: ENOSPC/),
    })
  })

  test('standard output that cannot be written is told, and errors that cannot be change no code', () => {
    const cwd = project()
    const full = openSync('/dev/full', 'w')
    onTestFinished(() => closeSync(full))
    const run = (args: readonly string[], stdio: StdioOptions) => {
      const { status, stderr } = spawnSync(process.execPath, [join(root, 'server/cli/main.ts'), ...args], { cwd, stdio, encoding: 'utf8' })
      return { status, stderr }
    }
    for (const args of [
      ['query', 'files', 'SELECT 1'],
      ['query', 'files', 'SELECT 1', '--format', 'csv'],
      ['sources', '--json'],
      ['--help'],
    ])
      expect({ args, ...run(args, ['ignore', full, 'pipe']) }).toMatchObject({
        args,
        status: exitCodes.failed,
        stderr: expect.stringMatching(/^error: Standard output cannot be written: ENOSPC/m),
      })
    expect(run(['query', 'files', 'SELECT nothing'], ['ignore', 'pipe', full]).status).toBe(exitCodes.failed)
    expect(run(['querry'], ['ignore', 'pipe', full]).status).toBe(exitCodes.usage)
  })

  test('a file in a folder that is not there is refused without the name of another', async () => {
    const { code, err } = await runDft(['query', 'files', 'SELECT 1', '-o', 'none/rows.csv'], { cwd: project() })
    expect({ code, err }).toMatchObject({
      code: exitCodes.usage,
      err: expect.stringMatching(/"none\/rows\.csv" cannot be written: ENOENT: no such file or directory\.\n {2}Name a file in a folder/),
    })
    expect(err).not.toContain('.part')
  })

  test('a reader that takes nothing more holds up the database, and Ctrl-C ends both', async () => {
    const cwd = folderOf({ 'dataface.yml': `name: x\nsources:\n  db: {type: postgres, url: "{{ env_var('DB') }}"}\n` })
    const path = join(cwd, 'rows.ndjson')
    const env = { DB: postgresUrl('fixture', reader) }
    const sql = "SELECT generate_series(1, 1000000000), repeat('x', 100)"
    const piped = startDft(['query', 'db', `${sql} AS "held up"`, '--format', 'csv'], { cwd, env })
    piped.child.stdout?.removeAllListeners('data').pause()
    const written = startDft(['query', 'db', sql, '-o', path], { cwd, env })
    await waitFor(() => (readdirSync(cwd).some((name) => name.endsWith('.part')) ? true : undefined))
    const client = new pg.Client({ connectionString: postgresUrl() })
    await client.connect()
    onTestFinished(() => client.end())
    const isHeldUp = "SELECT FROM pg_stat_activity WHERE wait_event = 'ClientRead' AND query LIKE '%held up%' AND pid <> pg_backend_pid()"
    await waitFor(async () => ((await client.query(isHeldUp)).rowCount === 1 ? true : undefined))
    piped.child.kill('SIGINT')
    written.child.kill('SIGTERM')
    const ended = new Promise((resolve) => piped.child.once('exit', resolve))
    expect(await ended).toBe(exitCodes.interrupted)
    expect(await written.done).toMatchObject({ code: exitCodes.terminated, err: expect.stringContaining('CANCELLED') })
    expect(readdirSync(cwd)).toEqual(['dataface.yml'])
  })

  test.each([
    ['--all', '--limit', '3'],
    ['--params', '3'],
    ['--params', '[3'],
    ['--json', '-o', 'x.csv'],
    ['--json', '--format', 'arrow'],
    ['--format', 'csv', '--max-cell-bytes', '100'],
    ['-o', '/nowhere/x.csv'],
  ])('refuses %s %s %s', async (...flags) => {
    expect(await runDft(['query', 'files', 'SELECT 1', ...flags], { cwd: project() })).toMatchObject({ code: 2 })
  })
})

describe('on a terminal', () => {
  test('a table is a page, which the next command continues', async () => {
    const cwd = project()
    const first = await onTerminal(cwd, 'files', many)
    expect(first.code).toBe(0)
    expect(first.out.trim().split('\n')).toHaveLength(52)
    expect(first.err).toMatch(
      /^50 rows in \d+ ms; there are more: cut at 50 rows\n {2}--all gives the whole result, --limit N another number of rows, --cursor (\S+) the next page\n$/,
    )
    const cursor = /--cursor (\S+)/.exec(first.err)?.[1] as string
    const second = await onTerminal(cwd, 'files', many, '--cursor', cursor)
    expect(second.out).toContain('\n50  w50\n')
    expect((await runDft(['query', 'files', many, '--cursor', cursor, '--format', 'table'], { cwd })).out).toContain('\n50  w50\n')
    expect((await onTerminal(cwd, 'files', 'SELECT 1', '--cursor', cursor)).code).toBe(1)
  })

  test('--all is the whole result, and so is every format for programs', async () => {
    const cwd = project()
    expect((await onTerminal(cwd, 'files', many, '--all')).out.trim().split('\n')).toHaveLength(202)
    expect((await onTerminal(cwd, 'files', many, '--format', 'csv')).out.trim().split('\n')).toHaveLength(201)
    await expect(onTerminal(cwd, 'files', many, '--format', 'arrow')).rejects.toThrow('nothing to read on a terminal')
  })

  test('no data steers it', async () => {
    const { out } = await onTerminal(project(), 'files', "SELECT chr(27) || '[31mred' AS t", '--format', 'csv')
    expect(out).not.toContain('\u001b')
  })
})

test('cells are cut where a value ends', () => {
  for (const row of [[], [1], ['a', null, true], ['"', '\\', '\\"', ']', '[,'], [[1, [2, 3]], { a: [',', '"}'] }], [-1.5e-10, '']])
    expect(cellsOf(JSON.stringify(row)).map((cell) => JSON.parse(cell) as unknown)).toEqual(row)
})
