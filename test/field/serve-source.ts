import { openAccess } from '../../server/access/access.ts'
import { createCursors } from '../../server/dispatch/cursors.ts'
import { servedTool } from '../../server/dispatch/define-handler.ts'
import { createDispatcher } from '../../server/dispatch/dispatch.ts'
import { encodeEnvelope } from '../../server/envelope/envelope.ts'
import type { SourceLimits } from '../../server/projects/project.ts'
import { CatalogStore } from '../../server/sources/catalog-store.ts'
import { provenSource } from '../../server/sources/proven-source.ts'
import type { ParamValue, Source } from '../../server/sources/source.ts'
import type { TablePolicy } from '../../server/sources/table-policy.ts'
import { memoryState } from '../../server/state/memory-state.ts'
import { handler } from '../../server/tools/execute-query.ts'

/** What a caller of `execute_query` sees. */
export interface Answer {
  /** The whole envelope as it is sent. */
  readonly text: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  readonly isTruncated: boolean
  /** Code and message of the first error; undefined on success. */
  readonly refusal: string | undefined
  /** Whether the statement came to the engine. */
  readonly reachedEngine: boolean
}

/** Asks one source through dispatch, as every door does. Its metadata are read anew for each `serveSource`. */
export const serveSource = (
  source: Source,
  limits: SourceLimits,
  policy?: TablePolicy,
): ((sql: string, params?: readonly ParamValue[]) => Promise<Answer>) => {
  let queries = 0
  const counted: Source = {
    ...source,
    query(query) {
      queries++
      return source.query(query)
    },
  }
  // The superuser of a test cluster may do more than read.
  const proven = provenSource(counted, true)
  const project = {
    name: 'field',
    sources: new Map([[source.name, { source: proven, limits, catalog: new CatalogStore(proven, policy) }]]),
    disabled: new Map(),
    files: [],
    access: openAccess,
    state: memoryState(),
    diagnostics: [],
    variables: [],
    close: () => source.close(),
  }
  const { dispatch } = createDispatcher({
    project,
    tools: [servedTool(handler)],
    cursors: createCursors(project.state.cursorSecret),
    log: () => {},
  })
  return async (sql, params) => {
    const before = queries
    const envelope = await dispatch({
      tool: 'execute_query',
      input: { source: source.name, sql, limit: limits.maxRows, ...(params !== undefined && { params }) },
      door: 'inside',
      caller: { id: 'field' },
      signal: AbortSignal.timeout(60_000),
    })
    const text = encodeEnvelope(envelope)
    const { data } = JSON.parse(text) as { data?: { columns: Answer['columns']; rows: Answer['rows']; truncated: boolean } }
    return {
      text,
      columns: data?.columns ?? [],
      rows: data?.rows ?? [],
      isTruncated: data?.truncated ?? false,
      refusal: envelope.success ? undefined : `${envelope.errors[0].code} ${envelope.errors[0].message}`,
      reachedEngine: queries > before,
    }
  }
}
