import type { JsonBytes } from './json-bytes.ts'

const [quote, comma, openBracket, backslash, closeBracket, openBrace, closeBrace] = [34, 44, 91, 92, 93, 123, 125]

/** RFC 4180; an empty string is quoted, so that it differs from null. */
export const csvField = (text: string): string => (text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/**
 * Writes rows, a JSON array of arrays in UTF-8, as CSV inside a JSON string: the form of `csvField`, null as nothing.
 * Plain values, which most are, are copied as they are.
 */
export const writeCsvInJson = (out: JsonBytes, rows: Buffer): void => {
  for (let at = 1; rows[at] === openBracket; ) {
    at++
    while (rows[at] !== closeBracket) {
      const end = endOfValue(rows, at)
      writeField(out, rows, at, end)
      at = end
      if (rows[at] !== comma) continue
      out.byte(comma)
      at++
    }
    out.text('\\n')
    at += rows[at + 1] === comma ? 2 : 1
  }
}

const writeField = (out: JsonBytes, json: Buffer, start: number, end: number): void => {
  const first = json[start]
  const isText = first === quote
  if (isText && isPlain(json, start + 1, end - 1)) out.copy(json, start + 1, end - 1)
  else if (isText || first === openBracket || first === openBrace) {
    const value = json.toString('utf8', start, end)
    out.text(JSON.stringify(csvField(isText ? (JSON.parse(value) as string) : value)).slice(1, -1))
  } else if (first !== letterN) out.copy(json, start, end)
}

/** Of the JSON values that are neither text nor nested, only null starts so. */
const letterN = 110

/** Whether the inside of a JSON string is the same as a field and in a JSON string. */
const isPlain = (json: Buffer, start: number, end: number): boolean => {
  for (let at = start; at < end; at++) if (json[at] === comma || json[at] === backslash) return false
  return end > start
}

/** Where the value at `start` ends: before the comma or bracket that follows it. */
const endOfValue = (json: Buffer, start: number): number => {
  let depth = 0
  for (let at = start; at < json.length; at++) {
    const code = json[at]
    if (code === quote) {
      for (at++; json[at] !== quote; at++) if (json[at] === backslash) at++
    } else if (code === openBracket || code === openBrace) depth++
    else if (depth === 0 && (code === comma || code === closeBracket)) return at
    else if (code === closeBracket || code === closeBrace) depth--
  }
  return json.length
}
