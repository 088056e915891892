/** A name as SQL of either dialect quotes it. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
