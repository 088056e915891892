/** Days are texts such as 2026-01-31, in UTC. */

const pattern = /^(\d{4})-(\d{2})-(\d{2})$/

/** Whether a text is a day that there is. */
export const isDay = (text: string): boolean => {
  const [, year, month, day] = pattern.exec(text) ?? []
  if (year === undefined || year === '0000') return false
  return dayOf(Number(year), Number(month), Number(day)) === text
}

/** The day of a month; days and months beyond run on into the next or the one before. */
export const dayOf = (year: number, month: number, day: number): string => {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.toISOString().slice(0, 10)
}

/** A day so many days later, or earlier when negative. */
export const addDays = (day: string, count: number): string => {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + count)
  return date.toISOString().slice(0, 10)
}

export const nextDay = (day: string): string => addDays(day, 1)

/** The same day so many months later; the last of the month where there is none: a month after 31 January is 28 February. */
export const addMonths = (day: string, count: number): string => {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
  const last = Number(dayOf(year, month + count + 1, 0).slice(8))
  return dayOf(year, month + count, Math.min(date, last))
}
