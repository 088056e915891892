/** An apostrophe within a word, as in "can't" and "column's". A quote that a value follows at once is never taken for one. */
const apostrophe = /(?<=[a-z])'(?=(?:s|t|re|ve|ll|d|m)(?![\w']))/g

/**
 * The message of an engine without the values it quotes, as one sentence. A value may hold quotes and line ends of its own:
 * all goes from the first quote to the last, and what follows as well when it is not the same line. What led up to a value,
 * such as `Input:`, goes with it.
 */
export const withoutValues = (message: string): string => {
  const kept = message
    .replace(apostrophe, '\u2019')
    .replace(/\s*(["']).*\1(.*)/s, (whole, _quote, rest: string) => (whole.slice(0, whole.length - rest.length).includes('\n') ? '' : rest))
    .replace(/\n.*/s, '')
    .replace(/\s*["'].*$/, '')
    .replace(/:\s+[-+\\\d(].*$/, '')
    .replace(/ \([^)]*\d[^)]*\)/g, '')
    .replace(/ with value( (?!can)\S+)?/, '')
    // Numbers that are no part of a name or a type.
    .replace(/\s?(?<![\w.(,])-?\d[\d.,]*(?:e[+-]?\d+)?(?!\w)/gi, '')
    .replace(/([.!])\s+\w+:\s*$/, '$1')
    .replace(/\s*:(?=\s*([,.!]|$))/g, '')
    .replaceAll('\u2019', "'")
    .trim()
  return asSentence(kept === '' ? 'The engine refused a value' : kept)
}

/** A message of an engine with a capital letter and a full stop. */
export const asSentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
