/** Relative luminance of a hex colour, as WCAG 2 defines it: 0 for black, 1 for white. */
export function luminance(color: string): number {
  const [red, green, blue] = channels(color).map((channel) => {
    const share = channel / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Contrast of two colours as WCAG 2 defines it: 1 to 21; text needs 4.5. */
export function contrast(first: string, second: string): number {
  const [low, high] = [luminance(first), luminance(second)].sort((left, right) => left - right) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

/** Near-black or white, whichever reads better on a ground. */
export const textOn = (ground: string): string => (contrast('#14181f', ground) >= contrast('#ffffff', ground) ? '#14181f' : '#ffffff')

/** Red, green and blue of a hex colour of three to eight digits, 0 to 255. */
export function channels(color: string): [number, number, number] {
  const digits = color.slice(1)
  const full = digits.length < 6 ? [...digits].map((digit) => digit + digit).join('') : digits
  return [0, 2, 4].map((at) => Number.parseInt(full.slice(at, at + 2), 16)) as [number, number, number]
}

/** A colour between two, by share of the second. */
export function mixColors(first: string, second: string, share: number): string {
  const other = channels(second)
  const mixed = channels(first).map((channel, index) => Math.round(channel + ((other[index] as number) - channel) * share))
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}
