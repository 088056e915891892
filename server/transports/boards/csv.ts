import type { Rows } from '../../boards/compiled-board.ts'

/**
 * Rows as CSV (RFC 4180) with a header; null is empty, and an empty string is quoted. A text that a spreadsheet would run as a formula gets an apostrophe before it:
 * one that begins with = + - @, a tab or a line end, and is no number.
 */
export const csvOf = ({ columns, rows }: Rows): string =>
  [columns.map(({ name }) => name), ...rows]
    .map((row) => row.map(csvCell).join(','))
    .join('\r\n')
    .concat('\r\n')

const csvCell = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  if (value === '') return '""'
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  const safe = /^[=+\-@\t\r\n]/.test(text) && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
