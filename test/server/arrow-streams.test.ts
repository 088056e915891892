import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { DataType, type Decimal, RecordBatchReader, Table, type Vector } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { executeQuery } from '../../contracts/v1/tools/execute-query.ts'
import { canonicalTypes } from '../../contracts/v1/values.ts'
import { openArrowStream } from '../../server/envelope/arrow/arrow-stream.ts'
import type { AnyEnvelope } from '../support/doors.ts'
import { oddFloats } from '../support/odd-floats.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { root } from '../support/project-files.ts'
import { postForStream, readNdjson } from '../support/read-stream.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'
import { valueCases } from '../support/value-cases.ts'

const airports = '{ type: csv, files: { airports: node_modules/vega-datasets/data/airports.csv }'
let started: Started
beforeAll(async () => {
  started = await startDataface(
    `name: arrows\nsources:\n  postgres: { type: postgres, url: "{{ env_var('URL') }}" }\n  duckdb: ${airports} }\n  postgres_small: { type: postgres, url: "{{ env_var('URL') }}", limits: { stream_rows: 100 } }\n  duckdb_small: ${airports}, limits: { stream_rows: 100 } }\n`,
    { URL: postgresUrl('fixture', reader) },
  )
})
afterAll(() => started?.close())

const ask = (input: unknown) => postForStream(started.url, input, 'application/vnd.apache.arrow.stream')

interface ReadArrow {
  readonly table: Table
  readonly trailer: AnyEnvelope
}

const readArrow = async (response: Response): Promise<ReadArrow> => {
  const reader = RecordBatchReader.from(new Uint8Array(await response.arrayBuffer()))
  const batches = [...reader]
  const last = batches.at(-1)
  if (last?.numRows !== 0) throw new Error('the last batch has rows')
  return { table: new Table(batches), trailer: JSON.parse(last.metadata.get('dataface') as string) as AnyEnvelope }
}

const iso = (units: bigint, digits: number): string => {
  if (units === 9_223_372_036_854_775_807n) return 'infinity'
  if (units === -9_223_372_036_854_775_807n) return '-infinity'
  const scale = 10n ** BigInt(digits)
  const fraction = ((units % scale) + scale) % scale
  const seconds = Number((units - fraction) / scale)
  const text = new Date(seconds * 1000)
    .toISOString()
    .slice(0, -5)
    .replace(/^([+-])0+(?=\d{4})/, '$1')
  return fraction === 0n ? text : `${text}.${String(fraction).padStart(digits, '0').replace(/0+$/, '')}`
}

const shortest = (float: number): number =>
  [7, 8].map((digits) => Number(float.toPrecision(digits))).find((number) => Math.fround(number) === float) ?? Number(float.toPrecision(9))

/** What an Arrow value is in the JSON of any other answer, read from the raw buffers where the library would round. */
const jsonOf = (vector: Vector, index: number): unknown => {
  const { type } = vector
  if (!vector.isValid(index)) return null
  const raw = () => {
    const data = vector.data[0] as { values: BigInt64Array | Int32Array; offset: number }
    return data.values[index]
  }
  if (DataType.isDecimal(type)) {
    const words = new BigInt64Array(Uint32Array.from(vector.get(index) as Uint32Array).buffer)
    const unscaled = ((words[1] as bigint) << 64n) | BigInt.asUintN(64, words[0] as bigint)
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart((type as Decimal).scale + 1, '0')
    const point = digits.length - (type as Decimal).scale
    return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${point < digits.length ? `.${digits.slice(point)}` : ''}`
  }
  if (DataType.isInt(type)) return type.bitWidth === 64 ? String(vector.get(index)) : vector.get(index)
  if (DataType.isFloat(type)) {
    const value = vector.get(index) as number
    return Number.isFinite(value) ? (type.precision === 1 ? shortest(value) : value) : String(value)
  }
  if (DataType.isDate(type)) {
    const days = raw() as number
    if (Math.abs(days) === 2_147_483_647) return days > 0 ? 'infinity' : '-infinity'
    const text = new Date(days * 86_400_000).toISOString().slice(0, -14)
    return text.replace(/^([+-])0+(?=\d{4})/, '$1')
  }
  if (DataType.isTime(type)) return iso(raw() as bigint, type.unit === 3 ? 9 : 6).slice(11)
  if (DataType.isTimestamp(type)) {
    const text = iso(raw() as bigint, type.unit === 3 ? 9 : 6)
    return type.timezone === 'UTC' && !text.endsWith('infinity') ? `${text}Z` : text
  }
  if (DataType.isBinary(type)) return Buffer.from(vector.get(index) as Uint8Array).toString('base64')
  if (DataType.isList(type)) {
    const items = vector.get(index) as Vector
    return Array.from({ length: items.length }, (_, at) => jsonOf(items, at))
  }
  return vector.get(index)
}

/** What Arrow has no place for; see "a value that its Arrow type cannot hold". */
const unfit = "CAST('{{1,2},{3,4}}' AS int[])"

describe.each(['postgres', 'duckdb'] as const)('Arrow from %s', (source) => {
  test.each(valueCases.filter((one) => one[source] !== 'none' && one[source] !== unfit))(`holds $${source} as NDJSON does`, async (one) => {
    const sql = `SELECT ${one[source]} AS v`
    const { table, trailer } = await readArrow(await ask({ source, sql }))
    expect(trailer).toMatchObject({ success: true, data: { row_count: 1, columns: [{ name: 'v', type: one.type }] } })
    const field = table.schema.fields[0]
    const isJson = field?.metadata.get('ARROW:extension:name') === 'arrow.json'
    const value = jsonOf(table.getChildAt(0) as Vector, 0)
    expect(isJson ? JSON.parse(value as string) : value).toEqual(JSON.parse(one.json))
    expect(field?.metadata.get('dataface.type')).toBe(one.type)
  })

  test('holds every row, in many batches, and the true count at the end', async () => {
    const sql =
      "SELECT CAST(g AS bigint) AS n, CASE WHEN g % 3 = 0 THEN NULL ELSE 'čaj ' || g END AS t, g % 2 = 0 AS b, CAST(g AS numeric(12,2)) AS d FROM generate_series(1, 20000) s(g) ORDER BY 1"
    const response = await ask({ source, sql })
    expect(response.headers.get('content-type')).toBe('application/vnd.apache.arrow.stream')
    const { table, trailer } = await readArrow(response)
    expect(table.batches.length).toBeGreaterThan(5)
    const plain = await readNdjson(await postForStream(started.url, { source, sql }, 'application/x-ndjson'))
    const rows = table.batches.flatMap((batch) =>
      Array.from({ length: batch.numRows }, (_, row) =>
        batch.schema.fields.map((_field, column) => jsonOf(batch.getChildAt(column) as Vector, row)),
      ),
    )
    expect(rows).toEqual(plain.rows)
    expect(trailer.data).toMatchObject({ row_count: 20_000, truncated: false, bytes: plain.trailer.data?.bytes })
    expect(executeQuery.output.strict().safeParse(trailer.data).error).toBeUndefined()
  })

  test('that a limit cuts says so at the end', async () => {
    const { table, trailer } = await readArrow(await ask({ source: `${source}_small`, sql: 'SELECT g FROM generate_series(1, 101) s(g)' }))
    expect(table.numRows).toBe(100)
    expect(trailer.data).toMatchObject({ row_count: 100, truncated: true, truncated_by: 'rows' })
  })

  test('holds 32-bit floats to the last bit, alone and in lists', async () => {
    const floats = oddFloats(500)
    const list = source === 'postgres' ? `CAST('{${floats}}' AS double precision[])` : `CAST([${floats}] AS DOUBLE[])`
    const alone = await readArrow(await ask({ source, sql: `SELECT CAST(v AS real) AS v FROM unnest(${list}) u(v)` }))
    expect(Array.from(alone.table.getChildAt(0)?.toArray() as Float32Array)).toEqual(floats)
    const array = await readArrow(await ask({ source, sql: `SELECT CAST(${list} AS real[]) AS v` }))
    expect(Array.from((array.table.getChildAt(0) as Vector).get(0).toArray() as Float32Array)).toEqual(floats)
  })

  test('of no rows has its schema', async () => {
    const { table } = await readArrow(await ask({ source, sql: 'SELECT 1 AS a, 2 AS a WHERE 1 = 0' }))
    expect([table.numRows, table.schema.fields.map((field) => [field.name, String(field.type)])]).toEqual([
      0,
      [
        ['a', 'Int32'],
        ['a', 'Int32'],
      ],
    ])
  })

  test('that fails before its first row is the answer that any call gets', async () => {
    const response = await ask({ source, sql: 'SELECT nope' })
    expect([response.status, await response.json()]).toMatchObject([422, { errors: [{ code: 'SQL_ERROR' }] }])
  })

  test('that fails later breaks off, with the reason in its last batch', async () => {
    const sql = "SELECT CAST(CASE WHEN g = 900000 THEN 'x' ELSE '1' END AS integer) AS n FROM generate_series(1, 1000000) s(g)"
    const response = await ask({ source, sql })
    expect(response.status).toBe(200)
    const chunks: Uint8Array[] = []
    const reading = (async () => {
      for await (const chunk of response.body as ReadableStream<Uint8Array>) chunks.push(chunk)
    })()
    await expect(reading).rejects.toThrow('terminated')
    const bytes = Buffer.concat(chunks)
    const last = [...RecordBatchReader.from(bytes)].at(-1)
    expect(JSON.parse(last?.metadata.get('dataface') as string)).toMatchObject({ success: false, errors: [{ code: 'SQL_ERROR' }] })
    expect(bytes.subarray(-8)).not.toEqual(Buffer.from([255, 255, 255, 255, 0, 0, 0, 0]))
    expect(started.logged.filter((line) => line.includes('"level":"error"'))).toEqual([])
  })
})

test('a value that its Arrow type cannot hold is an error with a way out', async () => {
  for (const sql of ["SELECT CAST('{{1},{2}}' AS int[]) AS v", "SELECT CAST('NaN' AS numeric(5,2)) AS v"]) {
    const response = await ask({ source: 'postgres', sql })
    const chunks: Uint8Array[] = []
    try {
      for await (const chunk of response.body as ReadableStream<Uint8Array>) chunks.push(chunk)
    } catch {}
    const [last] = [...RecordBatchReader.from(Buffer.concat(chunks))]
    expect(JSON.parse(last?.metadata.get('dataface') as string)).toMatchObject({
      success: false,
      errors: [{ code: 'SQL_ERROR', message: expect.stringContaining('"v"'), hint: expect.stringContaining('Cast') }],
    })
  }
})

describe('the types', () => {
  const typeOf = (type: keyof typeof canonicalTypes, database_type: string): string => {
    const { head } = openArrowStream([{ name: 'v', type, database_type }])
    const reader = RecordBatchReader.from(Buffer.concat([head, Buffer.from([255, 255, 255, 255, 0, 0, 0, 0])])).open()
    return String(reader.schema.fields[0]?.type)
  }

  test.each([
    ['integer', 'smallint', 'Int32'],
    ['integer', 'oid', 'Uint32'],
    ['integer', 'a domain', 'Int64'],
    ['bigint', 'BIGINT', 'Int64'],
    ['bigint', 'UBIGINT', 'Uint64'],
    ['bigint', 'HUGEINT', 'Utf8'],
    ['decimal', 'numeric', 'Utf8'],
    ['decimal', 'numeric(38,10)', 'Decimal[38e+10]'],
    ['decimal', 'numeric(40,2)', 'Utf8'],
    ['decimal', 'numeric(5,-2)', 'Utf8'],
    ['float', 'real', 'Float32'],
    ['float', 'double precision', 'Float64'],
    ['timestamp', 'timestamp(3) without time zone', 'Timestamp<MICROSECOND>'],
    ['timestamp', 'TIMESTAMP_NS', 'Timestamp<NANOSECOND>'],
    ['timestamptz', 'TIMESTAMP WITH TIME ZONE', 'Timestamp<MICROSECOND, UTC>'],
    ['array', 'integer[]', 'List<Int32>'],
    ['array', 'INTEGER[3][]', 'List<List<Int32>>'],
    ['array', 'DECIMAL(12,2)[]', 'List<Decimal[12e+2]>'],
    ['array', 'timestamp(3) without time zone[]', 'List<Timestamp<MICROSECOND>>'],
    ['array', 'STRUCT(a INTEGER)[]', 'Utf8'],
    ['struct', 'STRUCT(a INTEGER[])', 'Utf8'],
  ] as const)('%s, %s: %s', (type, databaseType, arrow) => {
    expect(typeOf(type, databaseType)).toBe(arrow)
  })

  test('are all on the page', () => {
    const page = readFileSync(resolve(root, 'docs/streaming.md'), 'utf8')
    const listed = [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| [A-Z]/gm)].flatMap((row) =>
      [...(row[1] as string).matchAll(/`(\w+)`/g)].map((name) => name[1]),
    )
    expect(listed.sort()).toEqual(Object.keys(canonicalTypes).sort())
  })
})
