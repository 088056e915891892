export const encodeDouble = (number: number): string =>
  Number.isFinite(number) ? (Object.is(number, -0) ? '-0' : String(number)) : `"${number}"`

/** Decimal digits that every 32-bit float of full precision keeps. */
const keptDigits = 6
const leastFullPrecision = 2 ** -126

/**
 * A 32-bit float as the shortest decimal that reads back as the same one: of several the closest, of two as close the even
 * one. PostgreSQL chooses the same (Ryu, its src/common/f2s.c).
 */
export const encodeFloat = (number: number): string => {
  // Whole numbers of 24 bits are their own shortest form.
  if ((Number.isInteger(number) && Math.abs(number) <= 2 ** 24) || !Number.isFinite(number)) return encodeDouble(number)
  const size = Math.abs(number)
  const exponent = Math.floor(Math.log10(size))
  for (let digits = size < leastFullPrecision ? 1 : keptDigits; ; digits++) {
    const places = digits - 1 - exponent
    const scaled = roundAt(size, digits, places)
    let short = unscale(scaled, places)
    // Under a power of two floats lie closer together: the closest decimal may miss where the next one above does not.
    if (short < size && !readsBack(short, size)) short = unscale(scaled + 1, places)
    if (readsBack(short, size)) return number < 0 ? `-${short}` : String(short)
  }
}

/** Places by which a 32-bit float is scaled without rounding: 24 bits and the 28 of 5 ** 12 fit a double. */
const exactPlaces = 12
/** The powers of ten that a double holds exactly. */
const powersOfTen = Array.from({ length: 23 }, (_, power) => 10 ** power)

/** The whole number closest to `size` times ten to the power of `places`; it has `digits` digits, or is the power of ten behind them. */
const roundAt = (size: number, digits: number, places: number): number => {
  if (places < 0 || places > exactPlaces) {
    // No 32-bit float lies half-way between two decimals of these places.
    const [mantissa = '', power] = size.toExponential(digits - 1).split('e')
    const scaled = Number(mantissa.replace('.', ''))
    return Number(power) + places === digits - 1 ? scaled : scaled * 10
  }
  const scaled = size * (powersOfTen[places] as number)
  const below = Math.floor(scaled)
  const rest = scaled - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}

/** The double closest to `scaled` divided by ten to the power of `places`. */
const unscale = (scaled: number, places: number): number => {
  const power = powersOfTen[Math.abs(places)]
  if (power === undefined) return Number(`${scaled}e${-places}`)
  return places < 0 ? scaled * power : scaled / power
}

/** Whether a decimal is read as this float by any rule of rounding: one half-way to the next float is not. */
const readsBack = (short: number, size: number): boolean => {
  if (Math.fround(short) !== size) return false
  const mirrored = 2 * short - size
  return mirrored === size || Math.fround(mirrored) !== mirrored
}
