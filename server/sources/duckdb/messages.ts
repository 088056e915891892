import type { ErrorItem } from '../../../contracts/v1/errors.ts'
import type { SourceType } from '../../../contracts/v1/tools/list-sources.ts'
import type { Column } from '../../../contracts/v1/values.ts'
import type { Basis, CatalogTable, Query, StreamQuery } from '../source.ts'

/** What a child serves. Paths are absolute. */
export interface ChildConfig {
  readonly type: SourceType
  /** Database file. */
  readonly path?: string | undefined
  /** Only this schema of the database file. */
  readonly schema?: string | undefined
  /** Table name to file or glob. */
  readonly files?: Readonly<Record<string, string>> | undefined
  readonly datapackage?: string | undefined
  /** A folder of the child's own, for temporary files. */
  readonly temp: string
  readonly memoryBytes: number
  readonly threads: number
  /** Bytes that may be spilled to disk. */
  readonly spillBytes: number
  /** A database file up to this size is copied when it is opened, a larger one where that costs nothing. */
  readonly copiedBytes: number
  /** A file that is no copy is closed when no call has come for so long, milliseconds. */
  readonly releaseAfterMs: number
}

/** The part of a query that a child needs. */
export type ChildQuery = Pick<Query, 'sql' | 'basis' | 'params' | 'offset' | 'limits' | 'format'> & {
  /** Whether to tell how many rows were read, while they are. */
  readonly tellsRows?: boolean
}

export type ChildStreamQuery = Pick<StreamQuery, 'sql' | 'basis' | 'params' | 'limits'>

export type Request =
  | { readonly id: number; readonly op: 'configure'; readonly config: ChildConfig }
  | { readonly id: number; readonly op: 'query'; readonly query: ChildQuery }
  /** Answered by `Part`s, of which `credit` batches may be under way, and then by the end of the stream. */
  | { readonly id: number; readonly op: 'stream'; readonly query: ChildStreamQuery; readonly credit: number }
  /** One more batch of the stream `target` may be sent. */
  | { readonly id: number; readonly op: 'credit'; readonly target: number }
  | { readonly id: number; readonly op: 'analyze'; readonly sql: string }
  | { readonly id: number; readonly op: 'introspect' }
  | { readonly id: number; readonly op: 'sample'; readonly table: CatalogTable; readonly rows: number; readonly basis?: Basis | undefined }
  | { readonly id: number; readonly op: 'prove' }
  /** Interrupts the request with the id `target`. */
  | { readonly id: number; readonly op: 'cancel'; readonly target: number }

export type Operation = Request extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never

/** What a stream tells before it ends: its columns, then batches whose lines are the body. */
export type Part = { readonly id: number; readonly columns: readonly Column[] } | { readonly id: number; readonly rowCount: number }

export type Reply =
  | Part
  /** Rows of a query that were read so far. */
  | { readonly id: number; readonly rowsRead: number }
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | {
      readonly id: number
      readonly ok: false
      readonly error: ErrorItem
      readonly log?: string | undefined
      readonly operatorHint?: string | undefined
      readonly missingColumn?: string | undefined
      readonly isStale?: boolean | undefined
    }
  /** The database was opened for the first time: from now on statements of callers run. */
  | { readonly id: 0; readonly opened: true }
  | { readonly id: 0; readonly log: string; readonly fields: Readonly<Record<string, unknown>> }
