/** How much of a table is shown: comments are cut in lists, and few distinct values are found. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { httpDoors } from '../support/doors.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const comment = '😀'.repeat(150)

const folder = mkdtempSync(join(tmpdir(), 'dataface-shown-'))
let started: Started
let ask: (tool: string, input: object) => Promise<Record<string, unknown>>
beforeAll(async () => {
  const species = ['Adelie', 152, 'Chinstrap', 68, 'Gentoo', 124] as const
  const rows = [0, 2, 4].flatMap((at) => Array.from({ length: species[at + 1] as number }, () => `${species[at]}\n`))
  writeFileSync(join(folder, 'birds.csv'), `species\n${rows.join('')}`)
  const resources = [{ name: 'birds', path: 'birds.csv', description: comment }]
  writeFileSync(join(folder, 'datapackage.json'), JSON.stringify({ resources }))
  const at = (name: string): string => JSON.stringify(join(folder, name))
  started = await startDataface(
    `name: x\nsources:\n  files: {type: csv, datapackage: ${at('datapackage.json')}, files: {birds: ${at('birds.csv')}}}\n`,
  )
  const door = httpDoors(started).rest as (tool: string, input: object) => Promise<{ data: Record<string, unknown> }>
  ask = async (tool, input) => (await door(tool, input)).data
})
afterAll(async () => {
  await started?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a long comment is cut in lists, between characters, is searched whole, and is whole where one table is described', async () => {
  const cut = `${'😀'.repeat(99)}…`
  expect(await ask('list_tables', { source: 'files', search: '😀'.repeat(120) })).toMatchObject({
    tables: [{ name: 'birds', comment: cut }],
  })
  expect(await ask('catalog', { kinds: ['table'] })).toMatchObject({ results: [{ table: 'birds', comment: cut }] })
  expect(await ask('describe_table', { source: 'files', table: 'birds' })).toMatchObject({ comment })
})

test('three distinct values are shown of a column that is sorted by them', async () => {
  expect(await ask('describe_table', { source: 'files', table: 'birds' })).toMatchObject({
    columns: [{ name: 'species', samples: ['Adelie', 'Chinstrap', 'Gentoo'] }],
  })
})
