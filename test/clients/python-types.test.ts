/** The types of the Python client, as pyright judges them in its strict mode; neither pandas nor polars is installed for it. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../support/project-files.ts'

const run = promisify(execFile)
const client = resolve(root, 'clients/python')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'python-types-'))
  cpSync(join(client, 'src/dataface'), join(folder, 'dataface'), { recursive: true })
  // What these two give may be anything.
  for (const name of ['pandas', 'polars']) {
    mkdirSync(join(folder, 'typings', name), { recursive: true })
    writeFileSync(
      join(folder, 'typings', name, '__init__.pyi'),
      '# pyright: basic\nfrom typing import Any\n\ndef __getattr__(name: str) -> Any: ...\n',
    )
  }
  const settings = {
    ...{ typeCheckingMode: 'strict', pythonVersion: '3.10', stubPath: 'typings', reportMissingModuleSource: false },
    // Its modules use what is hidden from programs.
    reportPrivateUsage: false,
  }
  writeFileSync(join(folder, 'pyrightconfig.json'), JSON.stringify(settings))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What is wrong, by file and line. */
const check = async (program: string): Promise<string[]> => {
  writeFileSync(join(folder, 'program.py'), program)
  const { stdout } = await run(process.execPath, [resolve(root, 'node_modules/pyright/index.js'), '--outputjson'], {
    cwd: folder,
    maxBuffer: 1e8,
  }).catch((error: { stdout: string }) => error)
  const { generalDiagnostics, summary } = JSON.parse(stdout) as {
    generalDiagnostics: { file: string; range: { start: { line: number } }; message: string }[]
    summary: { filesAnalyzed: number }
  }
  expect(summary.filesAnalyzed).toBeGreaterThan(10)
  return generalDiagnostics.map(({ file, range, message }) => `${file.replace(`${folder}/`, '')}:${range.start.line + 1}: ${message}`)
}

test('find nothing to say of the package, nor of the program of its README', async () => {
  const [, code = ''] = /```python\n(.*?)```/s.exec(readFileSync(join(client, 'README.md'), 'utf8')) ?? []
  expect(await check(code)).toEqual([])
}, 120_000)

test('tell the mistakes of a program', async () => {
  const lines = [
    'from dataface import Dataface',
    'from dataface.v1 import Dataface as Earlier',
    'client = Dataface("")',
    'client.run_query()',
    'client.execute_query(source="vega", sql=1)',
    'client.execute_query(source="vega")',
    'client.execute_query(source="vega", sql="SELECT 1", tables=[])',
    'client.get_metadata(source="vega", detail="all")',
    'client.list_sources()["tables"]',
    'number: int = client.execute_query(source="vega", sql="SELECT 1")["row_count"]',
    'text: str = client.execute_query(source="vega", sql="SELECT 1")["row_count"]',
    'hint: str = Earlier("").test_yaml_execution(path="a")["queries"][0].get("error", "")',
    'wrong: str = client.test_yaml_execution(path="a")["queries"][0].get("error", "")',
  ]
  const told = await check(`${lines.join('\n')}\n`)
  const wrong = new Set(told.map((one) => Number(/^program\.py:(\d+)/.exec(one)?.[1])))
  expect(
    [...wrong].sort((a, b) => a - b),
    told.join('\n'),
  ).toEqual([4, 5, 6, 7, 8, 9, 11, 13])
}, 120_000)
