/** A text that may hold a number which a double cannot hold exactly: an exponent, a run of 15 digits. */
const longNumbers = /\d{15}|\d[eE][+-]?\d|\d\.\d{9}/

/**
 * The value of a `json` column as it is embedded in an answer: without white space, numbers that a double cannot hold
 * exactly as strings. Text that is not JSON becomes a JSON string.
 */
export const embedJson = (text: string): string => {
  try {
    if (!longNumbers.test(text)) return JSON.stringify(JSON.parse(text))
    return JSON.stringify(
      JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
        typeof value === 'number' && context?.source !== undefined && !isExact(value, context.source) ? context.source : value,
      ),
    )
  } catch {
    return JSON.stringify(text)
  }
}

/** Whether a double prints as the decimal number it was read from. */
const isExact = (value: number, source: string): boolean => Number.isFinite(value) && digitsOf(String(value)) === digitsOf(source)

/** A number in one spelling: sign, digits without outer zeros, exponent of ten. */
const digitsOf = (text: string): string => {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = whole + fraction
  const trimmedEnd = digits.replace(/0+$/, '')
  const trimmed = trimmedEnd.replace(/^0+/, '')
  if (trimmed === '') return '0'
  return `${sign}${trimmed}e${Number(exponent) - fraction.length + (digits.length - trimmedEnd.length)}`
}
