/**
 * The process that holds DuckDB for one source. It speaks frames (frames.ts) on file descriptor 3 and ends when that
 * closes. Nothing here trusts the text it is given: the statement was guarded by the server and runs on a database that
 * is read-only, cut off from files and network, and locked.
 */
import { rmSync } from 'node:fs'
import { Socket } from 'node:net'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { EncodedJson } from '../../envelope/encoded-json.ts'
import { errorItem, Fault } from '../../envelope/fault.ts'
import { quoteName } from '../quote-name.ts'
import { analyzeDuckdb } from './analyze.ts'
import { Database } from './database.ts'
import { faultOfDuckdb } from './errors.ts'
import { readFrames, writeFrame } from './frames.ts'
import { introspectDuckdb } from './introspect.ts'
import type { ChildConfig, Reply, Request } from './messages.ts'
import { runQuery } from './run-query.ts'
import { Credit, streamQuery } from './stream-query.ts'

const socket = new Socket({ fd: 3 })
/** Ends at once: leaving in order would wait for a query that nobody waits for any more. */
const end = (): void => {
  if (config !== undefined) rmSync(config.temp, { recursive: true, force: true })
  process.kill(process.pid, 'SIGKILL')
}
socket.on('error', end)
socket.on('close', end)
// Ctrl-C in a terminal reaches the whole group; the server decides when this process ends.
process.on('SIGINT', () => {})

/** Longest sample value, characters. */
const sampleLength = 256

const running = new Map<number, DuckDBConnection>()
const active = new Set<number>()
const cancelled = new Set<number>()
const credits = new Map<number, Credit>()
let database: Database
let config: ChildConfig | undefined

const reply = (message: Reply, body?: string): void => writeFrame(socket, message, body)

/** Makes the work of one request reachable by a cancel. */
const cancellable =
  <T>(id: number, work: (connection: DuckDBConnection) => Promise<T>) =>
  async (connection: DuckDBConnection): Promise<T> => {
    if (cancelled.has(id)) throw new Fault('CANCELLED', 'The query was interrupted.')
    running.set(id, connection)
    try {
      return await work(connection)
    } finally {
      running.delete(id)
    }
  }

const handle = async (request: Request): Promise<{ value: unknown; body?: string | undefined }> => {
  switch (request.op) {
    case 'configure':
      config = request.config
      database = new Database(
        config,
        (log, fields) => reply({ id: 0, log, fields }),
        () => reply({ id: 0, opened: true }),
      )
      return { value: null }
    case 'query': {
      const { id, query } = request
      const { rows, text, ...value } = await database.run(query, (opened, verify) => {
        const onRows = (rowsRead: number) => {
          verify()
          reply({ id, rowsRead })
        }
        return cancellable(id, (connection) => runQuery(connection, query, query.tellsRows === true ? onRows : undefined))(opened)
      })
      return { value, body: text ?? (rows as EncodedJson).text }
    }
    case 'stream': {
      const { id, query } = request
      const credit = new Credit(request.credit)
      credits.set(id, credit)
      try {
        const value = await database.run(query, (opened, verify) =>
          cancellable(id, (connection) =>
            streamQuery(connection, query, {
              onColumns: (columns) => reply({ id, columns }),
              async onBatch(lines, rowCount) {
                verify()
                await credit.take()
                reply({ id, rowCount }, lines)
              },
            }),
          )(opened),
        )
        return { value }
      } finally {
        credits.delete(id)
      }
    }
    case 'credit':
      credits.get(request.target)?.add()
      return { value: null }
    case 'analyze':
      return { value: await database.use(cancellable(request.id, (connection) => analyzeDuckdb(connection, request.sql))) }
    case 'introspect':
      return { value: await database.use((connection, opened) => introspectDuckdb(connection, opened, config as ChildConfig)) }
    case 'prove':
      return { value: await database.prove() }
    case 'sample': {
      const { table, rows, basis } = request
      const sql = `SELECT ${table.columns.map((column) => quoteName(column.name)).join(', ')} FROM ${quoteName(table.schema)}.${quoteName(table.name)}`
      const limits = { maxRows: rows, maxBytes: 4 * 1024 * 1024, maxCellBytes: 4096, timeoutMs: 10_000 }
      const result = await database.use(
        cancellable(request.id, (connection) => runQuery(connection, { sql, params: [], offset: 0, limits, format: 'rows' })),
        basis,
      )
      return {
        value: null,
        body: JSON.stringify((JSON.parse((result.rows as EncodedJson).text) as unknown[][]).map((row) => row.map(shorten))),
      }
    }
    case 'cancel':
      if (active.has(request.target)) cancelled.add(request.target)
      running.get(request.target)?.interrupt()
      credits.get(request.target)?.stop()
      return { value: null }
  }
}

const shorten = (value: unknown): unknown => {
  if (typeof value === 'string') return value.slice(0, sampleLength)
  const text = JSON.stringify(value)
  return text.length > sampleLength ? text.slice(0, sampleLength) : value
}

readFrames<Request>(socket, ({ header }) => {
  const { id } = header
  active.add(id)
  handle(header)
    .then(
      ({ value, body }) => reply({ id, ok: true, value }, body),
      (error: unknown) => {
        const fault = faultOfDuckdb(error)
        const { cause, operatorHint, missingColumn, isStale } = fault.details
        reply({
          id,
          ok: false,
          error: errorItem(fault),
          operatorHint,
          missingColumn,
          isStale,
          ...(cause !== undefined && { log: cause instanceof Error ? cause.message : String(cause) }),
        })
      },
    )
    .finally(() => {
      active.delete(id)
      cancelled.delete(id)
    })
})
