import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { formatDiagnostic } from '../../server/projects/diagnostic.ts'
import { readProject } from '../../server/projects/read-project.ts'
import { createPostgres, withClient } from '../field/databases.ts'
import { type DbtFolder, dbtFolder } from '../support/dbt-project.ts'
import { reader } from '../support/postgres.ts'

let folder: DbtFolder | undefined
afterEach(async () => {
  await folder?.close()
  folder = undefined
})

/** What the profile of a project is read as, with these files. */
const read = async (files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) => {
  await folder?.close()
  folder = await dbtFolder('nothing', { 'dbt_project.yml': 'name: tea_shop\nprofile: tea\n', ...files })
  const { config, disabled, diagnostics } = await readProject(
    folder.dir,
    Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replace('DIR', folder?.dir ?? '')])),
  )
  return {
    source: config?.sources.tea_shop,
    disabled,
    told: diagnostics.map(formatDiagnostic),
    codes: diagnostics.map(({ code }) => code),
    dir: folder.dir,
  }
}

const profileOf = (output: string, target = 'dev'): string => `tea:\n  target: ${target}\n  outputs:\n    dev: ${output}\n`
const duckdb = (path: string) => profileOf(`{type: duckdb, path: ${path}}`)

describe('profiles.yml is looked for', () => {
  const places = {
    'profiles/profiles.yml': duckdb('a.duckdb'),
    'profiles.yml': duckdb('b.duckdb'),
    'home/.dbt/profiles.yml': duckdb('c.duckdb'),
  }
  const env = { HOME: 'DIR/home', DBT_PROFILES_DIR: 'DIR/profiles' }

  test('in DBT_PROFILES_DIR before the folder of the project, and there before ~/.dbt', async () => {
    const pathOf = async (...args: Parameters<typeof read>) => {
      const { source, dir } = await read(...args)
      return source !== undefined && 'path' in source ? source.path?.replace(dir, '') : undefined
    }
    expect(await pathOf(places, env)).toBe('/a.duckdb')
    expect(await pathOf(places, { HOME: 'DIR/home' })).toBe('/b.duckdb')
    const { 'profiles.yml': _, ...others } = places
    expect(await pathOf(others, { HOME: 'DIR/home' })).toBe('/c.duckdb')
    expect(await pathOf(others, { ...env, DBT_PROFILES_DIR: 'DIR/nothing' })).toBe('/c.duckdb')
  })

  test('where profiles_dir says, and nowhere else', async () => {
    const yaml = (dir: string) => ({ ...places, 'dataface.yml': `name: x\nsources: {tea_shop: {type: dbt, profiles_dir: ${dir}}}\n` })
    expect((await read(yaml('home/.dbt'), env)).source).toMatchObject({ path: expect.stringMatching(/c\.duckdb$/) })
    expect((await read(yaml('nothing'), env)).codes).toEqual(['DBT_PROFILE_NOT_FOUND'])
  })
})

test('a path starts from the folder of the dbt project, wherever the profile lies', async () => {
  const files = { 'dbt/dbt_project.yml': 'name: tea_shop\nprofile: tea\n', 'keys/profiles.yml': duckdb('data/../tea.duckdb') }
  const dataface = { 'dataface.yml': 'name: x\nsources: {tea_shop: {type: dbt, project_dir: dbt, profiles_dir: keys}}\n' }
  const { source, dir } = await read({ ...files, ...dataface })
  expect(source).toMatchObject({ type: 'duckdb', path: join(dir, 'dbt/tea.duckdb') })
  expect((await read({ 'profiles.yml': duckdb('~/tea.duckdb') }, { HOME: '/home/noor' })).source).toMatchObject({
    path: '/home/noor/tea.duckdb',
  })
})

test('env_var and var resolve with defaults and filters; only what is used must be set', async () => {
  const output = `{type: postgres, host: "{{ env_var('H', 'localhost') }}", port: "{{ env_var('P') | int }}", user: "{{ env_var(\\"U\\") }}", pass: "{{ env_var('W') }}",
      dbname: "{{ 'tea_{}'.format(var('stage', 'test')) }}", schema: x, sslmode: disable, threads: "{{ env_var('T', 4) | as_number }}"}\n    other: {type: postgres, password: "{{ env_var('NOT_SET') }}"}`
  const { source, codes } = await read({ 'profiles.yml': profileOf(output) }, { P: '5433', U: 'ann', W: 'pa}}ss{{' })
  expect(codes).toEqual([])
  expect(source).toMatchObject({
    type: 'postgres',
    host: 'localhost',
    port: 5433,
    user: 'ann',
    password: 'pa}}ss{{',
    dbname: 'tea_test',
    sslmode: 'disable',
  })
})

describe('a target', () => {
  const two =
    "tea:\n  target: \"{{ env_var('TARGET', 'dev') }}\"\n  outputs:\n    dev: {type: duckdb, path: dev.duckdb}\n    live: {type: duckdb, path: live.duckdb}\n"
  const chosen = async (files: Record<string, string>, env: Record<string, string> = {}) => {
    const { source, codes } = await read({ 'profiles.yml': two, ...files }, env)
    return source !== undefined && 'path' in source ? source.path?.split('/').at(-1) : codes
  }
  test('is the one that the profile names, the environment or dataface.yml before it', async () => {
    expect(await chosen({})).toBe('dev.duckdb')
    expect(await chosen({}, { TARGET: 'live' })).toBe('live.duckdb')
    expect(await chosen({}, { DBT_TARGET: 'live' })).toBe('live.duckdb')
    expect(await chosen({}, { DBT_TARGET: 'dev', DBT_ENGINE_TARGET: 'live' })).toBe('live.duckdb')
    expect(await chosen({ 'dataface.yml': 'name: x\nsources: {tea_shop: {type: dbt, target: live}}\n' }, { DBT_TARGET: 'dev' })).toBe(
      'live.duckdb',
    )
  })

  test('that is the only one needs no name; one named default is meant else', async () => {
    expect(await chosen({ 'profiles.yml': 'tea:\n  outputs:\n    one: {type: duckdb, path: one.duckdb}\n' })).toBe('one.duckdb')
    const outputs = 'default: {type: duckdb, path: default.duckdb}, one: {type: duckdb, path: one.duckdb}'
    expect(await chosen({ 'profiles.yml': `tea:\n  outputs: {${outputs}}\n` })).toBe('default.duckdb')
  })
})

const postgres = (rest: string) => profileOf(`{type: postgres, host: h, user: u, password: s3cret-word, dbname: d, schema: x, ${rest}}`)

/** What switches a source off: files, the finding, and what a caller is told. */
const faults: readonly (readonly [title: string, files: Record<string, string>, code: string, finding: string, told: string])[] = [
  ['no profile', {}, 'DBT_PROFILE_NOT_FOUND', 'There is no profiles.yml', 'its dbt profile is not there'],
  [
    'another profile',
    { 'profiles.yml': 'teas: {outputs: {}}' },
    'DBT_PROFILE_NOT_FOUND',
    'Did you mean "teas"?',
    'its dbt profile is not there',
  ],
  [
    'another target',
    { 'profiles.yml': profileOf('{type: duckdb, path: x}', 'deb') },
    'DBT_TARGET_NOT_FOUND',
    'Did you mean "dev"?',
    'its dbt target is not there',
  ],
  [
    'outputs that are a list',
    { 'profiles.yml': 'tea: {target: dev, outputs: [1]}' },
    'DBT_TARGET_NOT_FOUND',
    'no target "dev"',
    'its dbt target is not there',
  ],
  ['an empty file', { 'profiles.yml': '' }, 'DBT_PROFILE_NOT_FOUND', 'no profile "tea"', 'its dbt profile is not there'],
  [
    'broken YAML',
    { 'profiles.yml': 'tea:\n  outputs: {dev: {password: "s3cret-word\n' },
    'DBT_FILE_UNREADABLE',
    'profiles.yml:',
    'its dbt project cannot be read',
  ],
  [
    'another adapter',
    { 'profiles.yml': profileOf('{type: snowflake, password: s3cret-word}') },
    'DBT_ADAPTER_UNSUPPORTED',
    'is of type snowflake; postgres and duckdb are served',
    'its dbt target is of type snowflake',
  ],
  [
    'no adapter',
    { 'profiles.yml': profileOf('{password: s3cret-word}') },
    'DBT_TARGET_NOT_FOUND',
    'has no type',
    'its dbt target is not there',
  ],
  ['a database in memory', { 'profiles.yml': profileOf('{type: duckdb}') }, 'DBT_ADAPTER_UNSUPPORTED', 'in memory', 'in memory'],
  [
    'MotherDuck',
    { 'profiles.yml': profileOf('{type: duckdb, path: "md:tea?motherduck_token=s3cret-word"}') },
    'DBT_ADAPTER_UNSUPPORTED',
    'MotherDuck',
    'MotherDuck',
  ],
  [
    'an address',
    { 'profiles.yml': profileOf('{type: duckdb, path: "s3://tea/s3cret-word.duckdb"}') },
    'DBT_ADAPTER_UNSUPPORTED',
    'begins with s3:',
    'begins with s3:',
  ],
  [
    'a variable that is missing',
    { 'profiles.yml': profileOf(`{type: postgres, dbname: d, password: "{{ env_var('NOPE') }}"}`) },
    'MISSING_VARIABLE',
    'NOPE is not set',
    'its configuration is not complete',
  ],
  [
    'a variable that is no number',
    { 'profiles.yml': profileOf(`{type: postgres, dbname: d, port: "{{ env_var('SECRET') | int }}"}`) },
    'DBT_TEMPLATE',
    'A filter takes a number',
    'its dbt project cannot be read',
  ],
  [
    'another adapter, whose variables are not set,',
    { 'profiles.yml': profileOf(`{type: bigquery, project: "{{ env_var('NOPE') }}"}`) },
    'DBT_ADAPTER_UNSUPPORTED',
    'is of type bigquery',
    'its dbt target is of type bigquery',
  ],
  [
    'MotherDuck without its token',
    { 'profiles.yml': profileOf(`{type: duckdb, path: "md:tea?motherduck_token={{ env_var('NOPE') }}"}`) },
    'DBT_ADAPTER_UNSUPPORTED',
    'MotherDuck',
    'MotherDuck',
  ],
  [
    'the target in its own profile',
    { 'profiles.yml': profileOf('{type: duckdb, path: "{{ target.name }}.duckdb"}') },
    'DBT_TEMPLATE',
    'no variable target',
    'its dbt project cannot be read',
  ],
  [
    'an sslmode that is none',
    { 'profiles.yml': postgres('sslmode: verify_full') },
    'WRONG_VALUE',
    'sslmode of the target "dev" is not known',
    'its dbt target is not complete',
  ],
  ['a port that is none', { 'profiles.yml': postgres('port: 99999') }, 'WRONG_VALUE', 'is no port', 'its dbt target is not complete'],
  [
    'no database',
    { 'profiles.yml': profileOf('{type: postgres, host: h}') },
    'MISSING_KEY',
    'names no database',
    'its dbt target is not complete',
  ],
  [
    'a macro',
    { 'profiles.yml': profileOf(`{type: duckdb, path: "{{ my_macro('s3cret-word') }}"}`) },
    'DBT_TEMPLATE',
    'my_macro',
    'its dbt project cannot be read',
  ],
]

test.each(faults)(
  '%s switches the source off, with a code, and callers are told why without a secret',
  async (_title, files, code, finding, told) => {
    const env = { SECRET: 's3cret-word' }
    const { source, codes, told: said, disabled } = await read(files, env)
    expect(source).toBeUndefined()
    expect(codes).toEqual([code])
    expect(said.join()).toContain(finding)
    expect(disabled).toHaveLength(1)
    const served = await (folder as DbtFolder).serve({ env })
    const answers = JSON.stringify([
      await served.call('list_sources', {}),
      await served.call('list_tables', { source: 'tea_shop' }),
      await served.call('catalog', {}),
    ])
    expect(answers).toContain(told)
    expect(answers).toContain('SOURCE_UNAVAILABLE')
    for (const text of [answers, said.join(), served.logged.join()]) expect(text).not.toContain('s3cret-word')
    expect(answers).not.toMatch(/NOPE|profiles\.yml/)
  },
)

test('settings that are not applied are told once, by name and not by value', async () => {
  const output =
    '{type: duckdb, path: x.duckdb, extensions: [httpfs], settings: {s3_secret: s3cret-word}, attach: [{path: other.duckdb}], plugins: [], secrets: [{type: s3, key: "{{ env_var(\'NOT_SET\') }}"}]}'
  const { source, codes, told } = await read({ 'profiles.yml': profileOf(output) })
  expect(source).toMatchObject({ type: 'duckdb' })
  expect(codes).toEqual(['DBT_SETTING_IGNORED'])
  expect(told.join()).toMatch(/attach, extensions, settings, secrets of the target "dev"/)
  expect(told.join()).not.toContain('s3cret-word')
})

describe('a target of type postgres', () => {
  const tables = [
    'CREATE SCHEMA prepared',
    'CREATE TABLE public.fct_sales (receipt_id int, kind text)',
    "INSERT INTO public.fct_sales VALUES (1, 'cash'), (2, 'card')",
    'GRANT SELECT ON public.fct_sales TO reader',
  ]
  const env = async (login?: { user: string; password: string }) => {
    const url = new URL(await createPostgres(inject('postgres')))
    await withClient(url.href, async (client) => {
      for (const statement of tables) await client.query(statement)
    })
    return {
      TEA_TARGET: 'live',
      TEA_HOST: url.hostname,
      TEA_PORT: url.port,
      TEA_USER: login?.user ?? decodeURIComponent(url.username),
      TEA_PASSWORD: login?.password ?? decodeURIComponent(url.password),
      TEA_DB: url.pathname.slice(1),
    }
  }
  const board = 'source: tea_shop\ncharts: {a: {type: table, query: "SELECT count(*) FROM {{ ref(\'sales\') }}"}}'

  test('is served by the login of dbt, with a warning, and its models are found', async () => {
    folder = await dbtFolder()
    const served = await folder.serve({ env: await env() })
    const answer = await served.call('describe_table', { source: 'tea_shop', table: 'fct_sales' })
    expect(answer).toMatchObject({ success: true, data: { dbt: { name: 'sales' }, primary_key: ['receipt_id'] } })
    expect(JSON.stringify(answer.warnings)).toContain('SOURCE_UNPROVEN')
    expect(
      (await served.data<{ charts: { rows: unknown }[] }>('render_dashboard', { yaml: board, format: 'json' })).charts[0]?.rows,
    ).toEqual([['2']])
    const written = await served.call('execute_query', { source: 'tea_shop', sql: 'DELETE FROM fct_sales' })
    expect(written).toMatchObject({ success: false, errors: [{ code: 'SQL_REJECTED' }] })
  })

  test('is served without a warning by a login that can only read', async () => {
    folder = await dbtFolder()
    const served = await folder.serve({ env: await env(reader) })
    expect(await served.call('list_tables', { source: 'tea_shop' })).toMatchObject({
      success: true,
      warnings: [],
      data: { tables: [{ name: 'fct_sales', comment: expect.stringContaining('One row') }] },
    })
    expect(served.logged.join()).not.toContain(reader.password)
  })

  test('is refused where the project wants a login that is proven', async () => {
    folder = await dbtFolder('shop', { 'dataface.yml': 'name: x\nsources: {tea_shop: {type: dbt, allow_unproven: false}}\n' })
    const served = await folder.serve({ env: await env() })
    expect(await served.call('list_tables', { source: 'tea_shop' })).toMatchObject({
      success: false,
      errors: [{ code: 'SOURCE_UNPROVEN' }],
    })
  })
})

describe('the folder that is named', () => {
  const project = (name: string) => ({
    [`${name}/dbt_project.yml`]: `name: ${name}\nprofile: tea\n`,
    [`${name}/profiles.yml`]: duckdb('x.duckdb'),
  })
  const names = async (files: Record<string, string>, below = '.') => {
    folder = await dbtFolder('nothing', files)
    await mkdir(join(folder.dir, below), { recursive: true })
    const { config, diagnostics } = await readProject(join(folder.dir, below), {})
    return config === undefined ? diagnostics.map(({ code, message }) => `${code} ${message}`) : Object.keys(config.sources)
  }

  test('may lie within the dbt project, or above it when there is one', async () => {
    expect(await names(project('teas'), 'teas/models/deep')).toEqual(['teas'])
    await folder?.close()
    expect(await names(project('teas'))).toEqual(['teas'])
    await folder?.close()
    expect(
      await names({ ...project('transform/teas'), ...project('transform/teas/integration_tests'), ...project('teas/dbt_packages/other') }),
    ).toEqual(['transform_teas'])
  })

  test('with several is told with their names', async () => {
    expect(await names({ ...project('teas'), ...project('cups') })).toEqual([
      'DBT_PROJECT_NOT_FOUND There are 2 dbt projects in the folder: cups, teas.',
    ])
  })

  test('without any is no project', async () => {
    expect(await names({})).toEqual([expect.stringContaining('FILE_NOT_FOUND')])
  })

  test('with several is served by a source for each', async () => {
    const yaml =
      'name: x\nsources:\n  a: {type: dbt, project_dir: teas}\n  b: {type: dbt, project_dir: cups}\n  c: {type: dbt}\n  d: {type: dbt, project_dir: nothing}\n'
    folder = await dbtFolder('nothing', { ...project('teas'), ...project('cups'), 'dataface.yml': yaml })
    const { config, disabled, diagnostics } = await readProject(folder.dir, {})
    expect(Object.keys(config?.sources ?? {})).toEqual(['a', 'b'])
    expect(disabled.map(({ name }) => name)).toEqual(['c', 'd'])
    expect(diagnostics.map(({ code }) => code)).toEqual(['DBT_PROJECT_NOT_FOUND', 'DBT_PROJECT_NOT_FOUND'])
  })

  test.each([
    ['', 'The file is empty.'],
    ['name: [', 'is not closed'],
    ['- a\n- b\n', 'The file is empty.'],
  ])('with a dbt_project.yml that is none is told: %j', async (text, message) => {
    folder = await dbtFolder('nothing', { 'dbt_project.yml': text })
    const { config, diagnostics } = await readProject(folder.dir, {})
    expect(config).toBeUndefined()
    expect(diagnostics).toMatchObject([{ level: 'error', code: 'DBT_FILE_UNREADABLE', message: expect.stringContaining(message) }])
  })
})
