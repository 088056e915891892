import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { runDft } from '../cli/run-dft.ts'
import { type DbtFolder, dbtFolder } from '../support/dbt-project.ts'

let folder: DbtFolder
afterEach(() => folder?.close())

interface Doctor {
  readonly success: boolean
  readonly checks: readonly { readonly state: string; readonly subject: string; readonly message: string; readonly hint?: string }[]
}

const doctor = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const { out, code } = await runDft(['doctor', '--json', ...args], { env: { HOME: '/nonexistent', ...env } })
  return { code, ...(JSON.parse(out) as Doctor) }
}

test('dft doctor says what a dbt project is made of, and what is wrong with its files', async () => {
  folder = await dbtFolder('shop', { 'models/odd.yml': 'models: [{name: "x' })
  const { checks, code } = await doctor([folder.dir])
  expect(code).toBe(0)
  expect(checks).toContainEqual({ state: 'ok', subject: 'dbt_project.yml', message: expect.stringContaining('the project "tea_shop"') })
  expect(checks).toContainEqual({
    state: 'ok',
    subject: 'dbt project tea_shop',
    message:
      'tells of 7 models, 1 seed, 1 snapshot, 1 table of sources, from its YAML and SQL, without a manifest; 9 of the 9 tables of tea_shop are described by it',
  })
  expect(checks).toContainEqual(
    expect.objectContaining({ state: 'warning', subject: 'models/odd.yml:1', message: expect.stringContaining('DBT_FILE_UNREADABLE') }),
  )
})

test('dft doctor names the type that is not served, and a variable that is missing, without a value', async () => {
  folder = await dbtFolder()
  const cloud = await doctor(['--project', folder.dir], { TEA_TARGET: 'cloud' })
  expect(cloud.code).toBe(1)
  expect(cloud.checks).toContainEqual(
    expect.objectContaining({
      state: 'problem',
      subject: 'profiles.yml:1:1',
      message: expect.stringContaining('DBT_ADAPTER_UNSUPPORTED: The target "cloud" is of type snowflake'),
    }),
  )
  const live = await doctor(['--project', folder.dir], { TEA_TARGET: 'live', TEA_HOST: 'tea-host.example' })
  expect(live.checks).toContainEqual(
    expect.objectContaining({
      state: 'problem',
      message: expect.stringMatching(/MISSING_VARIABLE.*TEA_PORT, TEA_USER, TEA_PASSWORD, TEA_DB/),
    }),
  )
  expect(JSON.stringify([cloud, live])).not.toMatch(/s3cret|tea-host/)
})

test('commands find the dbt project from a folder within it', async () => {
  folder = await dbtFolder()
  const cwd = join(folder.dir, 'models/marts')
  const described = await runDft(['describe', 'tea_shop', 'fct_salez', '--json'], { cwd })
  expect(JSON.parse(described.out)).toMatchObject({ errors: [{ code: 'TABLE_NOT_FOUND', hint: expect.stringContaining('fct_sales') }] })
  const told = await runDft(['describe', 'tea_shop', 'fct_sales'], { cwd })
  expect(told.out).toContain('One row per receipt and tea')
})

test('a folder of data within a dbt project is still served as data', async () => {
  folder = await dbtFolder()
  const seeds = await doctor([join(folder.dir, 'seeds')])
  expect(seeds.checks.map(({ subject }) => subject)).toContain('source files')
  await mkdir(join(folder.dir, 'empty'))
  const empty = await doctor([join(folder.dir, 'empty')])
  expect(empty.checks.map(({ subject }) => subject)).toContain('source tea_shop')
})
