import type { CanonicalType, Column } from '../../../contracts/v1/values.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import type { CompiledQuery } from '../compiled-board.ts'
import type { Outcome } from './run-query.ts'

type Cell = string | number | boolean | null

/** The rows that are written in a board, with types from their values. */
export const inlineRows = ({ definition }: CompiledQuery): Outcome => {
  const { names, rows } = tableOf(definition)
  const columns = names.map((name, index): Column => {
    const type = typeOf(rows.map((row) => row[index] ?? null))
    return { name, type, database_type: type }
  })
  return { rows: { columns, rows } }
}

const tableOf = (definition: CompiledQuery['definition']): { names: readonly string[]; rows: readonly (readonly Cell[])[] } => {
  if ('values' in definition)
    return { names: definition.columns, rows: definition.values.map((row) => definition.columns.map((_, index) => row[index] ?? null)) }
  const list = 'rows' in definition ? definition.rows : []
  const names = [...new Set(list.flatMap((row) => Object.keys(row)))]
  return { names, rows: list.map((row) => names.map((name) => entryOf(row, name) ?? null)) }
}

const typeOf = (cells: readonly Cell[]): CanonicalType => {
  const known = cells.filter((cell) => cell !== null)
  if (known.length === 0) return 'text'
  if (known.every((cell) => typeof cell === 'number')) return known.every((cell) => Number.isInteger(cell)) ? 'integer' : 'float'
  if (known.every((cell) => typeof cell === 'boolean')) return 'boolean'
  if (known.every((cell) => typeof cell === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(cell))) return 'date'
  if (known.every((cell) => typeof cell === 'string' && /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(cell)))
    return 'timestamp'
  return 'text'
}
