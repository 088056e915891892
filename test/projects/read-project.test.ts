import { describe, expect, test } from 'vitest'
import { formatDiagnostic } from '../../server/projects/diagnostic.ts'
import { readProject, readProjectText } from '../../server/projects/read-project.ts'
import { folderOf } from '../cli/run-dft.ts'
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
      'error WRONG_VALUE 7:5',
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

  test.each(['dataface.yaml', 'Dataface.yml', 'dataface.yml.txt'])('that is called %s is found', async (name) => {
    const { diagnostics } = await readProject(folderOf({ [name]: 'name: x\nsources: {}\n' }), {})
    expect(diagnostics).toMatchObject([{ code: 'FILE_NOT_FOUND', hint: `Rename ${name} to dataface.yml.` }])
  })

  test('that is no UTF-8 says so', async () => {
    const folder = folderOf({ 'dataface.yml': Buffer.from('name: x\n', 'utf16le') })
    expect((await readProject(folder, {})).diagnostics).toMatchObject([{ code: 'FILE_UNREADABLE', hint: 'Save it as UTF-8.' }])
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
    expect(brief('name: a\nname: b\nsources: {}\n')).toEqual(['error DUPLICATE_KEY 2:1', 'warning NO_SOURCES 3:1'])
  })

  test('with a key written twice is checked all the same', () => {
    const text = 'name: x\nsources:\n  a: {type: csv, files: {t: t.csv}}\n  a: {type: csv, files: {t: t.csv}, pth: x}\nlimts: {}\n'
    expect(brief(text)).toEqual(['error DUPLICATE_KEY 4:3', 'error UNKNOWN_KEY 4:37', 'error UNKNOWN_KEY 5:1'])
    expect(said(text)).toContain('The key "a" is written twice in its block.')
  })

  test.each([
    ['a list', '- a\n', 'The file must be a block of keys, not a list. It needs at least name and sources'],
    ['a text', 'shop\n', 'The file must be a block of keys, not a text. It needs at least name and sources'],
    ['nothing but a comment', '# later\n', 'The file is empty. It needs at least name and sources'],
    ['several documents', 'name: x\n---\nname: y\n', 'The file holds several documents. Keep one'],
    ['sources as a list', 'name: x\nsources:\n  - name: a\n', 'Write each entry as a key of its own'],
    ['a key without a colon', 'name x\nsources: {}\n', 'A key has no colon.'],
    ['keys that do not line up', 'name: x\nsources:\n  a:\n    type: csv\n   files: {}\n', 'by the same number of spaces'],
  ])('of %s says what to write', (_what, text, words) => {
    expect(read(text).config).toBeUndefined()
    expect(said(text)).toContain(words)
  })

  test.each([
    ['double quotes', 'url: "{{ env_var("U") }}"'],
    ['single quotes', "url: '{{ env_var('U') }}'"],
    ['double quotes with a default', 'url: "{{ env_var("U", "d") }}"'],
  ])('whose value and variable stand in the same quotes is reported once: %s', (_what, line) => {
    for (const text of [
      `name: x\nsources:\n  a:\n    type: postgres\n    ${line}\n`,
      `name: x\nsources:\n  a: {type: postgres, ${line}}\n`,
    ]) {
      expect(read(text, { U: 'u' }).diagnostics, text).toMatchObject([
        { code: 'YAML_ERROR', message: 'The quotes inside {{ }} end the value.' },
      ])
      expect(said(text)).toContain(`Use the other kind inside: "{{ env_var('NAME') }}".`)
    }
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
    const text = 'name: x\nsources:\n  a: {type: postgres, dbname: "{{ env_var(\'D\') }}"}\n'
    const { config } = read(text, { D: "{{ env_var('SECRET') }}", SECRET: 's' })
    expect(config?.sources.a).toMatchObject({ dbname: "{{ env_var('SECRET') }}" })
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
        policy: {},
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
    brief(`name: x\nsources:\n  a: {type: postgres, ${settings}}\n`, env).filter((line) => !line.includes('MISSING_KEY'))

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
    expect(said(`name: x\nsources:\n  a: {type: postgres, ${settings}}\n`)).not.toContain('hunter2')
  })

  test.each([
    'password: "{{ env_var(\'PW\') }}"',
    'url: "postgres://u:{{ env_var(\'PW\') }}@h/d"',
    'url: "{{ env_var(\'PW\') }}"',
    'url: "postgres://u@h/d"',
  ])('is not seen where there is none: %s', (settings) => {
    expect(warned(settings, { PW: settings.startsWith('url: "{{') ? 'postgres://u:hunter2@h/d' : 'hunter2' })).toEqual([])
  })
})

describe('a source whose type is not known', () => {
  const one = (settings: string) => `name: x\nsources:\n  a: {${settings}}\n`

  test.each([
    ['postgress', 'postgres'],
    ['Postgres', 'postgres'],
    ['postgresql', 'postgres'],
    ['pg', 'postgres'],
    ['duckbd', 'duckdb'],
    ['parqet', 'parquet'],
    ['ndjson', 'json'],
  ])('%s is told the nearest, %s', (written, meant) => {
    expect(said(one(`type: ${written}`))).toContain(`Did you mean "${meant}"?`)
  })

  test.each([
    ['mistyped', 'type: postgress, hots: h, prot: x', ['Did you mean "host"?', 'Did you mean "port"?']],
    ['missing', 'hots: h, pasword: p', ['"type" is required', 'Did you mean "host"?', 'Did you mean "password"?']],
    ['written with another key', 'typ: csv, file: {t: t.csv}', ['Did you mean "type"?', 'Did you mean "files"?']],
    ['empty', 'type: , limits: {max_row: 1}', ['sources.a.type has no value. Use one of: postgres', 'Did you mean "max_rows"?']],
    ['wrong, and a value too', 'type: postgress, dbname: d, port: 70000', ['sources.a.port must be at most 65535']],
  ])('is checked as what it most likely is: type %s', (_how, settings, words) => {
    for (const part of words) expect(said(one(settings))).toContain(part)
    expect(read(one(settings)).config).toBeUndefined()
  })
})

describe('the url of a source', () => {
  const one = (url: string) => `name: x\nsources:\n  a:\n    type: postgres\n    url: ${JSON.stringify(url)}\n`

  test.each([
    'nonsense',
    'http://h/d',
    'jdbc:postgresql://h/d',
    'host=h dbname=d',
    'h:5432/d',
    'postgres://h:99999/d',
    'postgres://u:a/b@h/d',
    'postgres://u:a#b@h/d',
    'postgres://u:a?b@h/d',
    'postgres://h/d?sslmode=reqire',
    ' postgres://h/d',
    '"postgres://h/d"',
  ])('is refused when the driver would not understand it: %s', (url) => {
    expect(brief(one(url)).filter((line) => line.startsWith('error'))).toEqual(['error WRONG_VALUE 5:5'])
    const fromVariable = read(one("{{ env_var('U') }}"), { U: url })
    expect(fromVariable.diagnostics).toMatchObject([{ level: 'warning', code: 'BAD_VARIABLE', line: 5 }])
    expect(fromVariable.disabled).toMatchObject([{ name: 'a', hint: fromVariable.diagnostics[0]?.hint }])
    expect(said(one(url)) + said(one("{{ env_var('U') }}"), { U: url })).not.toContain(url)
  })

  test.each([
    'postgres://h/d',
    'postgresql://u@h:5433/d?sslmode=verify-full',
    'postgres:///d?host=/tmp',
    'postgres://u@/d',
    'postgres://[::1]:5432/d',
    'postgres://u:p w@h/d',
    '/var/run/postgresql d',
    'socket:/tmp?db=d',
  ])('is taken as the driver takes it: %s', (url) => {
    expect(brief(one(url)).filter((line) => !line.includes('LITERAL_PASSWORD'))).toEqual([])
  })

  test.each([
    ['host: h, dbname: d', 'has url, and also host, dbname. Keep url and remove host, dbname; or remove url.'],
    ['port: 5432, user: u', 'has url, and also port, user. Keep url and remove port, user.'],
    ['password: p, sslmode: require', 'has url, and also password, sslmode. Keep url and remove password, sslmode.'],
  ])('stands alone: beside %s is an error', (parts, words) => {
    const text = `name: x\nsources:\n  a: {type: postgres, url: "postgres://u:p@h/d?sslmode=require", ${parts}}\n`
    expect(brief(text)).toContain('error WRONG_VALUE 3:66')
    expect(said(text)).toContain(words)
  })

  test('may leave the password to a key of its own', () => {
    expect(
      brief('name: x\nsources:\n  a: {type: postgres, url: "postgres://u@h/d", password: "{{ env_var(\'P\') }}"}\n', { P: 'p' }),
    ).toEqual([])
  })
})

describe('names and limits', () => {
  test('that differ only in case are errors', () => {
    const text = 'name: x\nsources:\n  Shop: {type: csv, files: {a: a.csv, A: b.csv}}\n  shop: {type: csv, files: {a: a.csv}}\n'
    expect(brief(text)).toEqual(['error BAD_NAME 3:39', 'error BAD_NAME 4:3'])
  })

  test('given twice, as schema and schemas, are errors', () => {
    expect(brief('name: x\nsources:\n  a: {type: duckdb, path: a.db, schema: s, schemas: [t]}\n')).toEqual(['error WRONG_VALUE 3:33'])
  })

  test.each([
    ['max_rows: 0', 'must be at least 1'],
    ['timeout_ms: 99999999', 'must be at most 3600000'],
    ['max_rows: "0"', 'must be at least 1'],
    ['timeout_ms: 5s', 'must be a whole number, not "5s"'],
    ['max_concurrency: 1.5', 'must be a whole number'],
    ['max_bytes: true', 'must be a whole number'],
  ])('out of their range are errors: %s', (limit, words) => {
    expect(said(`name: x\nsources: {}\nlimits: {${limit}}\n`)).toContain(`limits.${limit.split(':')[0]} ${words}`)
  })

  test('given as numbers in quotes are numbers', () => {
    expect(read('name: x\nsources: {}\nlimits: {max_rows: "7"}\n').config?.limits).toEqual({ max_rows: 7 })
  })

  test('that another limit makes useless are a warning, of the project and of a source', () => {
    const text =
      'name: x\nlimits: {max_rows: 10, default_rows: 20}\nsources:\n  a: {type: csv, files: {t: t.csv}, limits: {default_rows: 11}}\n'
    expect(brief(text)).toEqual(['warning WRONG_VALUE 2:24', 'warning WRONG_VALUE 4:46'])
    expect(said(text)).toContain('sources.a.limits.default_rows is more than max_rows, 10, which holds.')
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

test.each([
  ['{ keys: false }', ['error WRONG_VALUE 2:11']],
  ['{ keys: false, local: true }', []],
  ['{ keys: false, oauth: { issuer: "https://a.example", resource: "https://b.example/mcp" } }', []],
  ['{ oauth: { issuer: "a.example", resource: "https://b.example/mcp" } }', ['error WRONG_VALUE 2:20']],
  ['{ oauth: { issuer: "https://a.example", audience: "x" } }', ['error MISSING_KEY 2:11', 'error UNKNOWN_KEY 2:49']],
])('access: %s', (access, told) => {
  expect(brief(`name: x\naccess: ${access}\nsources: { a: { type: csv, files: { t: t.csv } } }\n`)).toEqual(told)
})

test.each([
  ['url: "postgres://h/d", file: a.jsonl', 'error WRONG_VALUE: audit has url, and also file.'],
  ['retention_days: 30', 'error WRONG_VALUE: audit.retention_days is for records in Postgres'],
  ['url: "mysql://h/d"', 'error WRONG_VALUE: audit.url is no address of a PostgreSQL database.'],
  ['url: "postgres://u:hunter2@h/d"', 'warning LITERAL_PASSWORD: The password of the audit is written in the project file.'],
  ['url: "postgres://h/d", retention_days: 0', 'error'],
  ['url: "{{ env_var(\'NOT_SET\') }}"', 'error MISSING_VARIABLE'],
  ['url: "postgres://h/d", retention_days: 30', ''],
])('the audit { %s } is told: %s', (audit, told) => {
  const text = said(`name: x\naudit: { ${audit} }\nsources: {a: {type: csv, files: {t: t.csv}}}\n`)
  expect(told === '' ? text : text.includes(told)).toBe(told === '' ? '' : true)
  expect(text).not.toContain('hunter2')
})
