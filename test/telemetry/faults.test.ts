import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Status } from '../../server/telemetry/status.ts'
import { folderOf, startDft, waitFor } from '../cli/run-dft.ts'
import { readMetrics, sumOf } from '../support/read-metrics.ts'
import { startDataface } from '../support/start-dataface.ts'

const yaml = `name: shop
audit: { file: records/audit.jsonl }
sources:
  stock: { type: csv, files: { stock: stock.csv } }
`

test('settings that are refused and records that cannot be written are seen, and that they are mended', async () => {
  const folder = folderOf({ 'dataface.yml': yaml, 'stock.csv': 'item,pieces\nnut,3\n' })
  const { child } = startDft(['serve', '--project', folder, '--port', '0', '--json'])
  const line = await new Promise<string>((told) => createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', told))
  const { url } = JSON.parse(line) as { url: string }
  const totalOf = async (name: string, labels: Record<string, string> = {}) =>
    sumOf(await readMetrics(url), name, { project: 'shop', ...labels })
  const findings = async () => ((await (await fetch(`${url}/status.json`)).json()) as Status).findings.map(({ what }) => what)
  const write = (text: string) => writeFileSync(join(folder, 'dataface.yml'), text)

  expect([await totalOf('dataface_config_last_reload_ok'), await findings()]).toEqual([1, []])
  write('name: shop\nsources: { stock: { type: parrot } }\n')
  await waitFor(async () => (await totalOf('dataface_config_last_reload_ok')) === 0 || undefined)
  expect(await totalOf('dataface_config_reloads_total', { result: 'refused' })).toBe(1)
  expect(await findings()).toEqual(['The settings were changed and cannot be served; those before are.'])
  write(`${yaml}\n`)
  await waitFor(async () => (await totalOf('dataface_config_last_reload_ok')) === 1 || undefined)
  expect(await totalOf('dataface_config_reloads_total', { result: 'ok' })).toBe(1)

  rmSync(join(folder, 'records'), { recursive: true, force: true })
  // A file where the folder should be cannot be written into, not even by root.
  writeFileSync(join(folder, 'records'), '')
  const ask = () => fetch(`${url}/api/v2/list_sources`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  // Once a second it is looked whether the file was moved away.
  await expect.poll(async () => (await ask()).status, { timeout: 10_000, interval: 200 }).toBe(503)
  expect(await totalOf('dataface_audit_failures_total')).toBe(1)
  expect(await totalOf('dataface_calls_answered_total', { code: 'NOT_READY' })).toBe(1)
  expect(await findings()).toEqual(
    expect.arrayContaining([expect.stringContaining('no record could be written since the settings were read: 1')]),
  )
  rmSync(join(folder, 'records'))
  mkdirSync(join(folder, 'records'))
  expect((await ask()).status).toBe(200)
  expect(await totalOf('dataface_calls_dropped')).toBe(0)
})

test('one look at the status tells how it is now, where nobody has looked for long', async () => {
  const records = join(folderOf({}), 'records')
  const started = await startDataface(`name: shop\naudit: { file: ${records}/audit.jsonl }\nsources: {}\n`)
  const findings = async () => {
    // Longer than a look is believed.
    await sleep(2_500)
    const status = (await (await fetch(`${started.url}/status.json`)).json()) as Status
    // What was looked at behind it, if anything, is as it was then.
    await sleep(300)
    return status.findings.map(({ what }) => what)
  }
  try {
    expect(await findings()).toEqual([])
    rmSync(records, { recursive: true, force: true })
    writeFileSync(records, '')
    expect(await findings()).toEqual([expect.stringContaining('record')])
    rmSync(records)
    mkdirSync(records)
    expect(await findings()).toEqual([])
  } finally {
    await started.close()
  }
})
