import { Fault } from '../envelope/fault.ts'

/** The fault of a call whose values are not as many as the parameters of its statement. */
export const wrongParamCount = (wanted: number, given: number, cause?: unknown): Fault =>
  new Fault('SQL_ERROR', `The statement has ${count(wanted, 'parameter')}, and params has ${count(given, 'value')}.`, {
    cause,
    path: 'params',
    hint:
      wanted === 0
        ? 'Leave out params, or write $1, $2 in the statement where its values belong.'
        : 'Give one value for each of $1, $2 and so on.',
  })

/** The fault of a statement that numbers its parameters with a gap, as in `$1, $3`. */
export const skippedParam = (skipped: number, cause?: unknown): Fault =>
  new Fault('SQL_ERROR', `The statement has no parameter $${skipped}, and one with a higher number.`, {
    cause,
    path: 'sql',
    hint: 'Number the parameters $1, $2 and so on, without a gap, and give their values in order in params.',
  })

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
