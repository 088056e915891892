import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The advances of a font, read from its file. */
export interface FontFile {
  readonly path: string
  /** Width of a character as a share of the font's size; undefined when the font has no glyph for it. */
  advance(codePoint: number): number | undefined
}

/** Reads the tables `cmap` (format 4 or 12) and `hmtx` of a TrueType file. Kerning is left out: it only narrows text. */
export function readFontFile(path: string): FontFile {
  const data = readFileSync(path)
  const tables = new Map<string, number>()
  for (let index = 0; index < data.readUInt16BE(4); index++) {
    const at = 12 + 16 * index
    tables.set(data.toString('latin1', at, at + 4), data.readUInt32BE(at + 8))
  }
  const table = (tag: string): number => {
    const offset = tables.get(tag)
    if (offset === undefined) throw new Error(`The font ${path} has no table ${tag}.`)
    return offset
  }
  const unitsPerEm = data.readUInt16BE(table('head') + 18)
  const metricCount = data.readUInt16BE(table('hhea') + 34)
  const metrics = table('hmtx')
  const glyphOf = readCharacterMap(data, table('cmap'))

  return {
    path,
    advance(codePoint) {
      const glyph = glyphOf(codePoint)
      if (glyph === 0) return undefined
      return data.readUInt16BE(metrics + 4 * Math.min(glyph, metricCount - 1)) / unitsPerEm
    },
  }
}

function readCharacterMap(data: Buffer, cmap: number): (codePoint: number) => number {
  const glyphs = new Map<number, number>()
  for (let index = 0; index < data.readUInt16BE(cmap + 2); index++) {
    const subtable = cmap + data.readUInt32BE(cmap + 8 + 8 * index)
    const format = data.readUInt16BE(subtable)
    if (format === 12) readGroups(data, subtable, glyphs)
    else if (format === 4) readSegments(data, subtable, glyphs)
  }
  return (codePoint) => glyphs.get(codePoint) ?? 0
}

function readGroups(data: Buffer, subtable: number, glyphs: Map<number, number>): void {
  for (let group = 0; group < data.readUInt32BE(subtable + 12); group++) {
    const at = subtable + 16 + 12 * group
    const first = data.readUInt32BE(at)
    for (let code = first; code <= data.readUInt32BE(at + 4); code++) glyphs.set(code, data.readUInt32BE(at + 8) + code - first)
  }
}

function readSegments(data: Buffer, subtable: number, glyphs: Map<number, number>): void {
  const doubled = data.readUInt16BE(subtable + 6)
  const [ends, starts] = [subtable + 14, subtable + 16 + doubled]
  const [deltas, offsets] = [starts + doubled, starts + 2 * doubled]
  for (let segment = 0; segment < doubled; segment += 2) {
    const first = data.readUInt16BE(starts + segment)
    const last = data.readUInt16BE(ends + segment)
    const delta = data.readUInt16BE(deltas + segment)
    const offset = data.readUInt16BE(offsets + segment)
    for (let code = first; code <= last && code !== 0xffff; code++) {
      const raw = offset === 0 ? code : data.readUInt16BE(offsets + segment + offset + 2 * (code - first))
      if (raw !== 0) glyphs.set(code, (raw + delta) & 0xffff)
    }
  }
}

const require = createRequire(import.meta.url)
const folder = '@expo-google-fonts/inter'

/** The files of the bundled font by weight: Inter, under the SIL Open Font License. */
export const fontPaths = {
  regular: () => require.resolve(`${folder}/400Regular/Inter_400Regular.ttf`),
  italic: () => require.resolve(`${folder}/400Regular_Italic/Inter_400Regular_Italic.ttf`),
  medium: () => require.resolve(`${folder}/500Medium/Inter_500Medium.ttf`),
  semibold: () => require.resolve(`${folder}/600SemiBold/Inter_600SemiBold.ttf`),
  bold: () => require.resolve(`${folder}/700Bold/Inter_700Bold.ttf`),
} as const
