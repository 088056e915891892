import { defaultLimits } from '../../projects/project.ts'
import type { Source, StatementFacts } from '../source.ts'
import { openDuckdb } from './source.ts'

let engine: Source | undefined

/**
 * What DuckDB's own grammar says of a text, without any database: an engine that holds nothing reads it, in a process of
 * its own that is started for the first text and ends with the server. Throws SQL_ERROR with the position of a syntax error.
 */
export const readOffline = (sql: string, signal: AbortSignal): Promise<StatementFacts> => {
  engine ??= openDuckdb({
    name: 'grammar',
    type: 'duckdb',
    config: {},
    limits: defaultLimits,
    log: () => {},
    memoryBytes: 256 * 1024 * 1024,
    spillBytes: 0,
  })
  return engine.analyze(sql, signal)
}
