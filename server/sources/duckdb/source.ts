import type { SourceType } from '../../../contracts/v1/tools/list-sources.ts'
import { EncodedJson } from '../../envelope/encoded-json.ts'
import type { Log } from '../../operations/log.ts'
import type { SourceLimits } from '../../projects/project.ts'
import { Admission } from '../admission.ts'
import { checkCharacters } from '../check-characters.ts'
import type { ReadOnlyProof, Source, SourceCatalog, StatementFacts } from '../source.ts'
import { type AskOptions, DuckdbProcess } from './child-process.ts'
import type { Operation, Reply } from './messages.ts'
import type { DuckdbRows } from './run-query.ts'

export interface DuckdbOptions {
  readonly name: string
  readonly type: SourceType
  readonly description?: string | undefined
  /** Paths are absolute. With neither path nor files the database is empty and in memory. */
  readonly config: {
    readonly path?: string | undefined
    readonly schema?: string | undefined
    readonly files?: Readonly<Record<string, string>> | undefined
    readonly datapackage?: string | undefined
  }
  readonly limits: SourceLimits
  readonly log: Log
  /** A database file is closed when no call has come for so long, so that others can write it. Default 250 ms. */
  readonly releaseAfterMs?: number
}

/** Metadata and parsing are bound by this, milliseconds. */
const metadataTimeoutMs = 20_000
/** Texts whose facts are kept. */
const keptTexts = 500

/** A DuckDB file, or data files read by DuckDB, in a child process that is started on first use. */
export const openDuckdb = ({ name, type, description, config, limits, log, releaseAfterMs = 250 }: DuckdbOptions): Source => {
  const child = new DuckdbProcess({ type, ...config, releaseAfterMs }, (level, message, fields) =>
    log(level, message, { source: name, ...fields }),
  )
  const admission = new Admission(limits.maxConcurrency)
  const facts = new Map<string, StatementFacts>()

  const ask = async <T>(operation: Operation, options: AskOptions): Promise<{ value: T; body: string }> => {
    const { header, body } = await child.ask(operation, options)
    return { value: (header as Extract<Reply, { ok: true }>).value as T, body }
  }
  const metadata = (signal: AbortSignal): AskOptions => ({ signal, timeoutMs: metadataTimeoutMs })

  return {
    name,
    type,
    dialect: 'duckdb',
    description,
    defaultSchema: config.schema ?? 'main',
    async analyze(sql, signal) {
      const known = facts.get(sql)
      if (known !== undefined) return known
      checkCharacters(sql)
      const { value } = await ask<StatementFacts>({ op: 'analyze', sql }, metadata(signal))
      if (facts.size >= keptTexts) facts.delete(facts.keys().next().value as string)
      if (sql.length < 10_000) facts.set(sql, value)
      return value
    },
    async query({ signal, caller, sql, params, offset, limits, format }) {
      const turn = admission.enter(caller, signal)
      if (turn !== undefined) await turn
      try {
        const { value, body } = await ask<Omit<DuckdbRows, 'rows' | 'text'>>(
          { op: 'query', query: { sql, params, offset, limits, format } },
          { signal, timeoutMs: limits.timeoutMs },
        )
        return { ...value, ...(format === 'rows' ? { rows: new EncodedJson(body) } : { text: body }) }
      } finally {
        admission.leave()
      }
    },
    introspect: async (signal) => (await ask<SourceCatalog>({ op: 'introspect' }, metadata(signal))).value,
    sample: async (table, rows, signal) => JSON.parse((await ask({ op: 'sample', table, rows }, metadata(signal))).body) as unknown[][],
    async prove(signal): Promise<ReadOnlyProof[]> {
      const { value } = await ask<{ locked: boolean; readOnly: boolean }>({ op: 'prove' }, metadata(signal))
      return [
        { layer: 'engine', holds: value.readOnly, detail: 'The database file is opened read-only, in a process of its own.' },
        {
          layer: 'engine',
          holds: value.locked,
          detail: 'Files, network and extensions are closed to SQL, and the configuration is locked.',
        },
      ]
    },
    async close() {
      child.close()
    },
  }
}
