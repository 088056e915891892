/** Dates and times as contracts/v1/values.ts writes them, as the numbers that Arrow keeps. */

const minus = 45
const [digitZero, dot, plus, letterT] = [48, 46, 43, 84]

/** Days from 1970-01-01 in the proleptic Gregorian calendar, for any year. Howard Hinnant, "chrono-compatible date algorithms". */
const daysOf = (year: number, month: number, day: number): number => {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

const twoDigits = (text: string, at: number): number => (text.charCodeAt(at) - digitZero) * 10 + text.charCodeAt(at + 1) - digitZero

/** Where the dash after the year stands; a sign may come before the year. */
const yearEnd = (text: string): number => (text.charCodeAt(4) === minus ? 4 : text.indexOf('-', 1))

const lastDay = 2_147_483_647
const lastInstant = 9_223_372_036_854_775_807n

/** Days from 1970-01-01; the ends of the 32-bit range for infinity. */
export const readDate = (text: string): number => {
  if (text.endsWith('infinity')) return text.charCodeAt(0) === minus ? -lastDay : lastDay
  const dash = yearEnd(text)
  return daysOf(Number(text.slice(0, dash)), twoDigits(text, dash + 1), twoDigits(text, dash + 4))
}

/** Units since midnight, of which a second has 10^`digits`. */
const readClock = (text: string, at: number, end: number, digits: number): number => {
  const seconds = twoDigits(text, at) * 3600 + twoDigits(text, at + 3) * 60 + twoDigits(text, at + 6)
  const fraction =
    text.charCodeAt(at + 8) === dot
      ? Number(
          text
            .slice(at + 9, end)
            .padEnd(digits, '0')
            .slice(0, digits),
        )
      : 0
  return seconds * 10 ** digits + fraction
}

export const readTime = (text: string, digits: number): number => readClock(text, 0, text.length, digits)

/**
 * Units since 1970-01-01T00:00:00, in UTC when an offset or Z is given, of which a second has 10^`digits`; the ends of the
 * 64-bit range for infinity. Undefined when the instant is beyond it.
 */
export const readTimestamp = (text: string, digits: number): number | bigint | undefined => {
  if (text.endsWith('infinity')) return text.charCodeAt(0) === minus ? -lastInstant : lastInstant
  const clock = yearEnd(text) + 7
  if (text.charCodeAt(clock - 1) !== letterT) return undefined
  let end = text.length
  let offsetSeconds = 0
  if (text.endsWith('Z')) end--
  else {
    const sign = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'))
    if (sign > clock) {
      const [hours = 0, minutes = 0, seconds = 0] = text
        .slice(sign + 1)
        .split(':')
        .map(Number)
      offsetSeconds = (hours * 3600 + minutes * 60 + seconds) * (text.charCodeAt(sign) === plus ? 1 : -1)
      end = sign
    }
  }
  const seconds = readDate(text.slice(0, clock - 1)) * 86_400 - offsetSeconds
  const near = seconds * 10 ** digits + readClock(text, clock, end, digits)
  if (Number.isSafeInteger(near)) return near
  const instant = BigInt(seconds) * 10n ** BigInt(digits) + BigInt(readClock(text, clock, end, digits))
  return instant > lastInstant || instant < -lastInstant ? undefined : instant
}
