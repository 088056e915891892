/** Files that cannot be read: every tool that lists tables says which it lacks, and none says where they are. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { folderOf, runDft } from '../cli/run-dft.ts'
import { type AnyEnvelope, httpDoors } from '../support/doors.ts'
import { writeDatabase } from '../support/duckdb.ts'
import { startDataface } from '../support/start-dataface.ts'

const serve = async () => {
  const folder = folderOf({
    'good.csv': 'a\n1\n',
    'corrupt.parquet': 'PAR1 and nothing else',
    'broken.json': '{"a":',
    'empty.csv': '',
    'binary.csv': Buffer.from([97, 10, 0xff, 0xfe, 10]),
    'about.json': 'not JSON',
  })
  mkdirSync(join(folder, 'inner'))
  const names = ['good.csv', 'corrupt.parquet', 'broken.json', 'empty.csv', 'binary.csv', 'inner', 'gone.csv', 'none_*.csv']
  const files = names.map((name) => `      ${name.replace(/\W.*$/, '')}: ${JSON.stringify(join(folder, name))}`).join('\n')
  const started = await startDataface(
    `name: x\nsources:\n  files:\n    type: duckdb\n    datapackage: ${join(folder, 'about.json')}\n    tables: {deny: [gone]}\n    files:\n${files}\n`,
  )
  onTestFinished(() => started.close())
  return { folder, started, call: httpDoors(started).inside as (tool: string, input: unknown) => Promise<AnyEnvelope> }
}

const unread = ['corrupt', 'broken', 'empty', 'binary', 'inner', 'none_']

test.each([
  ['list_sources', {}],
  ['catalog', {}],
  ['list_tables', { source: 'files' }],
  ['get_metadata', { source: 'files' }],
])('%s names the tables whose files cannot be read, and no file', async (tool, input) => {
  const { folder, call } = await serve()
  // The first answer brings the metadata, and is as good as the second.
  for (const answer of [await call(tool, input), await call(tool, input)]) {
    expect(answer).toMatchObject({ success: true, warnings: [{ code: 'TABLES_UNREADABLE' }, { code: 'DESCRIPTIONS_UNREADABLE' }] })
    const said = JSON.stringify(answer.warnings)
    for (const name of unread) expect(said).toContain(`\\"${name}\\"`)
    expect(said).not.toContain(folder)
    expect(said, 'a table that its policy hides').not.toContain('gone')
  }
})

test('a call that names such a table is told why it is not there', async () => {
  const { folder, call } = await serve()
  for (const answer of [
    await call('describe_table', { source: 'files', table: 'corrupt' }),
    await call('execute_query', { source: 'files', sql: 'SELECT * FROM Corrupt' }),
  ]) {
    expect(answer).toMatchObject({
      success: false,
      errors: [{ code: 'TABLE_NOT_FOUND', hint: 'It cannot be read; the operator sees why with `dft doctor`.' }],
    })
    expect(JSON.stringify(answer)).not.toContain(folder)
  }
  expect(await call('execute_query', { source: 'files', sql: 'SELECT a FROM good' })).toMatchObject({ success: true, warnings: [] })
})

describe('a view of a DuckDB file that reads what is closed', () => {
  const serveViews = async (policy = '') => {
    const folder = folderOf({ 'far.csv': 'a\n1\n' })
    const [near, other] = [join(folder, 'near.duckdb'), join(folder, 'other.duckdb')]
    writeDatabase(other, 'CREATE TABLE t AS SELECT 1 AS a')
    writeDatabase(
      near,
      'CREATE TABLE kept AS SELECT 1 AS a',
      'CREATE VIEW over_kept AS SELECT * FROM kept',
      `CREATE VIEW over_file AS SELECT * FROM '${join(folder, 'far.csv')}'`,
      `ATTACH '${other}' AS other`,
      'CREATE VIEW over_other AS SELECT * FROM other.main.t',
    )
    const yaml = `name: x\nsources:\n  near: {type: duckdb, path: ${JSON.stringify(near)}${policy}}\n`
    const started = await startDataface(yaml)
    onTestFinished(() => started.close())
    return { folder, yaml, call: httpDoors(started).inside as (tool: string, input: unknown) => Promise<AnyEnvelope> }
  }

  test('is named as left out, and what it reads is not', async () => {
    const { folder, yaml, call } = await serveViews()
    const listed = await call('list_tables', { source: 'near' })
    expect(listed).toMatchObject({
      data: { tables: [{ name: 'kept' }, { name: 'over_kept' }] },
      warnings: [{ code: 'TABLES_UNREADABLE', message: expect.stringContaining('"over_file", "over_other"') }],
    })
    expect(await call('execute_query', { source: 'near', sql: 'SELECT * FROM over_file' })).toMatchObject({
      errors: [{ code: 'TABLE_NOT_FOUND', hint: expect.stringContaining('It cannot be read') }],
    })
    expect(JSON.stringify(listed)).not.toContain(folder)
    const { out, code } = await runDft(['doctor', '--json', '--project', folderOf({ 'dataface.yml': yaml })])
    const { checks } = JSON.parse(out) as { checks: { state: string; message: string }[] }
    expect(code).toBe(0)
    expect(checks).toContainEqual(expect.objectContaining({ state: 'ok', message: 'connects and shows 2 tables' }))
    expect(checks).toContainEqual(
      expect.objectContaining({ state: 'warning', message: expect.stringContaining('over_file cannot be read') }),
    )
  })

  test.each([', tables: {deny: [kept]}', ', schemas: [main]'])('is not named beside what a policy hides: %s', async (policy) => {
    const { call } = await serveViews(policy)
    const listed = await call('list_tables', { source: 'near' })
    expect(listed).toMatchObject({ success: true, warnings: [] })
    expect(JSON.stringify(listed)).not.toContain('over_file')
  })
})
