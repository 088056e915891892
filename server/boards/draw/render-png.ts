import { Fault } from '../../envelope/fault.ts'
import { fontPaths } from '../fonts/font-file.ts'
import { lackingCharacters } from '../fonts/text-width.ts'
import { paintAside } from './paint-aside.ts'

/**
 * Paints an SVG as PNG with the bundled font alone, so that every machine paints the same. Only a picture with characters that the
 * font lacks, such as East Asian ones and emoji, may take others from the machine.
 * @param wanted pixels of the PNG per pixel of the SVG, default 2; fewer where the picture would be too large to be painted soon.
 * @param lacking characters of it that the bundled font lacks, where they are known.
 * Throws RESULT_TOO_LARGE for one that is too large at any, or that the engine cannot paint.
 */
export async function renderPng(svg: string, wanted = 2, lacking: readonly string[] = charactersLacking(svg)): Promise<Uint8Array> {
  const scale = scaleOf(svg, wanted)
  return paintAside({
    svg: flattened(svg),
    options: {
      fitTo: { mode: 'zoom', value: scale },
      font: {
        fontFiles: Object.values(fontPaths).map((path) => path()),
        loadSystemFonts: lacking.length > 0,
        defaultFontFamily: 'Inter',
        sansSerifFamily: 'Inter',
        monospaceFamily: 'Inter',
      },
      logLevel: 'off',
    },
  })
}

/**
 * The same picture with the opacity of a shape as that of its fill and its stroke: to the engine the other one is a layer, and
 * a layer that lies outside the picture ends its process, which then has no picture to give.
 */
const flattened = (svg: string): string =>
  svg.replace(/<(?:path|line|text|rect|circle)\b[^>]*>/g, (tag) => {
    const [written = '', opacity] = / opacity="([^"]*)"/.exec(tag) ?? []
    if (opacity === undefined) return tag
    const shown = ['fill-opacity', 'stroke-opacity'].map((name) => {
      const own = new RegExp(` ${name}="([^"]*)"`).exec(tag)
      return { name, own: own?.[0] ?? '', value: Number(opacity) * Number(own?.[1] ?? 1) }
    })
    const bare = shown.reduce((rest, { own }) => rest.replace(own, ''), tag.replace(written, ''))
    const attributes = shown.map(({ name, value }) => (value === 1 ? '' : ` ${name}="${value}"`)).join('')
    return bare.replace(/^<[a-z]+/, (start) => start + attributes)
  })

/** The characters in the texts of an SVG that the bundled font lacks. */
export const charactersLacking = (svg: string): string[] => lackingCharacters(svg.replace(/<[^>]*>/g, ''))

/** Pixels of a PNG at most. */
const mostPixels = 40_000_000

function scaleOf(svg: string, wanted: number): number {
  const size = (name: string): number => Number(new RegExp(`^<svg[^>]*?\\s${name}="([\\d.]+)"`).exec(svg)?.[1] ?? 0)
  const area = size('width') * size('height')
  if (area > mostPixels)
    throw new Fault('RESULT_TOO_LARGE', 'The picture is too large to be painted.', { hint: 'Ask for one chart, for svg, or for text.' })
  return area * wanted * wanted > mostPixels ? 1 : wanted
}
