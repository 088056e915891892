/** The least of numbers, however many: a very long list cannot be arguments of Math.min. Infinity when there are none. */
export const leastOf = (numbers: readonly number[]): number => numbers.reduce((least, number) => Math.min(least, number), Infinity)

/** The greatest of numbers, however many; -Infinity when there are none. */
export const greatestOf = (numbers: readonly number[]): number =>
  numbers.reduce((greatest, number) => Math.max(greatest, number), -Infinity)
