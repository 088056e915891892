import type { QuoteStyle } from './sql-tokens.ts'
import { hole } from './sql-tokens.ts'
import { Refusal } from './template-fault.ts'

/** The text that the body of a literal stands for; holes stay. Throws a refusal for what the databases refuse too. */
export const decodeLiteral = (body: string, style: QuoteStyle): string => {
  switch (style) {
    case 'plain':
      return body.replaceAll("''", "'")
    case 'dollar':
      return body
    case 'escape':
      return body.replace(escaped, (_, ...groups) => decodeEscape(groups.at(-1) as Record<string, string | undefined>))
    case 'unicode':
      return body.replace(unicode, (_, ...groups) => decodeUnicode(groups.at(-1) as Record<string, string | undefined>))
    case 'bits':
      throw new Refusal('A value cannot be part of a text of bits.', { code: 'TEMPLATE_POSITION' })
  }
}

const escaped =
  /''|\\(?:x(?<byte>[0-9a-fA-F]{1,2})|(?<octal>[0-7]{1,3})|u(?<unit>[0-9a-fA-F]{4})|U(?<point>[0-9a-fA-F]{8})|(?<char>[\s\S]))/g

const controls: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

const decodeEscape = ({ byte, octal, unit, point, char }: Record<string, string | undefined>): string => {
  const code = byte ?? unit ?? point
  if (code !== undefined) return fromCode(Number.parseInt(code, 16))
  if (octal !== undefined) return fromCode(Number.parseInt(octal, 8))
  if (char === hole) throw new Refusal('A value cannot follow a backslash.', { code: 'TEMPLATE_POSITION' })
  return char === undefined ? "'" : (controls[char] ?? char)
}

const unicode = /''|\\(?:(?<unit>[0-9a-fA-F]{4})|\+(?<point>[0-9a-fA-F]{6})|(?<char>[\s\S]?))/g

const decodeUnicode = ({ unit, point, char }: Record<string, string | undefined>): string => {
  const code = unit ?? point
  if (code !== undefined) return fromCode(Number.parseInt(code, 16))
  if (char === undefined) return "'"
  if (char === '\\') return char
  throw new Refusal("An escape in U&'…' is a backslash and four digits.")
}

/** Characters that no text of a database holds stay out. */
const fromCode = (code: number): string => {
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new Refusal('An escape stands for no character.')
  return String.fromCodePoint(code)
}
