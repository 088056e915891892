/** The programs that the reference shows beside each operation, run as they are shown. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../support/project-files.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

const run = promisify(execFile)

interface Operation {
  readonly operationId: string
  readonly 'x-codeSamples': readonly { readonly lang: string; readonly source: string }[]
}
const document = JSON.parse(readFileSync(resolve(root, 'clients/openapi/openapi.json'), 'utf8')) as {
  readonly paths: Readonly<Record<string, { readonly post?: Operation }>>
}
const operations = Object.entries(document.paths).flatMap(([path, { post }]) => (post === undefined ? [] : [[path, post] as const]))

let started: Started
let folder: string
beforeAll(async () => {
  started = await startDataface(`name: demo\nsources:${vegaSource}      lookup_groups: node_modules/vega-datasets/data/lookup_groups.csv\n`)
  folder = mkdtempSync(join(tmpdir(), 'code-samples-'))
  mkdirSync(join(folder, 'node_modules/@dataface'), { recursive: true })
  symlinkSync(resolve(root, 'clients/typescript'), join(folder, 'node_modules/@dataface/client'))
})
afterAll(async () => {
  await started?.close()
  rmSync(folder, { recursive: true, force: true })
})

const runners: Readonly<Record<string, (source: string) => Promise<{ stdout: string }>>> = {
  Shell: (source) => run('bash', ['-c', source]),
  TypeScript(source) {
    writeFileSync(join(folder, 'sample.mjs'), source)
    return run(process.execPath, ['sample.mjs'], { cwd: folder })
  },
  Python(source) {
    writeFileSync(join(folder, 'sample.py'), source)
    const env = { PATH: process.env.PATH, HOME: folder, PYTHONPATH: resolve(root, 'clients/python/src'), PYTHONDONTWRITEBYTECODE: '1' }
    return run('python3', ['sample.py'], { cwd: folder, env })
  },
}

/** An answer without what differs from call to call. */
const settled = (text: string): unknown =>
  JSON.parse(text, (key, value: unknown) => (/^(elapsed_ms|next_cursor|version|created)$/.test(key) ? key : value))

test('every operation has one for each language', () => {
  expect(operations.length).toBeGreaterThan(15)
  for (const [path, operation] of operations)
    expect(
      operation['x-codeSamples'].map(({ lang }) => lang),
      path,
    ).toEqual(['Shell', 'TypeScript', 'Python'])
})

describe.each(operations)('of %s', (_path, { 'x-codeSamples': samples }) => {
  test('they run, and give the same', { timeout: 120_000 }, async () => {
    const told: unknown[] = []
    for (const { lang, source } of samples) {
      const ran = await runners[lang]?.(source.replaceAll('http://127.0.0.1:4321', started.url))
      const answer = settled(ran?.stdout ?? '') as { success?: boolean; data?: unknown }
      if (lang === 'Shell') expect(answer.success, ran?.stdout).toBe(true)
      told.push(lang === 'Shell' ? answer.data : answer)
    }
    expect(told[1]).toEqual(told[0])
    expect(told[2]).toEqual(told[0])
  })
})
