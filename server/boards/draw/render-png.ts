import { fontPaths } from '../fonts/font-file.ts'
import { hasGlyphs } from '../fonts/text-width.ts'

/**
 * Paints an SVG as PNG with the bundled font alone, so that every machine paints the same. Only a picture with characters that the
 * font lacks, such as East Asian ones and emoji, may take others from the machine.
 * @param scale pixels of the PNG per pixel of the SVG. Default 2.
 */
export async function renderPng(svg: string, scale = 2): Promise<Uint8Array> {
  const { renderAsync } = await import('@resvg/resvg-js')
  const text = svg.replace(/<[^>]*>/g, '')
  const image = await renderAsync(svg, {
    fitTo: { mode: 'zoom', value: scale },
    font: {
      fontFiles: Object.values(fontPaths).map((path) => path()),
      loadSystemFonts: !hasGlyphs(text),
      defaultFontFamily: 'Inter',
      sansSerifFamily: 'Inter',
      monospaceFamily: 'Inter',
    },
    logLevel: 'off',
  })
  return image.asPng()
}
