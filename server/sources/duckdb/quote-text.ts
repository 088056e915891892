/** A text as SQL quotes it. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`
