const [quote, openBracket, backslash, closeBracket, openBrace, closeBrace] = [34, 91, 92, 93, 123, 125]

/** Levels of arrays and objects in anything that is sent to us. No call needs a tenth; what walks a value may recurse. */
export const maxDepth = 100

/** Whether a JSON text nests deeper than `maxDepth`. Of a text that is no JSON the answer means nothing. */
export const isTooDeep = (text: string): boolean => {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      for (at++; at < text.length && text.charCodeAt(at) !== quote; at++) if (text.charCodeAt(at) === backslash) at++
    } else if (code === openBracket || code === openBrace) {
      if (++depth > maxDepth) return true
    } else if (code === closeBracket || code === closeBrace) depth--
  }
  return false
}
