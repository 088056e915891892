import { type DuckDBDataChunk, type DuckDBResult, ResultReturnType } from '@duckdb/node-api'
import { Fault } from '../../envelope/fault.ts'

/**
 * The next rows of a streaming result; undefined after the last. The driver ends a result that failed, or was
 * interrupted, as if it were whole and keeps the reason to itself; only the kind of the result tells.
 */
export const fetchRows = async (result: DuckDBResult): Promise<DuckDBDataChunk | undefined> => {
  const chunk = await result.fetchChunk()
  if (chunk !== null && chunk.rowCount > 0) return chunk
  if (result.returnType === ResultReturnType.INVALID)
    throw new Fault('SQL_ERROR', 'The statement failed while its rows were read.', {
      hint: 'A value in a later row may not fit a cast or a calculation; try_cast gives null instead.',
    })
  return undefined
}
