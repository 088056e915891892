/** Dates and times as ISO 8601 text, without the objects that the driver makes on the way. */

const two = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'))

let knownDays = Number.NaN
let knownText = ''

/** `2026-01-31` of days since 1970. Years before 1 have a minus and count from 0, years past 9999 have a plus. */
export const dateText = (days: number): string => {
  // Rows that follow each other often share their day.
  if (days === knownDays) return knownText
  // Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in March, eras have 400 of them.
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  knownDays = days
  knownText = `${yearText(year)}-${two[month]}-${two[day]}`
  return knownText
}

const yearText = (year: number): string => {
  if (year < 0) return `-${String(-year).padStart(4, '0')}`
  return year > 9999 ? `+${year}` : `${two[Math.floor(year / 100)]}${two[year % 100]}`
}

/** `2026-01-31T12:00:00.5` of a count since 1970, in parts of a second that have so many `digits`. */
export const timestampText = (count: bigint | number, digits: 0 | 3 | 6 | 9): string => {
  const perSecond = 10 ** digits
  const [days, time] = divideDays(count, 86_400 * perSecond)
  const seconds = Math.floor(time / perSecond)
  const fraction = time - seconds * perSecond
  const text = `${dateText(days)}T${two[Math.floor(seconds / 3600)]}:${two[Math.floor(seconds / 60) % 60]}:${two[seconds % 60]}`
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(digits, '0').replace(/0+$/, '')}`
}

/** Whole days, and what is left of the last one. */
const divideDays = (count: bigint | number, perDay: number): [number, number] => {
  const number = Number(count)
  if (Number.isSafeInteger(number)) {
    const days = Math.floor(number / perDay)
    return [days, number - days * perDay]
  }
  const [whole, divisor] = [BigInt(count), BigInt(perDay)]
  const left = ((whole % divisor) + divisor) % divisor
  return [Number((whole - left) / divisor), Number(left)]
}
