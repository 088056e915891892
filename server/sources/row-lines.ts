import { csvField } from '../envelope/csv-of-rows.ts'

/** A JSON text as people read it: strings without quotes, anything else as it is. */
export const plainText = (json: string): string => (isText(json) ? (JSON.parse(json) as string) : json)

export const isText = (json: string): boolean => json.charCodeAt(0) === 34

/** The header of CSV (RFC 4180). */
export const csvHead = (names: readonly string[]): string => names.map(csvField).join(',')

/** A row of JSON texts as a line of CSV; null is empty, and an empty string is quoted. */
export const csvLine = (cells: readonly string[]): string =>
  cells.map((cell) => (cell === 'null' ? '' : csvField(plainText(cell)))).join(',')

/** The header of a Markdown table, and the rule below it. */
export const markdownHead = (names: readonly string[]): readonly [string, string] => [
  `| ${names.map(markdownField).join(' | ')} |`,
  `|${' --- |'.repeat(names.length)}`,
]

/** A row of JSON texts as a line of a Markdown table; null is NULL, and a text of that word is quoted. */
export const markdownLine = (cells: readonly string[]): string => `| ${cells.map(markdownCell).join(' | ')} |`

const markdownCell = (cell: string): string => (cell === 'null' ? 'NULL' : cell === '"NULL"' ? cell : markdownField(plainText(cell)))

const markdownField = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replace(/\r\n|\r|\n/g, '<br>')
