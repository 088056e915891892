/**
 * The law: an input may only accept more, an output may only send less. How grave a change is follows from what it does
 * to a set of accepted values and from the direction in which these travel; it is never assigned by hand.
 */

/** `input`: what a caller sends; `output`: what a caller receives. */
export type Direction = 'input' | 'output'

/**
 * What a change does to the set of accepted values. `unknown`: it cannot be told, or the set is the same and means
 * something else. `text`: the set is the same, and what models and people read about it is not. `equal` also stands for
 * an addition that an open object was left open for.
 */
export type Effect = 'equal' | 'widen' | 'narrow' | 'incomparable' | 'unknown' | 'text'

/**
 * What makes a break less than one. `open`: callers were told to expect more than is listed. `announced`: it was
 * deprecated, its sunset has passed and it names a successor. `soft`: the schema holds, and an answer may be smaller.
 */
export type Guard = 'open' | 'announced' | 'soft'

/**
 * `breaking` needs a new version of the contract, `dangerous` a line in the lock with a reason, and so does `visible`,
 * which agents choose and fill arguments by; `safe` needs nothing.
 */
export type Level = 'breaking' | 'dangerous' | 'visible' | 'safe'

/** The most grave first. */
export const levels: readonly Level[] = ['breaking', 'dangerous', 'visible', 'safe']

export const levelOf = (direction: Direction, effect: Effect, guard?: Guard): Level => {
  switch (effect) {
    case 'equal':
      return 'safe'
    case 'text':
      return 'visible'
    case 'unknown':
      return 'dangerous'
    case 'incomparable':
      return guard === undefined ? 'breaking' : 'dangerous'
    case 'narrow':
    case 'widen': {
      const isBreak = (direction === 'input') === (effect === 'narrow')
      return isBreak ? (guard === undefined ? 'breaking' : 'dangerous') : 'safe'
    }
  }
}
