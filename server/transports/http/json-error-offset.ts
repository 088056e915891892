const space = /[ \t\r\n]*/y
const scalar = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const text = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y

/**
 * Where a text that is not JSON stops being JSON: the UTF-16 offset of the first token that cannot stand there. Engines
 * word their errors differently and often without a position.
 */
export const jsonErrorOffset = (source: string): number => {
  let at = 0
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const match = pattern.exec(source)
    if (match !== null) at += match[0].length
    return match !== null
  }
  const take = (character: string): boolean => {
    skip(space)
    if (source[at] !== character) return false
    at++
    return true
  }
  /** Closers that are still owed, innermost last. */
  const open: string[] = []
  for (;;) {
    // A value is due here.
    skip(space)
    if (source[at] === '{' || source[at] === '[') {
      const closer = source[at] === '{' ? '}' : ']'
      at++
      if (!take(closer)) {
        open.push(closer)
        if (closer === '}' && !key()) return at
        continue
      }
    } else if (!skip(scalar)) return at
    // A value is complete; close what it closes, or go on to the next one.
    for (;;) {
      const closer = open.at(-1)
      if (closer === undefined) {
        skip(space)
        return at
      }
      if (take(closer)) open.pop()
      else if (!take(',')) return at
      else if (closer === '}' && !key()) return at
      else break
    }
  }

  function key(): boolean {
    skip(space)
    return skip(text) && take(':')
  }
}
