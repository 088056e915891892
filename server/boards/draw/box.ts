import type { SidesStyle } from '../../../contracts/v1/board/style-parts.ts'

/** A place on the picture, in pixels. */
export interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A part of the picture: it tells how high it wants to be in a width, and then draws itself where it is put. */
export interface Box {
  /** What it asks for: pixels, or a share such as "50%". */
  readonly width?: number | string | undefined
  measure(width: number): number
  draw(place: Place): Promise<string>
}

/** Pixels of a size; a share is of the whole. Undefined when there is none. */
export function pixels(size: number | string | undefined, whole: number): number | undefined {
  if (size === undefined || typeof size === 'number') return size
  const number = Number.parseFloat(size)
  return size.trim().endsWith('%') ? (number / 100) * whole : number
}

/** Widths side by side: those that are asked for, then equal shares of what is left; all shrink when they ask for too much. */
export function shareWidths(boxes: readonly { readonly width?: number | string | undefined }[], room: number, gap: number): number[] {
  const free = Math.max(0, room - gap * (boxes.length - 1))
  const asked = boxes.map(({ width }) => pixels(width, free))
  const fixed = asked.reduce<number>((sum, width) => sum + (width ?? 0), 0)
  const open = asked.filter((width) => width === undefined).length
  const least = open * 80
  const shrink = fixed + least > free && fixed > 0 ? Math.max(0, free - least) / fixed : 1
  const share = open === 0 ? 0 : (free - fixed * shrink) / open
  return asked.map((width) => (width === undefined ? share : width * shrink))
}

/** One to four sides, as CSS writes them. */
export interface Sides {
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly left: number
}

export function readSides(sides: SidesStyle | undefined, fallback: number): Sides {
  if (typeof sides === 'object') {
    const { top = fallback, right = fallback, bottom = fallback, left = fallback } = sides
    return { top, right, bottom, left }
  }
  const [top = fallback, right = top, bottom = top, left = right] =
    sides === undefined ? [] : String(sides).split(' ').map(Number.parseFloat)
  return { top, right, bottom, left }
}
