import { Fault } from '../envelope/fault.ts'
import { checkReadOnly } from '../guards/read-only.ts'
import type { OpenSource } from '../projects/project.ts'
import type { JudgedStatement } from '../sources/source.ts'
import { withinTime } from '../sources/within-time.ts'
import type { ToolContext } from './define-handler.ts'

/** Judges a statement. A source that must be reached for it over a network has no more time than the query. */
export const judgeSql = async (source: OpenSource, sql: string, timeoutMs: unknown, signal: AbortSignal): Promise<JudgedStatement> => {
  if (source.source.isRemote !== true || source.catalog.known !== undefined || typeof timeoutMs !== 'number')
    return checkReadOnly(source, sql, signal)
  return withinTime(source.source.name, timeoutMs, signal, (bounded) => checkReadOnly(source, sql, bounded))
}

/** Whether an error says that the metadata of the source is not that of its database any more, which is then read anew. */
export const isChanged = async (error: unknown, { source, statement, signal }: ToolContext): Promise<boolean> => {
  if (!(error instanceof Fault) || source === undefined || statement?.basis === undefined) return false
  if (error.details.isStale === true) {
    await source.catalog.readAnew(signal)
    return true
  }
  if (error.code !== 'PERMISSION_DENIED') return false
  const { version } = await source.catalog.read(signal)
  return (await source.catalog.readAfterMiss(signal)).version !== version
}
