import { availableParallelism, totalmem } from 'node:os'
import type { SourceType } from '../../../contracts/v1/tools/list-sources.ts'
import { EncodedJson } from '../../envelope/encoded-json.ts'
import type { Log } from '../../operations/log.ts'
import type { SourceLimits } from '../../projects/project.ts'
import { Admission, mostStreams, StreamTurn } from '../admission.ts'
import { BatchQueue } from '../batch-queue.ts'
import { checkCharacters } from '../check-characters.ts'
import type { ReadOnlyProof, RowStream, Source, StatementFacts, StreamEnd, StreamQuery } from '../source.ts'
import { type AskOptions, DuckdbProcess } from './child-process.ts'
import type { ReadBack } from './lock-down.ts'
import type { Operation, Reply } from './messages.ts'
import { receiveCatalog, type SentCatalog } from './receive-catalog.ts'
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
  /** Bytes that the engine may use. Default a quarter of the machine's. */
  readonly memoryBytes?: number
  /** Bytes that the engine may spill to disk. Default 4 GiB. */
  readonly spillBytes?: number
  /** A database file up to this size is copied when it is opened; a larger one is read where it is. Default 256 MiB. */
  readonly copiedBytes?: number
  /** A database file that is no copy is closed when no call has come for so long, for systems where reading keeps writers out. Default 250 ms. */
  readonly releaseAfterMs?: number
}

/** Metadata and parsing are bound by this, milliseconds. */
const metadataTimeoutMs = 20_000
/** Batches of a stream between the engine and its reader. */
const batchesUnderWay = 4
/** Texts whose facts are kept. */
const keptTexts = 500

const mebibyte = 1024 * 1024
/** What the process takes beside the engine's own count: the runtime, results on their way, values the engine does not count. */
const uncountedBytes = 768 * mebibyte

/** Memory of the machine, or of the container that it is for us. */
const availableBytes = (): number => Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)

/** A DuckDB file, or data files read by DuckDB, in a child process that is started on first use. */
export const openDuckdb = ({
  name,
  type,
  description,
  config,
  limits,
  log,
  memoryBytes = Math.max(256 * mebibyte, Math.floor(availableBytes() / 4)),
  spillBytes = 4096 * mebibyte,
  copiedBytes = 256 * mebibyte,
  releaseAfterMs = 250,
}: DuckdbOptions): Source => {
  const { path, schema, files, datapackage } = config
  const threads = Math.min(4, availableParallelism())
  const child = new DuckdbProcess({
    config: { type, path, schema, files, datapackage, memoryBytes, threads, spillBytes, copiedBytes, releaseAfterMs },
    residentBytes: memoryBytes + uncountedBytes,
    log: (level, message, fields) => log(level, message, { source: name, ...fields }),
  })
  const admission = new Admission(limits.maxConcurrency)
  const streams = new Admission(mostStreams(limits.maxConcurrency))
  const facts = new Map<string, StatementFacts>()

  const ask = async <T>(operation: Operation, options: AskOptions): Promise<{ value: T; body: Buffer }> => {
    const { header, body } = await child.ask(operation, options)
    return { value: (header as Extract<Reply, { ok: true }>).value as T, body }
  }
  const metadata = (signal: AbortSignal): AskOptions => ({ signal, timeoutMs: metadataTimeoutMs })

  /** Starts a stream, whose turn is over when the child is done with it. */
  const startStream = ({ signal, sql, basis, params, limits: bounds }: StreamQuery, turn: StreamTurn): Promise<RowStream> =>
    new Promise((resolve, reject) => {
      /** One for each batch that waits to be read. */
      const grants: (() => void)[] = []
      const queue = new BatchQueue(() => {
        const grant = grants.shift()
        if (grant !== undefined) turn.goOn(grant)
      })
      child
        .ask(
          { op: 'stream', query: { sql, basis, params, limits: bounds }, credit: batchesUnderWay },
          { signal, timeoutMs: bounds.timeoutMs },
          ({ header, body }, grant) => {
            if ('columns' in header) return resolve({ columns: header.columns, read: () => queue.read() })
            grants.push(grant)
            queue.push({ lines: body, rowCount: header.rowCount })
            if (queue.isFull) turn.rest()
          },
        )
        .finally(() => turn.leave())
        .then(
          ({ header }) => queue.end({ end: (header as Extract<Reply, { ok: true }>).value as StreamEnd['end'] }),
          (error: unknown) => {
            reject(error)
            queue.fail(error)
          },
        )
    })

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
    async query({ signal, caller, sql, basis, params, offset, limits, format, onRows, watch }) {
      const asked = performance.now()
      const turn = admission.enter(caller, signal)
      if (turn !== undefined) await turn
      try {
        watch?.onTurn(performance.now() - asked)
        const { value, body } = await ask<Omit<DuckdbRows, 'rows' | 'text'>>(
          { op: 'query', query: { sql, basis, params, offset, limits, format, tellsRows: onRows !== undefined } },
          { signal, timeoutMs: limits.timeoutMs, onRows },
        )
        return { ...value, ...(format === 'rows' ? { rows: new EncodedJson(body) } : { text: body.toString() }) }
      } finally {
        admission.leave()
      }
    },
    async stream(query) {
      const asked = performance.now()
      const turn = await StreamTurn.take(streams, admission, query)
      query.watch?.onTurn(performance.now() - asked)
      return startStream(query, turn)
    },
    introspect: async (signal) => receiveCatalog((await ask<SentCatalog>({ op: 'introspect' }, metadata(signal))).value),
    sample: async (table, rows, signal, basis) =>
      JSON.parse((await ask({ op: 'sample', table, rows, basis }, metadata(signal))).body.toString()) as unknown[][],
    async prove(signal): Promise<ReadOnlyProof[]> {
      const { held, broken, readOnly } = (await ask<ReadBack>({ op: 'prove' }, metadata(signal))).value
      return [
        {
          layer: 'engine',
          holds: readOnly || path === undefined,
          detail: 'The database is opened read-only, in a process of its own that is ended when a query passes its time or memory.',
        },
        {
          layer: 'engine',
          holds: broken.length === 0,
          detail:
            broken.length === 0
              ? `Files, network, extensions and settings are closed to SQL, as read back: ${held.join(', ')}.`
              : `These settings do not read back as they were set: ${broken.join(', ')}.`,
        },
      ]
    },
    pool: () => ({ active: admission.running, idle: 0, waiting: admission.waiting }),
    async close() {
      child.close()
    },
  }
}
