/** What an engine says of a value it could not take: whole sentences, and never the value. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withoutValues } from '../../server/sources/without-values.ts'
import { type AnyEnvelope, type Door, httpDoors } from '../support/doors.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

let started: Started
let call: Door
beforeAll(async () => {
  started = await startDataface(
    `name: x\nsources:\n  duckdb: {type: csv, files: {t: node_modules/vega-datasets/data/airports.csv}}\n  postgres: {type: postgres, url: "{{ env_var('DB') }}"}\n`,
    { DB: postgresUrl('fixture', reader) },
  )
  call = httpDoors(started).inside as Door
})
afterAll(() => started?.close())

const values = [
  'hunter2',
  `it's hunter2`,
  `"hunter2" and "hunter2`,
  `'hunter2`,
  `first\nhunter2`,
  `"\nhunter2"\nhunter2`,
  `{"key": "hunter2`,
  `[1, hunter2`,
  `\\xhunter2`,
  `2020-13-45 hunter2`,
]
const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`
const casts: Readonly<Record<string, readonly string[]>> = {
  duckdb: [
    'v::INTEGER',
    'v::DATE',
    'v::TIMESTAMP',
    'v::UUID',
    'v::DECIMAL(9,2)',
    'v::BOOLEAN',
    'v::INTEGER[]',
    'v::STRUCT(a INTEGER)',
    'v::JSON',
    'v::BIT',
    'v::INTERVAL',
    "strptime(v, '%Y')",
    "json_extract(v, '$.a')",
    'timezone(v, now())',
  ],
  postgres: [
    'v::integer',
    'v::date',
    'v::timestamp',
    'v::uuid',
    'v::numeric',
    'v::boolean',
    'v::integer[]',
    'v::json',
    'v::jsonb',
    'v::bit(3)',
    'v::interval',
    'v::inet',
    "to_date(v, 'YYYY')",
    'v::tsquery',
    'to_tsquery(v)',
    'v::jsonpath',
    "to_ascii('a', v::name)",
    "is_normalized('a', v)",
    'date_trunc(v, now())',
    'timezone(v, now())',
    "encode('a', v)",
  ],
}

const said = ({ errors = [] }: AnyEnvelope): string => errors.map(({ message, hint }) => `${message} ${hint ?? ''}`).join(' ')

test.each(Object.entries(casts))('%s', async (source, expressions) => {
  let refused = 0
  for (const expression of expressions)
    for (const value of values) {
      const sql = `SELECT ${expression} FROM (SELECT ${quoted(value)} AS v) q`
      const answer = await call('execute_query', { source, sql })
      if (answer.success) continue
      refused++
      expect(answer.errors, sql).toMatchObject([{ code: 'SQL_ERROR' }])
      expect(said(answer), sql).not.toContain('hunter2')
      expect(answer.errors?.[0]?.message, sql).toMatch(/^[A-Z].*[\w)\]][.!]$/)
      expect(answer.errors?.[0]?.message, sql).not.toMatch(/:\s*[,.]|\s[.,]|"|(?<![a-z])'/)
    }
  expect(refused).toBeGreaterThan(100)
})

test.each([
  ["Can't pack nothing into a struct", "Can't pack nothing into a struct."],
  ["Bitstring doesn't fit inside of INTEGER", "Bitstring doesn't fit inside of INTEGER."],
  ["Alter column's type is only supported for tables", "Alter column's type is only supported for tables."],
  ["Type INT32 with value 4711 can't be cast to the destination type INT8", "Type INT32 can't be cast to the destination type INT8."],
  [
    "Type VARCHAR with value 'hunter2' can't be cast to the destination type DATE",
    "Type VARCHAR can't be cast to the destination type DATE.",
  ],
  ["Type VARCHAR with value 'it's hunter2's' can't be cast to the type DATE", "Type VARCHAR can't be cast to the type DATE."],
  ["It's not valid: 'hunter2", "It's not valid."],
  ["The value DATE's hunter2' is out of range", 'The value DATE is out of range.'],
])('an apostrophe within a word is no quote: %s', (said, shown) => {
  expect(withoutValues(said)).toBe(shown)
})

test('an engine is quoted with its apostrophes', async () => {
  const answer = await call('execute_query', { source: 'duckdb', sql: 'SELECT struct_pack()' })
  expect(answer.errors).toMatchObject([{ code: 'SQL_ERROR', message: "Can't pack nothing into a struct." }])
})
