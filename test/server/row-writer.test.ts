import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeCsvInJson } from '../../server/envelope/csv-of-rows.ts'
import { errorItem, type Fault } from '../../server/envelope/fault.ts'
import { JsonBytes } from '../../server/envelope/json-bytes.ts'
import { RowWriter } from '../../server/sources/row-writer.ts'

const limits = { maxRows: 10, maxBytes: 10_000, maxCellBytes: 1_000, timeoutMs: 1_000 }
const columns = [{ name: 'a' }, { name: 'b|"c"' }]

const write = (format: 'rows' | 'csv' | 'markdown', rows: string[][], changed: Partial<typeof limits> = {}) => {
  const writer = new RowWriter(format, columns, { ...limits, ...changed })
  const taken = rows.map((row) => writer.add([...row]))
  return { taken, ...writer.finish() }
}

const rows = [
  ['1', '"x"'],
  ['null', '"say \\"hi\\", you|me\\n"'],
  ['{"k":[1]}', '""'],
]

describe('rows are written', () => {
  test('as one JSON array of arrays', () => {
    const { rows: written, bytes, rowCount } = write('rows', rows)
    expect(written?.text).toBe('[[1,"x"],[null,"say \\"hi\\", you|me\\n"],[{"k":[1]},""]]')
    expect(rowCount).toBe(3)
    expect(bytes).toBeGreaterThanOrEqual(Buffer.byteLength(written?.text ?? ''))
  })

  test('as CSV by RFC 4180, null empty and the empty string quoted', () => {
    expect(write('csv', rows).text).toBe('a,"b|""c"""\n1,x\n,"say ""hi"", you|me\n"\n"{""k"":[1]}",""\n')
  })

  test('as a markdown table whose cells cannot break it, null apart from the empty string and from the word', () => {
    expect(
      write('markdown', [
        ['null', '"NULL"'],
        ['""', '"null"'],
      ]).text,
    ).toContain('| NULL | "NULL" |\n|  | null |\n')
    expect(write('markdown', rows).text).toBe(
      '| a | b\\|"c" |\n| --- | --- |\n| 1 | x |\n| NULL | say "hi", you\\|me<br> |\n| {"k":[1]} |  |\n',
    )
  })
})

describe('limits', () => {
  test('a result that just fits is not truncated', () => {
    expect(write('rows', rows, { maxRows: 3 })).toMatchObject({ taken: [true, true, true], rowCount: 3 })
    expect(write('rows', rows, { maxRows: 3 }).truncatedBy).toBeUndefined()
  })

  test('one row more is', () => {
    expect(write('rows', rows, { maxRows: 2 })).toMatchObject({ taken: [true, true, false], rowCount: 2, truncatedBy: 'rows' })
  })

  test('the byte limit cuts between rows', () => {
    const long = Array.from({ length: 5 }, () => ['1', `"${'é'.repeat(100)}"`])
    const result = write('rows', long, { maxBytes: 450 })
    expect(result).toMatchObject({ rowCount: 2, truncatedBy: 'bytes' })
    expect(Buffer.byteLength(result.rows?.text ?? '')).toBeLessThanOrEqual(450)
  })

  test('a single row beyond the byte limit is refused with a hint', () => {
    try {
      write('rows', [['1', `"${'x'.repeat(900)}"`]], { maxBytes: 500 })
      expect.unreachable()
    } catch (error) {
      expect(errorItem(error as Fault)).toMatchObject({ code: 'RESULT_TOO_LARGE', hint: expect.stringContaining('left(') })
    }
  })

  test('a long value is cut with a mark that gives its size, at a whole character', () => {
    const { rows: written, cutCells } = write('rows', [['1', `"${'é'.repeat(5_000)}"`]])
    expect(cutCells).toEqual([0])
    const [[, cell]] = JSON.parse(written?.text ?? '') as [[number, string]]
    expect(cell).toMatch(/^é+… \[cut: 10000 bytes\]$/)
    expect(Buffer.byteLength(JSON.stringify(cell))).toBeLessThanOrEqual(1_000)
  })

  test.each(['"', '\u0001', '\\', '😀', '数', 'aé'])('a cut value of %j stays within its limit, escapes counted', (part) => {
    for (const cap of [200, 201, 202, 203, 1_000]) {
      const { rows: written } = write('rows', [['1', JSON.stringify(part.repeat(3_000))]], { maxCellBytes: cap })
      const [[, cell]] = JSON.parse(written?.text ?? '') as [[number, string]]
      expect(Buffer.byteLength(JSON.stringify(cell))).toBeLessThanOrEqual(cap)
      const [head = '', mark] = cell.split('…')
      expect(mark).toMatch(/^ \[cut: \d+ bytes\]$/)
      expect(head.length).toBeGreaterThan(0)
      expect(part.repeat(3_000).startsWith(head) && head.isWellFormed()).toBe(true)
    }
  })
})

test('rows that were written as JSON become the CSV that they would have been written as', () => {
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: 'binary' }), fc.constantFrom('', ',', '"', '\\', 'a\r\nb', null))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.array(value, { minLength: 4, maxLength: 4 })), (width, whole) => {
      const rows = whole.map((row) => row.slice(0, width))
      const limits = { maxRows: 100, maxBytes: 1e9, maxCellBytes: 1e9, timeoutMs: 1 }
      const writer = new RowWriter('csv', [], limits)
      for (const row of rows) writer.add(row.map((cell) => JSON.stringify(cell)))
      const out = new JsonBytes()
      out.byte(34)
      writeCsvInJson(out, Buffer.from(JSON.stringify(rows)))
      out.byte(34)
      // The writer's header of no columns is an empty line.
      expect(`\n${JSON.parse(out.finish().toString()) as string}`).toBe(writer.finish().text)
    }),
    { numRuns: 1000 },
  )
})
