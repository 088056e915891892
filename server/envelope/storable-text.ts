/** A text without what Postgres cannot keep as JSON: a NUL, and half of a surrogate pair. Each becomes U+FFFD. */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', '\u{FFFD}')
