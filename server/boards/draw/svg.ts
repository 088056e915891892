import { fontFamily, monospaceFamily, type TextFont } from '../fonts/text-width.ts'
import { withoutControls } from '../without-controls.ts'

type Attributes = Readonly<Record<string, string | number | undefined>>

/** An element of SVG. Attributes and text are escaped here and nowhere else; children are SVG already. */
export function element(name: string, attributes: Attributes, children = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escapeXml(value as string)}"`)
    .join('')
  return children === '' ? `<${name}${written}/>` : `<${name}${written}>${children}</${name}>`
}

/** Two decimals are finer than any screen, and keep the same bytes everywhere. */
export const round = (value: number): string => String(Math.round(value * 100) / 100 || 0)

/** Text as XML can hold it: control characters and halves of characters are left out. */
export const escapeXml = (text: string): string =>
  withoutControls(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

export interface TextStyle extends TextFont {
  readonly color: string
  readonly align?: 'left' | 'center' | 'right'
  /** Digits of one width, for columns of numbers. */
  readonly isTabular?: boolean
  readonly underline?: boolean
  readonly struck?: boolean
}

/** One line of text. `y` is its baseline; `x` is its left edge, its middle or its right edge, as it is aligned. */
export function textElement(text: string, x: number, y: number, style: TextStyle): string {
  const { size, weight = 400, italic, monospace, color, align = 'left', isTabular, underline, struck } = style
  return element(
    'text',
    {
      x,
      y,
      fill: color,
      'font-size': size,
      'font-weight': weight === 400 ? undefined : weight,
      'font-style': italic ? 'italic' : undefined,
      'font-family': monospace ? monospaceFamily : undefined,
      'text-anchor': align === 'center' ? 'middle' : align === 'right' ? 'end' : undefined,
      'text-decoration': underline ? 'underline' : struck ? 'line-through' : undefined,
      style: isTabular ? "font-feature-settings:'tnum'" : undefined,
    },
    escapeXml(text),
  )
}

/** The right, centre or left of a box, for text that is aligned in it. */
export const alignedX = (align: 'left' | 'center' | 'right', x: number, width: number): number =>
  align === 'left' ? x : align === 'center' ? x + width / 2 : x + width

export interface SvgOptions {
  readonly width: number
  readonly height: number
  readonly background: string | undefined
  /** Said by screen readers. */
  readonly label: string
}

/** A whole document. */
export function svgDocument(body: string, { width, height, background, label }: SvgOptions): string {
  const fill = background === undefined ? '' : element('rect', { width, height, fill: background })
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      'xmlns:xlink': 'http://www.w3.org/1999/xlink',
      width,
      height,
      viewBox: `0 0 ${round(width)} ${round(height)}`,
      'font-family': fontFamily,
      role: 'img',
      'aria-label': label,
    },
    fill + body,
  )
}

/** A picture within a picture. Its ids get the prefix, so that two of them never share one. */
export function nestSvg(
  picture: { readonly body: string; readonly width: number; readonly height: number },
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  prefix: string,
): string {
  const ids = new Map<string, string>()
  for (const [, id] of picture.body.matchAll(/\bid="([^"]+)"/g)) ids.set(id as string, `${prefix}-${ids.size}`)
  const body =
    ids.size === 0
      ? picture.body
      : picture.body
          .replace(/\bid="([^"]+)"/g, (_, id: string) => `id="${ids.get(id)}"`)
          .replace(/url\(#([^)]+)\)/g, (whole, id: string) => (ids.has(id) ? `url(#${ids.get(id)})` : whole))
          .replace(/href="#([^"]+)"/g, (whole, id: string) => (ids.has(id) ? `href="#${ids.get(id)}"` : whole))
  return element(
    'svg',
    {
      x: box.x,
      y: box.y,
      width: box.width,
      height: box.height,
      viewBox: `0 0 ${round(picture.width)} ${round(picture.height)}`,
      preserveAspectRatio: 'xMinYMin meet',
      overflow: 'visible',
    },
    body,
  )
}
