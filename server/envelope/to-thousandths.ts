/** A number to three places: milliseconds to the microsecond. */
export const toThousandths = (value: number): number => Math.round(value * 1000) / 1000
