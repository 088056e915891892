import type { RowsQuery, ValuesQuery } from '../../../contracts/v1/board/queries.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import type { Compiling } from './compile-board.ts'

/** Rows of which each fault of one kind is told by its number; the others are counted. */
const maxTold = 10

/** What would be lost of rows that are written in a board. `path` leads to their query. */
export const checkRows = (
  id: string,
  query: ValuesQuery | RowsQuery,
  path: readonly PropertyKey[],
  { report }: Pick<Compiling, 'report'>,
): void => {
  const tell = (keys: readonly PropertyKey[], message: string, fix: string): void => {
    report('WRONG_VALUE', [...path, ...keys], message, fix, { query: id })
  }
  const tellRows = (wrong: readonly number[], keysOf: (row: number) => readonly PropertyKey[], what: string, fix: string): void => {
    const [first] = wrong
    if (first === undefined) return
    const more = wrong.length > maxTold ? ` and ${wrong.length - maxTold} more` : ''
    const rows = wrong.slice(0, maxTold).map((row) => row + 1)
    tell(keysOf(first), `${rows.length === 1 ? 'Row' : 'Rows'} ${rows.join(', ')}${more} ${what}.`, fix)
  }
  if ('values' in query) {
    const { columns, values } = query
    for (const [index, name] of columns.entries())
      if (columns.indexOf(name) < index) tell(['columns', index], `Two columns are called "${name}".`, 'Give each a name of its own.')
    const count = `${columns.length} ${columns.length === 1 ? 'value' : 'values'}`
    const isWrong = ({ length }: readonly unknown[]) => length !== columns.length
    const wrong = values.flatMap((row, index) => (isWrong(row) ? [index] : []))
    const lengths = [...new Set(wrong.map((row) => values[row]?.length))].join(' or ')
    const what = `${wrong.length === 1 ? 'has' : 'have'} ${lengths} values, and there are ${columns.length} columns`
    tellRows(wrong, (row) => ['values', row], what, `Give each row ${count}, null where there is none.`)
  } else {
    for (const { index, name, near } of mistypedKeys(query.rows))
      tell(['rows', index, name], `Row ${index + 1} alone has "${name}", and lacks "${near}".`, `Did you mean "${near}"?`)
  }
  const cells = 'values' in query ? query.values : query.rows.map((row) => Object.values(row))
  const unsafe = cells.flatMap((row, index) => (row.some(isUnsafe) ? [index] : []))
  const key = 'values' in query ? 'values' : 'rows'
  tellRows(
    unsafe,
    (row) => [key, row],
    `${unsafe.length === 1 ? 'has' : 'have'} a whole number that is too large to be kept exactly`,
    'Write it in quotes.',
  )
}

/** Rows that show which keys are meant. */
const leastRows = 3

/** A word that is mistyped has letters left to know it by. */
const leastChars = 3

/** Keys that one row alone has, where it lacks one much like it that all others have. */
const mistypedKeys = (rows: RowsQuery['rows']) => {
  if (rows.length < leastRows) return []
  const counts = new Map<string, number>()
  for (const row of rows) for (const name of Object.keys(row)) counts.set(name, (counts.get(name) ?? 0) + 1)
  const namedBy = (count: number) => [...counts].flatMap(([name, own]) => (own === count && name.length >= leastChars ? [name] : []))
  const [usual, alone] = [namedBy(rows.length - 1), new Set(namedBy(1))]
  return rows.flatMap((row, index) => {
    const missing = usual.filter((name) => !Object.hasOwn(row, name))
    return Object.keys(row).flatMap((name) => {
      const near = alone.has(name) ? nearestName(name, missing) : undefined
      return near === undefined ? [] : [{ index, name, near }]
    })
  })
}

const isUnsafe = (cell: unknown): boolean => Number.isInteger(cell) && !Number.isSafeInteger(cell)
