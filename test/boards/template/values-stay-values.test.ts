/**
 * Whatever a value is, the statement stays the same, character by character: what a caller sends is a parameter. Shown for
 * values made to break out, in each place where a value can stand, and by what the parsers of both databases read.
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { loadModule, parseSync } from 'libpg-query'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bind, type Values } from './render.ts'
import { openSales, type Sales } from './sales.ts'

let sales: Sales
let duck: DuckDBConnection
beforeAll(async () => {
  await loadModule()
  duck = await (await DuckDBInstance.create(':memory:')).connect()
  sales = await openSales()
})
afterAll(async () => {
  await sales?.close()
  duck?.closeSync()
})

/** Texts made of what ends quotes, comments, statements and templates. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        "''",
        '"',
        '\\',
        "\\'",
        '$$',
        '$q$',
        '--',
        '/*',
        '*/',
        ';',
        '\n',
        '\r',
        ')',
        '(',
        ',',
        '$1',
        '?',
        '%',
        '_',
        '{{',
        '}}',
        '{%',
        '%}',
        '#}',
      ),
      fc.constantFrom(
        ' OR 1=1',
        ' UNION SELECT ',
        'DROP TABLE sales',
        "E'",
        "U&'\\0027",
        'NULL',
        "' || '",
        '\u2019',
        '\uff07',
        '\u02bc',
        '\u00a0',
        '\ufeff',
        '😀',
      ),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join('').replaceAll('\u0000', ''))
  .filter((value) => value.isWellFormed() && value !== '')

/** A statement for each place of a value `v` that is a text. */
const places = [
  'SELECT * FROM sales WHERE region = {{ v }}',
  "SELECT * FROM sales WHERE region = '{{ v }}'",
  "SELECT * FROM sales WHERE region LIKE '%{{ v }}%' AND region <> '''{{ v }}'''",
  "SELECT * FROM sales WHERE region = E'\\'{{ v }}\\\\' AND id > 0",
  'SELECT * FROM sales WHERE region = $q$ {{ v }} $q$ AND region = $${{ v }}$$',
  "SELECT * FROM sales WHERE day > date '{{ v }}' - interval '{{ v }} days'",
  'SELECT id /* {{ v }} /* {{ v }} */ */, region -- {{ v }}\n FROM sales WHERE id < 3',
  'SELECT * FROM sales WHERE region IN ({{ [v, v] }}) OR region IN {{ [v] }} LIMIT {{ v }}',
  "SELECT * FROM sales WHERE {{ filter('region', v) }} AND {{ filter('sales.region', [v, v], '!=') }} AND {{ filter('region', v, 'like') }}",
  "SELECT concat('{{ v }}', region), coalesce(region, '{{ v }}'), '{{ v }}' IS NULL FROM sales GROUP BY region, coalesce(region, '{{ v }}')",
  "SELECT {{ v | upper }}, '{{ 'a' ~ v ~ 'b' }}', {{ v | replace('a', v) }} FROM sales",
  "{% set w = v ~ v %}SELECT * FROM {{ queries.inner }} WHERE region = '{{ w }}' {% for x in [v, w] %}OR region = '{{ x }}'{% endfor %}",
]
const queries = { inner: "SELECT * FROM sales WHERE region = '{{ v }}' OR region = {{ v }}" }

const statementOf = (template: string, values: Values, dialect: 'postgres' | 'duckdb') => bind(template, values, { queries, dialect })

const withoutPlaces = (tree: unknown): unknown =>
  JSON.parse(JSON.stringify(tree, (key, value) => (/location$|_len$/.test(key) ? undefined : value)))

describe.each(places)('%s', (template) => {
  test('is one and the same statement for every value, to Postgres', () => {
    const plain = statementOf(template, { v: 'plain' }, 'postgres')
    const tree = withoutPlaces(parseSync(plain.sql))
    fc.assert(
      fc.property(hostile, (v) => {
        const { sql, params } = statementOf(template, { v }, 'postgres')
        expect(sql).toBe(plain.sql)
        expect(withoutPlaces(parseSync(sql))).toEqual(tree)
        expect(params).toHaveLength(plain.params.length)
        expect(params.every((param) => typeof param === 'string')).toBe(true)
      }),
    )
  })

  test('is one and the same statement for every value, to DuckDB', async () => {
    const plain = statementOf(template, { v: 'plain' }, 'duckdb')
    const reader = await duck.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [plain.sql])
    expect(JSON.parse(String(reader.getRows()[0]?.[0]))).toMatchObject({ error: false })
    fc.assert(fc.property(hostile, (v) => statementOf(template, { v }, 'duckdb').sql === plain.sql))
  })
})

describe.each(['postgres', 'duckdb'] as const)('%s', (dialect) => {
  test('a value comes back from every kind of quotes as it was sent', async () => {
    const template =
      "SELECT '{{ v }}', 'a{{ v }}''b', E'\\x61{{ v }}\\'b', $q$a{{ v }}'b$q$, {{ v }} || '', '{{ v }}' || '', concat('a', {{ v }}, '''b')"
    await fc.assert(
      fc.asyncProperty(hostile, async (v) => {
        // The driver of DuckDB drops the byte order mark that a text begins with, when it reads it.
        fc.pre(!v.startsWith('\ufeff'))
        const answer = await sales.ask(dialect, template, { v })
        const wrapped = `a${v}'b`
        expect(answer.refusal).toBeUndefined()
        expect(answer.rows).toEqual([[v, wrapped, wrapped, wrapped, v, v, wrapped]])
      }),
      { numRuns: 40 },
    )
  })
})
