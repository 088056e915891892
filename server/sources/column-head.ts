import type { Column } from '../../contracts/v1/values.ts'
import { Fault } from '../envelope/fault.ts'

/** Bytes of a head that count toward no limit: some fifty usual columns. */
export const freeHeadBytes = 4096
/** Longest head, bytes, whatever a row may have: it is held and sent as one piece. */
const maxHeadBytes = 1024 * 1024
/** Longest database type that is told, UTF-16 units. */
const maxTypeLength = 1024

/** The columns of a result, and the bytes that they leave for its rows. */
export interface ColumnHead {
  readonly columns: readonly Column[]
  readonly rowBytes: number
}

/**
 * Takes columns one by one, and none behind the limit, so that no head is built that is not sent.
 * Throws RESULT_TOO_LARGE for a head that alone passes `maxBytes`.
 */
export const takeColumns = (count: number, columnAt: (index: number) => Column, maxBytes: number): ColumnHead => {
  const columns: Column[] = []
  const most = Math.min(maxBytes, maxHeadBytes)
  let counted = -freeHeadBytes
  for (let index = 0; index < count; index++) {
    const column = columnAt(index)
    const told = { ...column, database_type: cutType(column.database_type) }
    counted += Buffer.byteLength(JSON.stringify(told)) + 1
    if (counted > most) throw headTooLarge(count, `${most} bytes`)
    columns.push(told)
  }
  return { columns, rowBytes: maxBytes - Math.max(0, counted) }
}

export const headTooLarge = (count: number, limit: string): Fault =>
  new Fault('RESULT_TOO_LARGE', `The names and types of the ${count} columns alone pass the limit of ${limit}.`, {
    hint: 'Select fewer columns, give them shorter names with AS, or select only the fields of a struct that are needed.',
  })

/** A type as the database writes it, with a mark where it was cut. */
export const cutType = (databaseType: string): string => {
  const length = databaseType.length
  return length <= maxTypeLength ? databaseType : `${databaseType.slice(0, maxTypeLength).toWellFormed()}… [cut: ${length} characters]`
}
