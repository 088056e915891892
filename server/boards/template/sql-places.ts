import type { SqlToken } from './sql-tokens.ts'

/** A token that is neither space nor comment, and what stands around it. */
export interface Place {
  readonly token: SqlToken
  /** In lower case. */
  readonly text: string
  /** Index of the parenthesis around it, -1 for none. */
  readonly opener: number
  /** Of a parenthesis: index of the one that closes it. */
  closer: number
  /** The clause of its level: `by` after ORDER BY and GROUP BY. */
  readonly clause: string
}

const clauses = new Set(['select', 'from', 'where', 'having', 'by', 'limit', 'offset', 'on', 'qualify', 'window', 'union', 'set'])

/** The clause that a place is in, through the parentheses around it. */
export const clauseAt = (places: readonly Place[], index: number): string => {
  for (let place = places[index]; place !== undefined; place = places[place.opener]) if (place.clause !== '') return place.clause
  return ''
}

/** The places of a text of SQL, or undefined when its parentheses do not match. */
export const placesOf = (sql: string, tokens: readonly SqlToken[]): Place[] | undefined => {
  const places: Place[] = []
  const openers: number[] = []
  const levels: string[] = ['']
  for (const token of tokens) {
    if (token.kind === 'space' || token.kind === 'comment') continue
    const text = sql.slice(token.start, token.end).toLowerCase()
    const isSymbol = token.kind === 'symbol'
    if (isSymbol && (text === ')' || text === ']')) {
      const opener = places[openers.pop() ?? -1]
      if (opener === undefined || opener.text !== (text === ')' ? '(' : '[')) return undefined
      opener.closer = places.length
      levels.pop()
    }
    if (token.kind === 'word' && clauses.has(text)) levels[levels.length - 1] = text
    places.push({ token, text, opener: openers.at(-1) ?? -1, closer: -1, clause: levels.at(-1) ?? '' })
    if (isSymbol && (text === '(' || text === '[')) {
      openers.push(places.length - 1)
      levels.push('')
    }
  }
  return openers.length === 0 ? places : undefined
}
