/**
 * A name as DuckDB compares names: only A to Z lose their case. JavaScript would take the Kelvin sign for a k, and with it
 * one name for another.
 */
export const foldName = (name: string): string => name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** Whether DuckDB takes two names for one. */
export const sameName = (a: string, b: string): boolean => foldName(a) === foldName(b)
