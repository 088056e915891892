import { type FontFile, fontPaths, readFontFile } from './font-file.ts'

/** Family of all text: the bundled font, then what a machine that lacks it has. */
export const fontFamily = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

export const monospaceFamily = "ui-monospace, 'SF Mono', Menlo, Consolas, Inter, monospace"

/** How text is set. */
export interface TextFont {
  readonly size: number
  /** 400, 500, 600 or 700. Default 400. */
  readonly weight?: number
  readonly italic?: boolean
  readonly monospace?: boolean
}

type Weight = keyof typeof fontPaths

const files = new Map<Weight, FontFile>()
const widths = new Map<Weight, Map<string, number>>()

/** Width of a text in pixels, from the advances of the bundled font; the same on every machine. */
export function textWidth(text: string, font: TextFont): number {
  if (font.monospace) return [...text].length * 0.6 * font.size
  const weight = nearestWeight(font)
  let known = widths.get(weight)
  if (known === undefined) {
    known = new Map()
    widths.set(weight, known)
  }
  let total = 0
  for (const character of text) {
    let width = known.get(character)
    if (width === undefined) {
      width = characterWidth(character, weight)
      known.set(character, width)
    }
    total += width
  }
  return total * font.size
}

/** The characters of a text that the bundled font lacks, each once. */
export function lackingCharacters(text: string): string[] {
  const font = fontFile('regular')
  return [...new Set(text)].filter((character) => {
    const code = character.codePointAt(0) as number
    return code > 0x7e && !isInvisible(code) && font.advance(code) === undefined
  })
}

function characterWidth(character: string, weight: Weight): number {
  const code = character.codePointAt(0) as number
  if (isInvisible(code)) return 0
  return fontFile(weight).advance(code) ?? (isWide(code) ? 1 : 0.6)
}

function fontFile(weight: Weight): FontFile {
  let file = files.get(weight)
  if (file === undefined) {
    file = readFontFile(fontPaths[weight]())
    files.set(weight, file)
  }
  return file
}

function nearestWeight({ weight = 400, italic = false }: TextFont): Weight {
  if (weight >= 650) return 'bold'
  if (weight >= 550) return 'semibold'
  if (weight >= 450) return 'medium'
  return italic ? 'italic' : 'regular'
}

/** Controls, joiners, variation selectors and combining marks take no room of their own. */
const isInvisible = (code: number): boolean =>
  code < 0x20 ||
  (code >= 0x300 && code <= 0x36f) ||
  (code >= 0x200b && code <= 0x200f) ||
  (code >= 0xfe00 && code <= 0xfe0f) ||
  (code >= 0x1f3fb && code <= 0x1f3ff)

/** Characters that East Asian fonts and emoji fonts draw a full square wide. */
const isWide = (code: number): boolean =>
  (code >= 0x1100 && code <= 0x115f) ||
  (code >= 0x2600 && code <= 0x27bf) ||
  (code >= 0x2e80 && code <= 0xa4cf) ||
  (code >= 0xac00 && code <= 0xd7a3) ||
  (code >= 0xf900 && code <= 0xfaff) ||
  (code >= 0xfe30 && code <= 0xfe6f) ||
  (code >= 0xff00 && code <= 0xff60) ||
  (code >= 0xffe0 && code <= 0xffe6) ||
  (code >= 0x1f000 && code <= 0x1faff) ||
  (code >= 0x20000 && code <= 0x3fffd)
