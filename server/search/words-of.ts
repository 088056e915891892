/** The words that a name is made of, apart: `orderLines` and `order_lines` are "order lines". */
export const wordsOf = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll('_', ' ')
