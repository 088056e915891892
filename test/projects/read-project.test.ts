import { describe, expect, test } from 'vitest'
import { formatDiagnostic } from '../../server/projects/diagnostic.ts'
import { readProject, readProjectText } from '../../server/projects/read-project.ts'
import { root } from '../support/project-files.ts'

const read = (text: string, env: Readonly<Record<string, string>> = {}) => readProjectText(text, '/data', env)
const brief = (text: string, env: Readonly<Record<string, string>> = {}): string[] =>
  read(text, env).diagnostics.map(({ level, code, line, column }) => `${level} ${code} ${line}:${column}`)
const said = (text: string, env: Readonly<Record<string, string>> = {}): string =>
  read(text, env).diagnostics.map(formatDiagnostic).join('\n')

describe('a project file', () => {
  test('of the demo is read without a finding', async () => {
    const { config, diagnostics, disabled } = await readProject(`${root}/docs/examples/demo`, {})
    expect(diagnostics).toEqual([])
    expect(disabled).toEqual([])
    expect(config?.name).toBe('demo')
    expect(Object.keys(config?.sources ?? {})).toEqual(['vega'])
  })

  test('gives settings with absolute paths', () => {
    const { config } = read(
      `name: x
sources:
  a: {type: duckdb, path: warehouse.duckdb, files: {t: 'parts/*.parquet'}, datapackage: ../about.json}
  b: {type: csv, files: {u: /elsewhere/u.csv}}
`,
    )
    expect(config?.sources).toEqual({
      a: { type: 'duckdb', path: '/data/warehouse.duckdb', files: { t: '/data/parts/*.parquet' }, datapackage: '/about.json' },
      b: { type: 'csv', files: { u: '/elsewhere/u.csv' } },
    })
  })

  test('tells everything that is wrong at once, each at its place', () => {
    const text = `nam: x
sources:
  a:
    type: postgres
    url: postgres://u:secret@h/db
    prot: 3
    port: x
    limits: {max_rowz: 1, max_rows: 0}
  b: {type: postgress}
  c: {}
  d:
  1x: {type: csv, files: {a: 3}}
  e: {type: csv, files: [a], path: foo}
limit: 3
`
    expect(brief(text)).toEqual([
      'error MISSING_KEY 1:1',
      'error UNKNOWN_KEY 1:1',
      'warning LITERAL_PASSWORD 5:5',
      'error UNKNOWN_KEY 6:5',
      'error WRONG_TYPE 7:5',
      'error UNKNOWN_KEY 8:14',
      'error WRONG_VALUE 8:27',
      'error WRONG_VALUE 9:7',
      'error MISSING_KEY 10:3',
      'error MISSING_VALUE 11:3',
      'error BAD_NAME 12:3',
      'error WRONG_TYPE 13:18',
      'error UNKNOWN_KEY 13:30',
      'error UNKNOWN_KEY 14:1',
    ])
    expect(read(text).config).toBeUndefined()
  })

  test('that is missing, empty or no block says so', async () => {
    expect((await readProject('/nonexistent', {})).diagnostics).toMatchObject([
      { level: 'error', code: 'FILE_NOT_FOUND', file: 'dataface.yml' },
    ])
    expect(brief('')).toEqual(['error MISSING_VALUE 1:1'])
    expect(brief('- a')).toEqual(['error WRONG_TYPE 1:1'])
  })

  test('without sources is opened with a warning', () => {
    expect(brief('name: x\nsources: {}')).toEqual(['warning NO_SOURCES 2:1'])
    expect(read('name: x\nsources: {}').config).toEqual({ name: 'x', sources: {} })
  })
})

describe('an unknown key', () => {
  const source = (extra: string) => `name: x\nsources:\n  a: {type: postgres, dbname: d, ${extra}}\n`
  test.each([
    ['at the top', 'name: x\nsources: {}\ndescripton: y\n', 'Did you mean "description"?'],
    ['of a source', source('shcemas: [a]'), 'Did you mean "schemas"?'],
    ['of limits', 'name: x\nsources: {}\nlimits: {timeout: 3}\n', 'Did you mean "timeout_ms"?'],
    ["of a source's limits", source('limits: {max_row: 3}'), 'Did you mean "max_rows"?'],
    ['under the name another tool uses', source('username: u'), 'Did you mean "user"?'],
    ['that belongs to another type', source('files: {a: b}'), 'It belongs to sources of type duckdb or csv or json or parquet.'],
    ['that is like nothing', source('qqqqqq: 1'), 'Known keys: type, url, host, port, dbname, user, role, password, sslmode, schemas'],
  ])('%s is an error with a suggestion', (_where, text, suggestion) => {
    expect(said(text)).toContain('error UNKNOWN_KEY')
    expect(said(text)).toContain(suggestion)
  })

  test('named __proto__ is refused and never merged', () => {
    expect(brief('name: x\nsources:\n  __proto__: {type: postgres}\n')).toEqual(['error YAML_ERROR 3:3'])
  })
})

describe('YAML', () => {
  test('with a key written twice is an error', () => {
    expect(brief('name: a\nname: b\nsources: {}\n')).toEqual(['error DUPLICATE_KEY 2:1'])
  })

  test('indented with tabs is reported as that', () => {
    expect(said('name: a\nsources:\n\tx: 1\n')).toContain('Tabs are not allowed as indentation. Indent with spaces.')
  })

  test('whose aliases multiply is refused', () => {
    const list = (name: string) => `[${Array.from({ length: 12 }, () => `*${name}`).join(',')}]`
    const text = `a: &a [1,1]\nb: &b ${list('a')}\nc: &c ${list('b')}\nd: &d ${list('c')}\n`
    expect(said(text)).toContain('The aliases of this file multiply beyond measure.')
  })

  test('may share settings through an alias', () => {
    const { config, diagnostics } = read('name: x\nlimits: &l {max_rows: 5}\nsources:\n  a: {type: duckdb, path: a.duckdb, limits: *l}\n')
    expect(diagnostics).toEqual([])
    expect(config?.sources.a?.limits).toEqual({ max_rows: 5 })
  })

  test('never repeats the text it stumbles over, which may be a secret', () => {
    expect(said('name: x\nsources: {a: {password: hunter2]}}\n')).not.toContain('hunter2')
  })
})

describe('env_var', () => {
  const one = (url: string) => `name: x\nsources:\n  a: {type: postgres, url: "${url}"}\n`

  test('is replaced by the variable, or by its default', () => {
    const { config } = read(
      `name: x\nsources:\n  a: {type: postgres, host: "{{ env_var('H') }}", port: "{{env_var( \\"P\\" , \\"6543\\" )}}", dbname: "d_{{ env_var('D') }}_{{ env_var('E', 'e') }}"}\n`,
      { H: 'db.example', D: '1' },
    )
    expect(config?.sources.a).toEqual({ type: 'postgres', host: 'db.example', port: 6543, dbname: 'd_1_e' })
  })

  test('is not looked at again after it was replaced', () => {
    const { config } = read(one("{{ env_var('U') }}"), { U: "{{ env_var('SECRET') }}", SECRET: 's' })
    expect(config?.sources.a).toMatchObject({ url: "{{ env_var('SECRET') }}" })
  })

  test('that is missing switches off its source alone and names the variable', () => {
    const { config, disabled, diagnostics, variables } = read(
      `name: x
sources:
  a: {type: postgres, description: Sales, url: "postgres://{{ env_var('U') }}:{{ env_var('PW') }}@h/d"}
  b: {type: csv, files: {t: t.csv}}
`,
      { U: 'someone' },
    )
    expect(Object.keys(config?.sources ?? {})).toEqual(['b'])
    expect(disabled).toEqual([
      {
        name: 'a',
        type: 'postgres',
        description: 'Sales',
        message: 'The environment variable PW is not set.',
        hint: 'Set it where the server starts, or give a default.',
      },
    ])
    expect(diagnostics).toMatchObject([{ level: 'warning', code: 'MISSING_VARIABLE', line: 3 }])
    expect(variables).toEqual([
      { name: 'U', set: true },
      { name: 'PW', set: false },
    ])
  })

  test('that is missing outside of sources stops start-up', () => {
    expect(brief('name: "{{ env_var(\'N\') }}"\nsources: {}\n')).toContain('error MISSING_VARIABLE 1:7')
  })

  test('that holds a useless value switches off its source and never shows the value', () => {
    const text = 'name: x\nsources:\n  a: {type: postgres, dbname: d, port: "{{ env_var(\'PORT\') }}"}\n'
    expect(brief(text, { PORT: 'hunter2' })).toEqual(['warning BAD_VARIABLE 3:34'])
    expect(read(text, { PORT: 'hunter2' }).config?.sources).toEqual({})
    expect(said(text, { PORT: 'hunter2' })).not.toContain('hunter2')
  })

  test('does not hide other errors of a source that is switched off', () => {
    const text = 'name: x\nsources:\n  a: {type: postgres, url: "{{ env_var(\'U\') }}", prot: 3}\n'
    expect(brief(text)).toEqual(['warning MISSING_VARIABLE 3:28', 'error UNKNOWN_KEY 3:50'])
  })

  test.each([
    ['another function', "{{ target('x') }}"],
    ['an expression', "{{ env_var('A') | upper }}"],
    ['nothing', '{{ }}'],
    ['no end', "{{ env_var('A')"],
  ])('is the only thing between braces: %s is an error', (_what, url) => {
    expect(brief(one(url), { A: 'a' })).toEqual(['error BAD_TEMPLATE 3:28'])
  })

  test('without quotes around it is reported once, with what to write', () => {
    expect(said("name: {{ env_var('X') }}\nsources: {}\n", { X: 'x' })).toContain('Write: "{{ env_var(\'X\') }}"')
  })

  test('in a key is an error', () => {
    expect(brief('name: x\nsources:\n  "{{ env_var(\'X\') }}": {type: csv, files: {a: b}}\n', { X: 'x' })).toContain(
      'error BAD_TEMPLATE 3:3',
    )
  })
})

describe('a literal password', () => {
  const warned = (settings: string, env: Readonly<Record<string, string>> = {}) =>
    brief(`name: x\nsources:\n  a: {type: postgres, dbname: d, ${settings}}\n`, env)

  test.each([
    'password: hunter2',
    'password: 12345',
    "password: \"{{ env_var('PW', 'hunter2') }}\"",
    'url: "postgres://u:hunter2@h/d"',
    'url: "postgres://u@h/d?password=hunter2"',
    "url: \"{{ env_var('URL', 'postgres://u:hunter2@h/d') }}\"",
  ])('is a warning: %s', (settings) => {
    const found = warned(settings).filter((line) => line.includes('LITERAL_PASSWORD'))
    expect(found).toHaveLength(1)
    expect(said(`name: x\nsources:\n  a: {type: postgres, dbname: d, ${settings}}\n`)).not.toContain('hunter2')
  })

  test.each([
    'password: "{{ env_var(\'PW\') }}"',
    'url: "postgres://u:{{ env_var(\'PW\') }}@h/d"',
    'url: "{{ env_var(\'PW\') }}"',
    'url: "postgres://u@h/d"',
  ])('is not seen where there is none: %s', (settings) => {
    expect(warned(settings, { PW: 'postgres://u:hunter2@h/d' })).toEqual([])
  })
})

describe('a source', () => {
  test('that names no data is an error', () => {
    expect(brief('name: x\nsources:\n  a: {type: postgres, host: h}\n  b: {type: duckdb}\n')).toEqual([
      'error MISSING_KEY 3:3',
      'error MISSING_KEY 4:3',
    ])
  })

  test('whose file is an address is an error', () => {
    expect(brief("name: x\nsources:\n  a: {type: csv, files: {t: 's3://bucket/t.csv'}}\n")).toEqual(['error WRONG_VALUE 3:26'])
  })

  test('whose file does not exist is no error of the configuration', () => {
    expect(brief('name: x\nsources:\n  a: {type: csv, files: {t: nowhere.csv}}\n')).toEqual([])
  })
})
