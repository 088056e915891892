import type { SourceType } from '../../contracts/v1/tools/list-sources.ts'
import type { Fault } from '../envelope/fault.ts'
import type { CatalogStore } from '../sources/catalog-store.ts'
import type { ProvenSource } from '../sources/proven-source.ts'
import type { QueryLimits } from '../sources/source.ts'
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

/** A source of a project that can be used. */
export interface OpenSource {
  readonly source: ProvenSource
  readonly limits: SourceLimits
  /** Its metadata, cached. */
  readonly catalog: CatalogStore
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
  readonly sources: ReadonlyMap<string, OpenSource>
  readonly disabled: ReadonlyMap<string, DisabledSource>
  /** Undefined when the project is no folder. */
  readonly boards?: BoardSettings
  /** What its operator is warned about, such as a literal password. It names variables and files, so no caller is told. */
  readonly diagnostics: readonly Diagnostic[]
  close(): Promise<void>
}
