import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contracts } from '../../contracts/catalog.ts'
import type { Contract } from '../../contracts/define-contract.ts'
import { executeQuery } from '../../contracts/v1/tools/execute-query.ts'
import { listSources } from '../../contracts/v1/tools/list-sources.ts'
import { createCursors } from '../../server/dispatch/cursors.ts'
import { createInputCheck } from '../../server/dispatch/validate-input.ts'
import { createOutputCheck } from '../../server/dispatch/validate-output.ts'
import { EncodedJson, encodeObject } from '../../server/envelope/encoded-json.ts'
import { errorItem, Fault, Faults } from '../../server/envelope/fault.ts'
import { nearestName, nearestNames } from '../../server/envelope/nearest-name.ts'
import { looksSensitiveName, looksSensitiveValue, shownDefault } from '../../server/guards/sensitive-values.ts'

const faultsOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (error instanceof Faults) return error.list.map(errorItem)
    if (error instanceof Fault) return [errorItem(error)]
    throw error
  }
  return []
}

describe('the input check', () => {
  const check = createInputCheck(executeQuery as unknown as Contract)

  test('fills in defaults', () => {
    expect(check({ source: 's', sql: 'SELECT 1' })).toEqual({ source: 's', sql: 'SELECT 1', format: 'rows' })
  })

  test('takes null for an optional argument as absent', () => {
    expect(check({ source: 's', sql: 'SELECT 1', limit: null, format: null, cursor: null, params: null })).toEqual({
      source: 's',
      sql: 'SELECT 1',
      format: 'rows',
    })
  })

  test('keeps nulls inside params', () => {
    expect(check({ source: 's', sql: 'SELECT $1', params: [null, 1, 'a', true] })).toMatchObject({ params: [null, 1, 'a', true] })
  })

  test('refuses null for a required argument', () => {
    expect(faultsOf(() => check({ source: 's', sql: null }))).toMatchObject([{ code: 'VALIDATION_ERROR', path: 'sql' }])
  })

  test('reports every finding at once and suggests the nearest argument', () => {
    const faults = faultsOf(() => check({ source: 7, sqll: 'SELECT 1', limit: 0, format: 'xml' }))
    expect(faults.map((fault) => fault.path).sort()).toEqual(['format', 'limit', 'source', 'sql', 'sqll'])
    expect(faults.find((fault) => fault.path === 'sqll')?.hint).toContain('Did you mean "sql"?')
    expect(faults.find((fault) => fault.path === 'format')?.hint).toContain('"markdown"')
    expect(faults.every((fault) => fault.code === 'VALIDATION_ERROR' && !fault.retryable)).toBe(true)
  })

  test.each([
    [{ limit: 2.5 }, 'The argument "limit" must be a whole number, not 2.5.', 'Give a whole number.'],
    [{ limit: 'ten' }, 'The argument "limit" must be a number, not a string.', 'Give a number.'],
    [{ limit: 0 }, 'The argument "limit" is too small.', 'The least is 1.'],
    [{ limit: 1e300 }, 'The argument "limit" is too large.', 'The most is 100000.'],
    [{ sql: '' }, 'The argument "sql" is empty.', 'The least is 1 character.'],
    [{ sql: undefined }, 'The argument "sql" is required.', 'Give a string.'],
    [{ format: 'cvs' }, 'The argument "format" is not one of its values.', 'Did you mean "csv"? Use one of: "rows", "csv", "markdown".'],
    [
      { params: {} },
      'The argument "params" must be a list, not an object.',
      'Give a list with the values of $1, $2 in order, such as ["north", 5]; parameters have numbers and no names.',
    ],
    [{ params: Array(2000).fill(1) }, 'The argument "params" has too many items.', 'The most is 1000 items.'],
    [
      { params: [{}] },
      'The argument "params.0" must be a string, or a number, or true or false, or null, not an object.',
      'A value is a string, a number, true, false or null. Send a list or an object as text, and cast it in SQL, as in $1::json.',
    ],
  ])('says in one sentence what is wrong, and what to give: %j', (changed, message, hint) => {
    expect(faultsOf(() => check({ source: 's', sql: 'SELECT 1', ...changed }))).toMatchObject([{ message, hint }])
  })

  test.each([
    ['execute_query', 'query', 'sql'],
    ['execute_query', 'statement', 'sql'],
    ['execute_query', 'database', 'source'],
    ['execute_query', 'max_rows', 'limit'],
    ['execute_query', 'parameters', 'params'],
    ['execute_query', 'timeout', 'timeout_ms'],
    ['execute_query', 'deadline', 'timeout_ms'],
    ['list_tables', 'query', 'search'],
    ['catalog', 'search', 'query'],
    ['describe_table', 'name', 'table'],
    ['get_metadata', 'DB', 'source'],
  ])('of %s suggests for %s, as other tools call it, %s', (tool, key, meant) => {
    const contract = contracts.find(({ name }) => name === tool) as unknown as Contract
    const faults = faultsOf(() => createInputCheck(contract)({ [key]: 'x' }))
    expect(faults.find(({ path }) => path === key)?.hint).toContain(`Did you mean "${meant}"?`)
  })

  test('takes no arguments at all as an empty object, and refuses what is no object', () => {
    const none = createInputCheck(listSources as unknown as Contract)
    expect(none(undefined)).toEqual({})
    expect(none(null)).toEqual({})
    for (const wrong of [[], 'x', 3, true]) expect(faultsOf(() => none(wrong))).toMatchObject([{ code: 'VALIDATION_ERROR' }])
  })
})

describe('the output check', () => {
  const check = createOutputCheck(executeQuery as unknown as Contract)
  const good = {
    columns: [{ name: 'a', type: 'integer', database_type: 'int4' }],
    rows: new EncodedJson('[[1]]'),
    row_count: 1,
    truncated: false,
    limit_applied: { rows: 50, bytes: 1024, timeout_ms: 1000, rows_from: 'default' },
    bytes: 5,
    tables: [],
    elapsed_ms: 0.1,
  }

  test('passes an answer that keeps its contract, encoded or not', () => {
    expect(check(good)).toBeUndefined()
    expect(check({ ...good, rows: [[1]] })).toBeUndefined()
  })

  test('names the place where the contract is broken', () => {
    expect(check({ ...good, row_count: '1' })).toContain('row_count')
    expect(check({ ...good, columns: [{ name: 'a', type: 'int', database_type: 'int4' }] })).toContain('columns.0.type')
    expect(check({ ...good, secret: 1 })).toContain('secret')
  })
})

describe('cursors', () => {
  const anySecret = () => {
    const secret = randomBytes(32)
    return () => secret
  }
  const request = ['tool', 'caller', 'SELECT 1']

  test('give back the position they were made with', () => {
    const cursors = createCursors(anySecret())
    expect(cursors.open(request, cursors.seal(request, { offset: 50 }))).toEqual({ offset: 50 })
  })

  test('are refused for another request, another secret, or when changed', () => {
    const cursors = createCursors(anySecret())
    const cursor = cursors.seal(request, 50)
    const wrong = [
      () => cursors.open(['tool', 'caller', 'SELECT 2'], cursor),
      () => createCursors(anySecret()).open(request, cursor),
      () => cursors.open(request, `A${cursor}`),
      () => cursors.open(request, cursor.slice(0, -2)),
      () => cursors.open(request, 'x'),
      () => cursors.open(request, ''),
    ]
    for (const open of wrong) expect(faultsOf(open)).toMatchObject([{ code: 'VALIDATION_ERROR', path: 'cursor' }])
  })

  test('are refused with any character changed, cut or added', () => {
    const characters = fc.constantFrom(...'ABab01-_.=+/ \n\u0000é')
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 1 }), fc.option(characters, { nil: '' }), (at, taken, put) => {
        const cursors = createCursors(anySecret())
        const cursor = cursors.seal(request, at)
        const place = at % (cursor.length + 1)
        const altered = cursor.slice(0, place) + put + cursor.slice(place + taken)
        fc.pre(altered !== cursor)
        expect(faultsOf(() => cursors.open(request, altered))).toMatchObject([{ code: 'VALIDATION_ERROR', path: 'cursor' }])
      }),
      { numRuns: 2000 },
    )
  })

  test('expire', () => {
    let now = 1_000_000
    const cursors = createCursors(anySecret(), () => now)
    const cursor = cursors.seal(request, 50)
    now += 3_700_000
    expect(faultsOf(() => cursors.open(request, cursor))).toMatchObject([{ message: 'The cursor has expired.' }])
  })
})

describe('nearest names', () => {
  test('forgive case, a swapped pair and a missing letter', () => {
    expect(nearestName('EXECUTE_QUERY', ['execute_query'])).toBe('execute_query')
    expect(nearestName('limti', ['limit', 'format'])).toBe('limit')
    expect(nearestName('fligts', ['flights', 'airports'])).toBe('flights')
    expect(nearestName('zzz', ['flights', 'airports'])).toBeUndefined()
  })

  test('come nearest first, at most as many as asked', () => {
    expect(nearestNames('order', ['orders', 'order_items', 'customers', 'border'], 2)).toEqual(['border', 'orders'])
  })
})

test('encoded values are copied into the answer as they are', () => {
  const exact = '[[9007199254740993]]'
  expect(encodeObject({ a: 1, rows: new EncodedJson(exact), b: undefined })).toEqual([`{"a":1,"rows":${exact}}`])
  const long = Buffer.from(`[${`${exact},`.repeat(1000)}0]`)
  expect(encodeObject({ rows: new EncodedJson(long), b: 2 })).toEqual(['{"rows":', long, ',"b":2}'])
  expect(encodeObject({})).toEqual(['{}'])
})

describe('sensitive columns', () => {
  test('are known by name in any style of writing', () => {
    for (const name of [
      'password',
      'user_email',
      'emailAddress',
      'SSN',
      'apiKey',
      'credit_card_no',
      'phoneNumber',
      'date_of_birth',
      'dateofbirth',
      'last_name',
      'api-key',
      'client secret',
      'accesstoken',
      'refresh_tokens',
      'Passwörter',
      'kennwort',
      'contraseña',
      'mot_de_passe',
      'пароль',
      '密码',
      'db_pass',
      'Kontonummer',
      'Steuer-ID',
      'Geburtsdatum',
      'fecha_nacimiento',
      'prénom',
      'correo_electronico',
      'telefonnummer',
      'salaries',
    ])
      expect(looksSensitiveName(name), name).toBe(true)
    for (const name of ['id', 'name', 'amount', 'country', 'discount', 'company', 'tokenizer_version', 'panel', 'passing_yards', 'bypass'])
      expect(looksSensitiveName(name), name).toBe(false)
  })

  test('are known by the form of a value', () => {
    for (const value of [
      'ada@example.org',
      '4111 1111 1111 1111',
      'eyJhbGciOiJI.eyJzdWIi.x',
      '$2b$10$abc',
      '078-05-1120',
      'postgres://u:p@h/d',
      'https://example.org/x?access_token=abcdef123',
      'sk-proj-abcdefghijkl',
      'ASIAIOSFODNN7EXAMPLE',
      'pbkdf2_sha256$260000$salt$hash',
      '$6$salt$hash',
      '+49 151 23456789',
    ])
      expect(looksSensitiveValue(value), value).toBe(true)
    for (const value of ['Ada', '2026-01-31', '+1.5', '$5.00', '4111111111111112', 12, null, 'https://example.org/a@b'])
      expect(looksSensitiveValue(value), String(value)).toBe(false)
  })

  test('are known by what a list, an object or the text of one holds', () => {
    for (const value of [
      ['x', 'ada@example.org'],
      { user: { password: 'x' } },
      { contact: ['ada@example.org'] },
      '{"apiKey": "x"}',
      '[{"note": "ada@example.org"}, {"cut": "of',
    ]) {
      expect(looksSensitiveValue(value), JSON.stringify(value)).toBe(true)
    }
    for (const value of [['x'], { id: 1, name: 'Ada' }, '{"id": 1}', '[1, 2]', {}]) {
      expect(looksSensitiveValue(value), JSON.stringify(value)).toBe(false)
    }
  })

  test('do not tell a secret by their default', () => {
    expect(shownDefault({ name: 'api_key', default: "'abc'::text" })).toEqual({})
    expect(shownDefault({ name: 'contact', default: "'ada@example.org'::text" })).toEqual({})
    for (const column of [
      { name: 'status', default: "'new'::text" },
      { name: 'token', default: 'gen_random_uuid()' },
      { name: 'password', default: "''::text" },
    ])
      expect(shownDefault(column), column.name).toEqual({ default: column.default })
    expect(shownDefault({ name: 'id' })).toEqual({})
  })
})
