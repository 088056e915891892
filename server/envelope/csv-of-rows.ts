import type { JsonBytes } from './json-bytes.ts'

const [quote, comma, openBracket, backslash, closeBracket, openBrace, closeBrace] = [34, 44, 91, 92, 93, 123, 125]
const [letterN, letterR, letterU] = [110, 114, 117]
/** Runs up to this length are copied byte by byte, which beats a call into the engine. */
const shortRun = 48

/** RFC 4180; an empty string is quoted, so that it differs from null. */
export const csvField = (text: string): string => (text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/**
 * Writes rows, a JSON array of arrays in UTF-8, as CSV inside a JSON string: each field as `csvField` has it, null as
 * nothing. The escapes of a JSON text are those of the string around it, so texts are copied, and only quotes doubled.
 */
export const writeCsvInJson = (out: JsonBytes, rows: Buffer): void => {
  const end = rows.length - 1
  let from = 1
  let isInRow = false

  /** Writes up to the next value that must be read to be written. */
  const writePlain = (target: Buffer, start: number): number => {
    let at = start
    while (from < end) {
      const code = rows[from]
      if (!isInRow) {
        isInRow = code === openBracket
        from++
      } else if (code === closeBracket) {
        isInRow = false
        target[at++] = backslash
        target[at++] = letterN
        from++
      } else if (code === comma) {
        target[at++] = comma
        from++
      } else if (code === quote) {
        const form = formOf(rows, from + 1)
        if (form.isHard) return at
        at = form.isQuoted ? copyQuoted(rows, from + 1, form.end, target, at) : copyRun(rows, from + 1, form.end, target, at)
        from = form.end + 1
      } else if (code === openBracket || code === openBrace) return at
      else if (code === letterN) from += 'null'.length
      else {
        const until = endOfValue(rows, from)
        at = copyRun(rows, from, until, target, at)
        from = until
      }
    }
    return at
  }

  for (;;) {
    // A quote is two bytes in the rows, and four when it is doubled.
    out.fill((end - from) * 2 + 8, writePlain)
    if (from >= end) return
    const until = endOfValue(rows, from)
    const value = rows.toString('utf8', from, until)
    out.text(JSON.stringify(csvField(rows[from] === quote ? (JSON.parse(value) as string) : value)).slice(1, -1))
    from = until
  }
}

/** Where the text at `start` ends, whether its field has quotes, and whether it holds escapes that hide what they stand for. */
const formOf = (json: Buffer, start: number): { readonly end: number; readonly isQuoted: boolean; readonly isHard: boolean } => {
  let isQuoted = json[start] === quote
  let isHard = false
  let at = start
  for (; json[at] !== quote; at++) {
    if (json[at] === comma) isQuoted = true
    if (json[at] !== backslash) continue
    const escaped = json[++at]
    if (escaped === quote || escaped === letterN || escaped === letterR) isQuoted = true
    else if (escaped === letterU) isHard = true
  }
  return { end: at, isQuoted, isHard }
}

const copyRun = (source: Buffer, start: number, end: number, target: Buffer, at: number): number => {
  if (end - start > shortRun) source.copy(target, at, start, end)
  else for (let i = start; i < end; i++) target[at + i - start] = source[i] as number
  return at + end - start
}

/** Copies a text between quotes, each quote in it twice. */
const copyQuoted = (source: Buffer, start: number, end: number, target: Buffer, begin: number): number => {
  let at = begin
  target[at++] = backslash
  target[at++] = quote
  for (let i = start; i < end; i++) {
    const code = source[i] as number
    target[at++] = code
    if (code !== backslash) continue
    const escaped = source[++i] as number
    target[at++] = escaped
    if (escaped !== quote) continue
    target[at++] = backslash
    target[at++] = quote
  }
  target[at++] = backslash
  target[at++] = quote
  return at
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
