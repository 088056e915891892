/** Names that every object of JavaScript has are unknown like others. */
import { RecordBatchReader } from 'apache-arrow'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openArrowStream } from '../../server/envelope/arrow/arrow-stream.ts'
import { readProjectText } from '../../server/projects/read-project.ts'
import { canonicalOfName } from '../../server/sources/duckdb/values.ts'
import { folderOf } from '../cli/run-dft.ts'
import { boardProject } from '../support/board-project.ts'
import { findingsOf, serveLab } from '../support/dbt-lab.ts'
import { httpDoors } from '../support/doors.ts'
import { startDataface } from '../support/start-dataface.ts'

describe.each(['constructor', 'toString', '__proto__'])('%s', (name) => {
  test('is no type of a source', () => {
    const { diagnostics } = readProjectText(`name: x\nsources: {a: {type: ${name}}}\n`, '/', {})
    expect(diagnostics).toMatchObject([{ code: 'WRONG_VALUE', hint: expect.stringMatching(/^Use one of: postgres, duckdb/) }])
  })

  test('is no type of a chart', async () => {
    const project = await boardProject({})
    onTestFinished(() => project.close())
    const { diagnostics } = await project.data<{ diagnostics: unknown[] }>('validate_yaml', { yaml: `charts: {c: {type: ${name}}}\n` })
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ code: 'UNSUPPORTED_CHART_TYPE', fix: expect.stringMatching(/^Use one of: kpi/) }),
    )
  })

  test('is a type of a database like any that is not known', () => {
    expect(canonicalOfName(name)).toBe('other')
    const { head } = openArrowStream([{ name: 'v', type: 'array', database_type: `${name}[]` }])
    const reader = RecordBatchReader.from(Buffer.concat([head, Buffer.from([255, 255, 255, 255, 0, 0, 0, 0])])).open()
    expect(String(reader.schema.fields[0]?.type)).toBe('Utf8')
  })

  test('is no type of a data package, whose other columns have theirs', async () => {
    const folder = folderOf({
      'a.csv': 'x,y\n01,1\n',
      'about.json': JSON.stringify({
        resources: [
          {
            name: 'a.csv',
            path: 'a.csv',
            schema: {
              fields: [
                { name: 'x', type: name },
                { name: 'y', type: 'integer', description: 'Told.' },
              ],
            },
          },
        ],
      }),
    })
    const started = await startDataface(
      `name: x\nsources: {f: {type: csv, files: {a: ${folder}/a.csv}, datapackage: ${folder}/about.json}}\n`,
    )
    onTestFinished(() => started.close())
    const answer = await httpDoors(started).inside?.('describe_table', { source: 'f', table: 'a' })
    expect(answer).toMatchObject({ success: true, warnings: [], data: { columns: [{ name: 'x' }, { name: 'y', comment: 'Told.' }] } })
  })

  test('is no kind of a node in a manifest', async () => {
    const node = { name: 'm', package_name: 'lab', schema: 'dev', description: 'Of no kind.' }
    const nodes = {
      'other.lab.m': { ...node, resource_type: name },
      'model.lab.n': { ...node, name: 'n', resource_type: 'model', description: 'Of one.' },
    }
    const manifest = JSON.stringify({ metadata: { project_name: 'lab' }, nodes })
    const lab = await serveLab({ 'target/manifest.json': manifest }, ['dev.m', 'dev.n'])
    expect(await findingsOf(lab)).toEqual([])
    expect((await lab.data<{ comment?: string }>('describe_table', { source: 'lab', table: 'n' })).comment).toBe('Of one.')
    expect((await lab.data<{ comment?: string }>('describe_table', { source: 'lab', table: 'm' })).comment).toBeUndefined()
  })
})

test('a type of a chart that is no text is told by what it is', async () => {
  const project = await boardProject({})
  onTestFinished(() => project.close())
  const { diagnostics } = await project.data<{ diagnostics: unknown[] }>('validate_yaml', { yaml: 'charts: {c: {type: {a: 1}}}\n' })
  expect(diagnostics).toContainEqual(
    expect.objectContaining({ code: 'WRONG_TYPE', message: 'charts.c.type must be a text, not a block of keys.' }),
  )
})
