import type { ClientBase, Pool, PoolClient } from 'pg'
import type { PostgresSourceConfig } from '../../../contracts/v1/project.ts'
import type { Column } from '../../../contracts/v1/values.ts'
import { Fault } from '../../envelope/fault.ts'
import type { Log } from '../../operations/log.ts'
import type { SourceLimits } from '../../projects/project.ts'
import { Admission, enterStream, streamAdmission } from '../admission.ts'
import { checkEstimate, isGated } from '../check-estimate.ts'
import { quoteName } from '../quote-name.ts'
import { rowTooLarge } from '../row-writer.ts'
import type { CatalogTable, Query, QueryResult, Source, StreamQuery } from '../source.ts'
import { analyzePostgres } from './analyze.ts'
import { openPool } from './connect.ts'
import { faultOfPostgres } from './errors.ts'
import { estimatePostgres, explainPrefix } from './estimate.ts'
import { GuardedQuery, type WireColumn } from './guarded-query.ts'
import { introspectPostgres } from './introspect.ts'
import { provePostgres } from './prove.ts'
import { breaksSession, isAsNew } from './session.ts'
import { type StatementOptions, streamRows } from './stream-rows.ts'
import { builtinTypes, formatType, type PostgresType, type TypeRow, typeOfRow, typeQuery } from './types.ts'
import { unavailable } from './unavailable.ts'
import { encoderOf, quoteText, type TextEncoder } from './values.ts'
import { createWireWriter, HeldRows, type WireWriter } from './wire-rows.ts'

export interface PostgresOptions {
  readonly name: string
  readonly description?: string | undefined
  readonly config: PostgresSourceConfig
  readonly limits: SourceLimits
  readonly log: Log
}

/** What a statement needs besides how its rows are read. */
type Statement = Pick<Query | StreamQuery, 'sql' | 'tag' | 'keepsNothing' | 'signal'> & {
  readonly limits: Pick<Query['limits'], 'timeoutMs'>
}

/** Sessions for metadata, so that it never waits behind queries. */
const metadataSessions = 2
/** How long the database may overstep a deadline before its connection is closed, milliseconds. */
const graceMs = 1_000
/** Longest row that is read into memory, bytes. */
const maxRowBytes = 64 * 1024 * 1024

/** A Postgres database. Connects on first use; broken sessions are replaced by the pool. */
export const openPostgres = ({ name, description, config, limits, log }: PostgresOptions): Source => {
  const admission = new Admission(limits.maxConcurrency)
  const streams = streamAdmission(limits.maxConcurrency)
  const types = new Map<number, PostgresType>(builtinTypes)
  /** The query of each session. Entries stay, since taking them out would cost every call. */
  const running = new Map<PoolClient, { guarded: GuardedQuery; closeAt: number } | undefined>()
  let overdueTimer: NodeJS.Timeout | undefined
  let queries: Promise<Pool> | undefined
  let metadata: Promise<Pool> | undefined
  let closed = false
  /** Hints of the database may name columns that callers may not see. */
  const hidesColumns = config.columns !== undefined

  /** A pool that could not be opened is opened anew by the next call. */
  const queryPool = () =>
    (queries ??= openPool(config, limits.timeoutMs, limits.maxConcurrency, log).then(
      (pool) => pool.on('remove', (client) => running.delete(client as PoolClient)),
      (error: unknown) => {
        queries = undefined
        throw error
      },
    ))
  const metadataPool = () =>
    (metadata ??= openPool(config, limits.timeoutMs, metadataSessions, log).catch((error: unknown) => {
      metadata = undefined
      throw error
    }))

  /** A session, or SOURCE_UNAVAILABLE with the cause for the log. */
  const connect = async (pool: Promise<Pool>): Promise<PoolClient> => {
    if (closed) throw new Fault('NOT_READY', 'The source is closed.')
    try {
      return await (await pool).connect()
    } catch (error) {
      throw unavailable(error)
    }
  }

  /** `isSpent`: the session may keep something of what it is used for, and is not used again. */
  const withMetadata = async <T>(signal: AbortSignal, use: (client: ClientBase) => Promise<T>, isSpent = false): Promise<T> => {
    const client = await connect(metadataPool())
    const stop = () => client.release(true)
    if (signal.aborted) {
      client.release()
      throw signal.reason
    }
    signal.addEventListener('abort', stop, { once: true })
    try {
      const result = await use(client)
      signal.removeEventListener('abort', stop)
      client.release(isSpent)
      return result
    } catch (error) {
      signal.removeEventListener('abort', stop)
      if (signal.aborted) throw signal.reason
      client.release(true)
      throw faultOfPostgres(error)
    }
  }

  const loadTypes = (oids: readonly number[], signal: AbortSignal): Promise<void> =>
    withMetadata(signal, async (client) => {
      const { rows } = await client.query<{ types: TypeRow[] }>({
        text: typeQuery,
        values: [oids],
      })
      for (const row of rows[0]?.types ?? []) types.set(row.oid, typeOfRow(row))
      for (const oid of oids) if (!types.has(oid)) types.set(oid, { oid, name: 'unknown', canonical: 'other' })
    })

  /** Stops the query of a session in the database; the session is kept out of use until this has settled. */
  const cancel = async (client: PoolClient): Promise<void> => {
    const { processID } = client as unknown as { processID: number }
    await withMetadata(AbortSignal.timeout(graceMs), (other) => other.query('SELECT pg_catalog.pg_cancel_backend($1)', [processID]))
  }

  /** Ends queries that overstepped their deadline. One timer for all, and none while nothing runs. */
  const closeOverdue = (): void => {
    overdueTimer = undefined
    const now = performance.now()
    for (const query of running.values()) {
      if (query === undefined) continue
      if (now > query.closeAt)
        query.guarded.close(new Fault('QUERY_TIMEOUT', 'The query passed its time limit and its connection was closed.'))
      else overdueTimer ??= setTimeout(closeOverdue, graceMs / 2)
    }
  }

  /** Throws QUERY_TOO_COSTLY, or what planning the query throws; the session is then back in its pool. */
  const gate = async (client: PoolClient, { sql, params, limits: bounds, tag }: Query | StreamQuery): Promise<void> => {
    const prefix = `/*dataface ${tag}*/ ${explainPrefix}`
    try {
      checkEstimate(await estimatePostgres(client, prefix + sql, params), bounds)
    } catch (error) {
      client.release(breaksSession(error as Error))
      throw error instanceof Fault ? error : faultOfPostgres(error, { sql, prefix, hidesColumns })
    }
  }

  /** A session for a statement whose plan, where the source asks for it, is within its limits. */
  const connectFor = async (query: Query | StreamQuery): Promise<PoolClient> => {
    const client = await connect(queryPool())
    if (query.signal.aborted) {
      client.release()
      throw query.signal.reason
    }
    if (isGated(query.limits)) await gate(client, query)
    return client
  }

  /** Runs a statement on a session and gives the session back; `onDone` then hears what went wrong, once. */
  const execute = (
    client: PoolClient,
    { sql, tag, keepsNothing, signal, limits: { timeoutMs } }: Statement,
    options: StatementOptions,
    onDone: (fault?: unknown) => void,
  ): GuardedQuery => {
    const started = performance.now()
    const prefix = `/*dataface ${tag}*/ `
    let stopping: Promise<void> | undefined

    const guarded = new GuardedQuery({
      ...options,
      text: prefix + sql,
      onEnd(outcome) {
        running.set(client, undefined)
        signal.removeEventListener('abort', abort)
        if (outcome.connection === 'clean' && stopping === undefined && keepsNothing) {
          client.release()
          onDone()
        } else settle(outcome).then(() => onDone(), onDone)
      },
    })

    /** Ends a query that failed, was stopped, or may have left something in its session. */
    const settle = async ({ error, connection }: { error?: Error; connection: string }): Promise<void> => {
      await stopping
      const isUsable =
        connection !== 'closed' && !breaksSession(error) && (await isAsNew(client, connection === 'failed transaction', keepsNothing))
      client.release(!isUsable)
      if (signal.aborted) throw new Fault('CANCELLED', 'The call was cancelled.')
      if (error !== undefined) throw faultOfPostgres(error, { sql, prefix, hidesColumns })
    }

    const abort = () => {
      // Closing the connection as well keeps a cancel that comes late from hitting the next query of the session.
      // Before it is sent, a cancel would hit what the session begins with, and the query would follow.
      stopping = (guarded.isSent ? cancel(client) : Promise.resolve()).catch(() => {}).finally(() => guarded.close())
    }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    running.set(client, { guarded, closeAt: started + timeoutMs + graceMs })
    overdueTimer ??= setTimeout(closeOverdue, graceMs / 2)
    client.query(guarded)
    return guarded
  }

  const toColumn = (column: WireColumn): Column => {
    const type = types.get(column.dataTypeID)
    return {
      name: column.name,
      type: type?.canonical ?? 'other',
      database_type: type === undefined ? 'unknown' : formatType(type, column.dataTypeModifier),
    }
  }

  const runQuery = (client: PoolClient, query: Query): Promise<QueryResult> =>
    new Promise((resolve, reject) => {
      const started = performance.now()
      const { limits: bounds, signal } = query
      let columns: readonly WireColumn[] = []
      let writer: WireWriter | undefined
      /** Rows that came before their types were known. */
      let held: HeldRows | undefined
      let fault: unknown

      const openWriter = () => createWireWriter({ format: query.format, columns, types, limits: bounds })

      const result = (): QueryResult => ({
        columns: columns.map(toColumn),
        ...(writer ?? openWriter()).finish(),
        ...(held?.isFull === true && { truncatedBy: 'bytes' as const }),
        elapsedMs: performance.now() - started,
      })

      /** Writes the rows that were held, once their types are known. */
      const replay = async (rows: HeldRows): Promise<QueryResult> => {
        await loadTypes(
          columns.map((column) => column.dataTypeID).filter((oid) => !types.has(oid)),
          signal,
        )
        writer = openWriter()
        rows.replay(writer)
        return result()
      }

      execute(
        client,
        query,
        {
          params: query.params,
          rowCap: bounds.maxRows + 1,
          offset: query.offset,
          maxRowBytes,
          tooLong: () => rowTooLarge(bounds.maxBytes),
          onColumns(fields) {
            columns = fields
            if (fields.every((field) => types.has(field.dataTypeID))) writer = openWriter()
            else held = new HeldRows(bounds.maxBytes)
          },
          onRow(source, at, count) {
            try {
              return (writer ?? (held as HeldRows)).add(source, at, count)
            } catch (error) {
              fault = error
              return false
            }
          },
        },
        (error) => {
          const failure = error ?? fault
          if (failure !== undefined) reject(failure)
          else if (held !== undefined) replay(held).then(resolve, reject)
          else resolve(result())
        },
      )
    })

  return {
    name,
    type: 'postgres',
    dialect: 'postgres',
    description,
    defaultSchema: config.schemas?.[0] ?? 'public',
    analyze: analyzePostgres,
    async query(query) {
      const turn = admission.enter(query.caller, query.signal)
      if (turn !== undefined) await turn
      try {
        return await runQuery(await connectFor(query), query)
      } finally {
        admission.leave()
      }
    },
    async stream(query) {
      const leave = await enterStream(streams, admission, query)
      try {
        const client = await connectFor(query)
        return await streamRows({
          query,
          types,
          loadTypes: (oids) => loadTypes(oids, query.signal),
          toColumn,
          start: (options, onDone) =>
            execute(client, query, options, (fault) => {
              leave()
              onDone(fault)
            }),
        })
      } catch (error) {
        leave()
        throw error
      }
    },
    introspect: (signal) => withMetadata(signal, (client) => introspectPostgres(client, config.schemas)),
    prove: (signal) => withMetadata(signal, provePostgres),
    sample: (table, rows, signal) => withMetadata(signal, (client) => sampleTable(client, table, rows, types), table.kind === 'view'),
    async close() {
      closed = true
      clearTimeout(overdueTimer)
      for (const query of running.values()) query?.guarded.close(new Fault('NOT_READY', 'The server is stopping.'))
      for (const pool of await Promise.allSettled([queries, metadata]))
        if (pool.status === 'fulfilled') await pool.value?.end().catch(() => {})
    },
  }
}

/** A table that is slow to show its first rows, such as a view, is described without; milliseconds. */
const sampleTimeoutMs = 2_000
/** Longest sample value, characters. */
const sampleLength = 256

/** The first rows of a table as decoded values, read as text. */
const sampleTable = async (
  client: ClientBase,
  table: CatalogTable,
  rows: number,
  types: ReadonlyMap<number, PostgresType>,
): Promise<unknown[][]> => {
  const columns = table.columns.map((column) => quoteName(column.name)).join(', ')
  await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${sampleTimeoutMs}`)
  const result = await client.query<(string | null)[]>({
    text: `SELECT ${columns} FROM ${quoteName(table.schema)}.${quoteName(table.name)} LIMIT ${rows}`,
    rowMode: 'array',
    types: { getTypeParser: () => (text: string) => text } as never,
  })
  await client.query('ROLLBACK')
  const encoders = result.fields.map((field) => {
    const type = types.get(field.dataTypeID)
    return type === undefined ? quoteText : encoderOf(type, (oid) => types.get(oid))
  })
  return result.rows.map((row) => row.map((text, index) => (text === null ? null : sampleValue((encoders[index] as TextEncoder)(text)))))
}

const sampleValue = (json: string): unknown => {
  const value: unknown = JSON.parse(json)
  if (typeof value === 'string') return value.slice(0, sampleLength)
  return json.length > sampleLength ? json.slice(0, sampleLength) : value
}
