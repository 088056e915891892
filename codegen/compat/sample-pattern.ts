/**
 * Some texts that a regular expression may match: a walk over its commoner syntax, good enough to be tried. Whoever asks
 * checks each of them; an expression with syntax that is not known gives none.
 */
export const textsOfPattern = (source: string): string[] => {
  try {
    const reader = { source, at: 0 }
    const branches = readBranches(reader)
    return reader.at < source.length ? [] : [...new Set(branches.flatMap((branch) => [branch(0), branch(1)]))]
  } catch (error) {
    if (error instanceof UnknownSyntax) return []
    throw error
  }
}

class UnknownSyntax extends Error {}

interface Reader {
  readonly source: string
  at: number
}

/** Writes one text; `more` is how often a repetition goes beyond its least count. */
type Branch = (more: number) => string

/** `a|b`, up to a closing bracket or the end. */
const readBranches = (reader: Reader): Branch[] => {
  const branches: Branch[] = []
  for (;;) {
    const parts: Branch[] = []
    while (reader.at < reader.source.length && !'|)'.includes(reader.source[reader.at] ?? '')) parts.push(readRepeated(reader))
    branches.push((more) => parts.map((part) => part(more)).join(''))
    if (reader.source[reader.at] !== '|') return branches
    reader.at++
  }
}

const readRepeated = (reader: Reader): Branch => {
  const atom = readAtom(reader)
  const [least, most] = readCounts(reader)
  return (more) => atom(more).repeat(Math.min(least + more, most))
}

const readCounts = (reader: Reader): [least: number, most: number] => {
  const rest = reader.source.slice(reader.at)
  const counted = /^(?:([*+?])|\{(\d+)(,)?(\d+)?\})\??/.exec(rest)
  if (counted === null) return [1, 1]
  reader.at += counted[0].length
  const [, sign, least, comma, most] = counted
  if (sign !== undefined) return [sign === '+' ? 1 : 0, sign === '?' ? 1 : Number.POSITIVE_INFINITY]
  return [Number(least), comma === undefined ? Number(least) : most === undefined ? Number.POSITIVE_INFINITY : Number(most)]
}

const readAtom = (reader: Reader): Branch => {
  const character = reader.source[reader.at++] ?? ''
  if (character === '^' || character === '$') return () => ''
  if (character === '.') return () => 'x'
  if (character === '(') return readGroup(reader)
  if (character === '[') return readClass(reader)
  if (character === '\\') {
    const escaped = readEscape(reader)
    return () => escaped
  }
  return () => character
}

const readGroup = (reader: Reader): Branch => {
  const opening = /^\?(?::|<\w+>|[=!]|<[=!])/.exec(reader.source.slice(reader.at))?.[0] ?? ''
  reader.at += opening.length
  const [first] = readBranches(reader)
  if (reader.source[reader.at++] !== ')' || first === undefined) throw new UnknownSyntax()
  // What a look ahead or behind asks for is left to the check of the text.
  return /^\?<?[=!]$/.test(opening) ? () => '' : first
}

const readEscape = (reader: Reader): string => {
  const letter = reader.source[reader.at++] ?? ''
  const written: Record<string, string> = { d: '0', w: 'a', s: ' ', D: 'x', W: '-', S: 'x', b: '', t: '\t', n: '\n', r: '\r' }
  if (letter in written) return written[letter] ?? ''
  if (/[\da-zA-Z]/.test(letter)) throw new UnknownSyntax()
  return letter
}

const readClass = (reader: Reader): Branch => {
  const end = /^(?:\\.|[^\]\\])*\]/.exec(reader.source.slice(reader.at))?.[0]
  if (end === undefined) throw new UnknownSyntax()
  reader.at += end.length
  const allowed = new RegExp(`^[${end}$`, 'u')
  const found = [...'a0A_- .x1@/~'].find((character) => allowed.test(character)) ?? end.replace(/^\^/, '')[0] ?? ''
  return () => found
}
