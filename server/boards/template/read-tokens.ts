import { Refusal, TemplateFault, type TemplateText } from './template-fault.ts'

/** A word of an expression. `text` of a string is what it stands for. */
export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'symbol'
  readonly text: string
  readonly at: number
  readonly end: number
}

const pattern =
  /(?<space>\s+)|(?<name>[A-Za-z_]\w*)|(?<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<string>'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*")|(?<symbol>\*\*|\/\/|[=!<>]=|[-+*/%~<>=()[\]{},.:|])/y

/** The words between two offsets of a template. Throws a fault at a character that no expression has. */
export const readTokens = (template: TemplateText, start: number, end: number): Token[] => {
  const text = template.text.slice(0, end)
  const tokens: Token[] = []
  pattern.lastIndex = start
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex
    const groups = pattern.exec(text)?.groups
    if (groups === undefined) throw new TemplateFault(new Refusal(`${JSON.stringify(text[at])} has no meaning here.`), template, at)
    const { name, number, string, symbol } = groups
    const to = pattern.lastIndex
    if (name !== undefined) tokens.push({ kind: 'name', text: name, at, end: to })
    else if (number !== undefined) {
      if (!Number.isFinite(Number(number.replaceAll('_', ''))))
        throw new TemplateFault(new Refusal('The number is too large.'), template, at)
      tokens.push({ kind: 'number', text: number.replaceAll('_', ''), at, end: to })
    } else if (string !== undefined) tokens.push({ kind: 'string', text: decodeEscapes(string.slice(1, -1)), at, end: to })
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, at, end: to })
  }
  return tokens
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '\\': '\\', "'": "'", '"': '"', '\n': '' }

/** As in Python: an escape that is none stays as it is written. */
const decodeEscapes = (body: string): string =>
  body.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\s\S]))/g, (whole, byte?: string, unit?: string, char?: string) => {
    const code = byte ?? unit
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    return char !== undefined && Object.hasOwn(escapes, char) ? (escapes[char] as string) : whole
  })
