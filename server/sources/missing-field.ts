/** What is said of a field that a value lacks, whatever its type is: no type is told, and no function that the name may mean. */
export const missingField = (name: string): string => `There is no field "${name.slice(0, 100)}" here.`
