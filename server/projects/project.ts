import type { SourceType } from '../../contracts/v1/tools/list-sources.ts'
import type { Access } from '../access/access.ts'
import type { Audit } from '../audit/audit.ts'
import type { Fault } from '../envelope/fault.ts'
import type { Quotas } from '../quotas/quotas.ts'
import type { CatalogStore } from '../sources/catalog-store.ts'
import type { ProvenSource } from '../sources/proven-source.ts'
import type { QueryLimits, SourceCatalog } from '../sources/source.ts'
import type { Hidden } from '../sources/table-policy.ts'
import type { State } from '../state/state.ts'
import type { Diagnostic } from './diagnostic.ts'

/** The limits of a source: what a caller gets unasked, and what a caller may ask for. */
export interface SourceLimits extends Omit<QueryLimits, 'maxRows'> {
  readonly defaultRows: number
  readonly maxRows: number
  /** True when the project sets `default_rows`. */
  readonly defaultRowsSet: boolean
  /** Tokens of an answer to a caller who does not say how many are wanted; at most `maxTokens`. */
  readonly defaultTokens: number
  /** Tokens of any answer; undefined when only bytes are limited. */
  readonly maxTokens: number | undefined
  readonly streamRows: number
  /** True when the project sets `stream_rows`. */
  readonly streamRowsSet: boolean
  readonly streamBytes: number
  readonly streamTimeoutMs: number
  readonly maxConcurrency: number
}

export const defaultLimits: SourceLimits = {
  defaultRows: 50,
  defaultRowsSet: false,
  maxRows: 10_000,
  maxBytes: 1024 * 1024,
  maxCellBytes: 64 * 1024,
  defaultTokens: 25_000,
  maxTokens: undefined,
  timeoutMs: 30_000,
  streamRows: 100_000_000,
  streamRowsSet: false,
  streamBytes: 10 * 1024 ** 3,
  streamTimeoutMs: 600_000,
  maxConcurrency: 8,
}

/** The relation that `ref()` or `source()` names, as SQL; a fault when there is none. */
export type ResolveRelation = (kind: 'ref' | 'source', names: readonly string[], version?: string) => string | Fault

/** What a dbt project tells of a source. Its files are read anew when they have changed; nothing of it throws. */
export interface DbtProject {
  /** The folder of `dbt_project.yml`, absolute. */
  readonly dir: string
  /** Whether dbt may have made tables since this was last asked, as far as its files tell. */
  hasRun(): boolean
  /** The metadata with what dbt says of it; of what is hidden it says nothing. */
  annotate(catalog: SourceCatalog, hidden: Hidden): Promise<SourceCatalog>
  /** Finds the tables that boards name. `catalog` tells how the database spells them. */
  relations(catalog: SourceCatalog | undefined, hidden: Hidden): Promise<ResolveRelation>
  /** What was found, for its operator. */
  examine(): Promise<{
    readonly graph: {
      readonly project: string
      readonly from: 'manifest' | 'files'
      readonly generatedAt?: string | undefined
      readonly nodes: ReadonlyMap<string, { readonly kind: string }>
    }
    readonly findings: readonly { readonly code: string; readonly place: string; readonly message: string; readonly hint: string }[]
  }>
}

/** A source of a project that can be used. */
export interface OpenSource {
  readonly source: ProvenSource
  readonly limits: SourceLimits
  /** Its metadata, cached. */
  readonly catalog: CatalogStore
  /** The dbt project that makes its tables, where it is known. */
  readonly dbt?: DbtProject | undefined
}

/** A source that its configuration switched off, such as for a missing environment variable. */
export interface DisabledSource {
  readonly name: string
  readonly type: SourceType
  readonly description?: string | undefined
  readonly reason: Fault
}

/** Where the boards of a project lie. */
export interface BoardSettings {
  /** The project's folder, absolute. */
  readonly dir: string
  /** Relative to it, with `/`; those that are not there hold no boards. */
  readonly folders: readonly string[]
  readonly isReadOnly: boolean
}

/** One team's folder, opened. */
export interface Project {
  readonly name: string
  readonly description?: string | undefined
  /** The files that its settings come from, absolute, the one that makes it a project first; none when it is no folder. */
  readonly files: readonly string[]
  readonly sources: ReadonlyMap<string, OpenSource>
  readonly disabled: ReadonlyMap<string, DisabledSource>
  /** Undefined when the project is no folder. */
  readonly boards?: BoardSettings
  /** Who may call. */
  readonly access: Access
  /** What outlives this opening of the project. */
  readonly state: State
  /** How much may be called and answered; undefined when as much as the sources bear. */
  readonly quotas?: Quotas | undefined
  /** What keeps a record of every call; undefined when nobody does. */
  readonly audit?: Audit | undefined
  /** The dbt project in its folder, for sources that have none of their own. */
  readonly dbt?: DbtProject
  /** What its operator is warned about, such as a literal password. It names variables and files, so no caller is told. */
  readonly diagnostics: readonly Diagnostic[]
  /** The environment variables that its settings name. */
  readonly variables: readonly string[]
  close(): Promise<void>
}
