import { expect, test } from 'vitest'
import { formatTable } from '../../server/cli/format-table.ts'
import { cutText, textWidth } from '../../server/envelope/terminal-width.ts'

const plain = (width: number | undefined) => ({ width, paint: (_style: string, text: string) => text })

test('a table without a terminal is cut nowhere', () => {
  const long = 'x'.repeat(300)
  expect(
    formatTable(
      [{ title: 'a' }, { title: 'n', align: 'right' }],
      [
        [long, '1'],
        ['y', '22'],
      ],
      plain(undefined),
    ),
  ).toBe(`a${' '.repeat(299)}   n\n${'─'.repeat(60)}${' '.repeat(240)}  ──\n${long}   1\ny${' '.repeat(299)}  22\n`)
})

test('a table on a terminal is cut to its width, widest columns first', () => {
  const text = formatTable(
    [{ title: 'id', align: 'right' }, { title: 'note' }],
    [
      ['1', 'a note that goes on and on'],
      ['22', 'short'],
    ],
    plain(20),
  )
  expect(text).toBe(['id  note', '──  ────────────────', ' 1  a note that goe…', '22  short', ''].join('\n'))
  for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(20)
})

test('a table with more columns than the terminal holds is written as records', () => {
  const titles = Array.from({ length: 10 }, (_, index) => ({ title: `column_${index}` }))
  const text = formatTable(titles, [titles.map(({ title }) => `value of ${title}`)], plain(40))
  expect(text.split('\n')[1]).toBe('column_0  value of column_0')
  for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(40)
})

test('wide letters, emoji and combining marks take the columns they take', () => {
  expect(textWidth('日本語')).toBe(6)
  expect(textWidth('한글')).toBe(4)
  expect(textWidth('👩‍👩‍👧 x')).toBe(4)
  expect(textWidth('e\u0301')).toBe(1)
  expect(textWidth('ΑΒΓ Ж')).toBe(5)
  expect(cutText('日本語テキスト', 6)).toBe('日本…')
  expect(cutText('日本語', 6)).toBe('日本語')
})

test('control characters in data never reach the terminal', () => {
  const text = formatTable([{ title: 'a' }], [['\u001b[2Jgone\u0007\u202e'], ['two\nlines\tand']], plain(80))
  expect(text).not.toMatch(/[\u001b\u0007\u202e\t]/)
  expect(text).toContain('two↵lines and')
})
