import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonBytes } from '../../server/envelope/json-bytes.ts'
import { createSplitter, type RowSink } from '../../server/sources/postgres/row-connection.ts'
import { builtinTypes } from '../../server/sources/postgres/types.ts'
import { createWireWriter } from '../../server/sources/postgres/wire-rows.ts'
import type { ResultFormat } from '../../server/sources/source.ts'

const limits = { maxRows: 1000, maxBytes: 1_000_000, maxCellBytes: 65_536, timeoutMs: 1_000 }

/** The body of a DataRow message behind its count. */
const fieldsOf = (values: readonly (string | Buffer | null)[]): Buffer =>
  Buffer.concat(
    values.flatMap((value) => {
      const bytes = value === null ? Buffer.alloc(0) : Buffer.from(value as string)
      const length = Buffer.alloc(4)
      length.writeInt32BE(value === null ? -1 : bytes.length)
      return [length, bytes]
    }),
  )

const message = (code: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head.write(code, 'latin1')
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const dataRow = (values: readonly (string | null)[]): Buffer => {
  const count = Buffer.alloc(2)
  count.writeUInt16BE(values.length)
  return message('D', Buffer.concat([count, fieldsOf(values)]))
}

const write = (
  oids: readonly number[],
  rows: readonly (readonly (string | Buffer | null)[])[],
  changed = {},
  format: ResultFormat = 'rows',
) => {
  const columns = oids.map((dataTypeID, index) => ({ name: `c${index}`, dataTypeID, dataTypeModifier: -1 }))
  const writer = createWireWriter({ format, columns, types: builtinTypes, limits: { ...limits, ...changed } })
  const taken = rows.map((row) => writer.add(fieldsOf(row), 0, row.length))
  return { taken, ...writer.finish() }
}

const [bool, int8, int4, text, float8, date, timestamp, timestamptz, numeric, jsonb] = [16, 20, 23, 25, 701, 1082, 1114, 1184, 1700, 3802]

test('text is escaped as JSON.stringify escapes it', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (parts) => {
      const whole = parts.map((part) => part.toWellFormed())
      const out = new JsonBytes(8)
      for (const part of whole) {
        const bytes = Buffer.from(part)
        out.byte(34)
        out.escaped(bytes, 0, bytes.length)
        out.byte(34)
      }
      expect(out.finish().toString()).toBe(whole.map((part) => JSON.stringify(part)).join(''))
    }),
    { examples: [[['\u0000\u0001\u001f\u007f"\\/\b\t\n\f\r\u2028é😀']], [['\u0001'.repeat(500)]]] },
  )
})

describe('values', () => {
  test.each([
    [bool, 't', 'true'],
    [bool, 'f', 'false'],
    [int4, '-12', '-12'],
    [int8, '9007199254740993', '"9007199254740993"'],
    [numeric, '0.10', '"0.10"'],
    [float8, '1.5', '1.5'],
    [float8, '-0', '-0'],
    [float8, '1e+15', '1000000000000000'],
    [float8, '0.3333333333333333', '0.3333333333333333'],
    [float8, 'NaN', '"NaN"'],
    [float8, '-Infinity', '"-Infinity"'],
    [date, '2026-01-31', '"2026-01-31"'],
    [date, '12026-01-31', '"+12026-01-31"'],
    [date, '0044-03-15 BC', '"-0043-03-15"'],
    [date, 'infinity', '"infinity"'],
    [timestamp, '2026-01-31 12:00:00.5', '"2026-01-31T12:00:00.5"'],
    [timestamp, '0044-03-15 12:00:00 BC', '"-0043-03-15T12:00:00"'],
    [timestamp, '-infinity', '"-infinity"'],
    [timestamptz, '2026-01-31 12:00:00+00', '"2026-01-31T12:00:00Z"'],
    [timestamptz, '2026-01-31 12:00:00+05:30', '"2026-01-31T12:00:00+05:30"'],
    [timestamptz, '2026-01-31 12:00:00-08', '"2026-01-31T12:00:00-08:00"'],
    [timestamptz, '0044-03-15 12:00:00+00 BC', '"-0043-03-15T12:00:00Z"'],
    [timestamptz, 'infinity', '"infinity"'],
    [jsonb, '{"a": [1, "x"]}', '{"a":[1,"x"]}'],
    [text, 'say "hi"\n', '"say \\"hi\\"\\n"'],
  ] as const)('of type %i: %s', (oid, sent, json) => {
    expect(write([oid], [[sent], [null]]).rows?.text).toBe(`[[${json}],[null]]`)
  })

  test('bytes that are no UTF-8 arrive as replacement characters, not as broken JSON', () => {
    const { rows } = write([text], [[Buffer.from([0x61, 0xff, 0x62])]])
    expect(JSON.parse(rows?.text ?? '')).toEqual([['a\ufffdb']])
  })
})

describe('limits', () => {
  const rows = [
    ['1', 'x'],
    ['2', null],
    ['3', 'z'],
  ] as const

  test('rows: the row beyond is not taken', () => {
    expect(write([int4, text], rows, { maxRows: 2 })).toMatchObject({ taken: [true, true, false], rowCount: 2, truncatedBy: 'rows' })
    expect(write([int4, text], rows, { maxRows: 3 }).truncatedBy).toBeUndefined()
  })

  test('bytes: exactly what fits', () => {
    const whole = write([int4, text], rows)
    expect(whole.bytes).toBe(Buffer.byteLength(whole.rows?.text ?? ''))
    expect(write([int4, text], rows, { maxBytes: whole.bytes }).truncatedBy).toBeUndefined()
    const cut = write([int4, text], rows, { maxBytes: whole.bytes - 1 })
    expect(cut).toMatchObject({ rowCount: 2, truncatedBy: 'bytes' })
    expect(cut.rows?.text).toBe('[[1,"x"],[2,null]]')
  })

  test('a long value is cut as it is in other formats', () => {
    const long = 'é'.repeat(5_000)
    const asRows = write([text], [[long]], { maxCellBytes: 1_000 })
    const asCsv = write([text], [[long]], { maxCellBytes: 1_000 }, 'csv')
    expect(asRows.cutCells).toEqual([0])
    expect(asCsv.text).toBe(`c0\n${(JSON.parse(asRows.rows?.text ?? '') as string[][])[0]?.[0]}\n`)
  })
})

describe('the stream of a session', () => {
  const stream = Buffer.concat([
    message('1', Buffer.alloc(0)),
    message('T', Buffer.from('columns')),
    dataRow(['a'.repeat(10), null]),
    dataRow(['b'.repeat(300), 'c']),
    dataRow(['c'.repeat(10), 'd']),
    message('C', Buffer.from('SELECT 2\0')),
    message('Z', Buffer.from('I')),
  ])
  const rest = Buffer.concat([message('T', Buffer.from('columns')), message('Z', Buffer.from('I'))])

  test('is split into rows and what pg must see, in order, however it is cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const seen: string[] = []
        const sink: RowSink = {
          maxFieldBytes: 100,
          maxRowBytes: 1_000,
          row(source, at, count, sizes = []) {
            const kept = source.readInt32BE(at)
            const next = source.readInt32BE(at + 4 + kept)
            seen.push(`row ${count} ${sizes[0] ?? kept} ${source.toString('latin1', at + 4, at + 14)} ${next}`)
            if (sizes.length > 0) expect([kept, sizes[1]]).toEqual([100, 1])
          },
          tooLong: () => expect.unreachable(),
        }
        let passed = Buffer.alloc(0)
        const take = createSplitter(
          () => sink,
          (data) => {
            passed = Buffer.concat([passed, data])
            seen.push('pass')
          },
        )
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.length]
        for (let i = 1; i < edges.length; i++) take(stream.subarray(edges[i - 1], edges[i]))
        expect(passed.equals(rest)).toBe(true)
        expect(seen.filter((event) => event !== 'pass')).toEqual([
          'row 2 10 aaaaaaaaaa -1',
          'row 2 300 bbbbbbbbbb 1',
          'row 2 10 cccccccccc 1',
        ])
        expect(seen.at(0)).toBe('pass')
        expect(seen.at(-1)).toBe('pass')
      }),
    )
  })

  test('goes to pg whole while there is no sink', () => {
    const passed: Buffer[] = []
    createSplitter(
      () => undefined,
      (data) => passed.push(data),
    )(stream)
    expect(Buffer.concat(passed).equals(stream)).toBe(true)
  })

  test.each([
    ['by its length alone', 1_000, 20],
    ['by what is kept of it', 50, 250],
  ])('a row beyond what is kept in memory is refused, %s', (_how, maxFieldBytes, arrived) => {
    let refused = 0
    const take = createSplitter(
      () => ({ maxFieldBytes, maxRowBytes: 100, row: () => {}, tooLong: () => refused++ }),
      () => {},
    )
    take(dataRow(Array(4).fill('x'.repeat(70))).subarray(0, arrived))
    expect(refused).toBe(1)
  })
})
