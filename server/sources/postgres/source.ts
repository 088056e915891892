import type { ClientBase, Pool, PoolClient } from 'pg'
import type { PostgresSourceConfig } from '../../../contracts/v1/project.ts'
import type { Column } from '../../../contracts/v1/values.ts'
import type { EncodedJson } from '../../envelope/encoded-json.ts'
import { Fault } from '../../envelope/fault.ts'
import type { Log } from '../../operations/log.ts'
import type { SourceLimits } from '../../projects/project.ts'
import { Admission, mostStreams, StreamTurn } from '../admission.ts'
import { checkEstimate, isGated } from '../check-estimate.ts'
import { type ColumnHead, takeColumns } from '../column-head.ts'
import { maxConvertedBytes, rowTooLarge } from '../row-writer.ts'
import type { Query, QueryResult, Source, StreamQuery } from '../source.ts'
import { analyzePostgres } from './analyze.ts'
import { basisValues } from './check-basis.ts'
import { openPool, within } from './connect.ts'
import { faultOfPostgres } from './errors.ts'
import { estimatePostgres, explainPrefix } from './estimate.ts'
import { GuardedQuery, type WireColumn } from './guarded-query.ts'
import { introspectPostgres } from './introspect.ts'
import { provePostgres } from './prove.ts'
import { queryComment } from './query-comment.ts'
import { sampleQuery, sampleValue } from './sample-query.ts'
import { breaksSession, isAsNew } from './session.ts'
import { SpareSessions } from './spare-sessions.ts'
import { type StatementOptions, streamRows } from './stream-rows.ts'
import { builtinTypes, formatType, type PostgresType, type TypeRow, typeOfRow, typeQuery } from './types.ts'
import { unavailable } from './unavailable.ts'
import { createWireWriter, HeldRows, type WireWriter } from './wire-rows.ts'

export interface PostgresOptions {
  readonly name: string
  readonly description?: string | undefined
  readonly config: PostgresSourceConfig
  readonly limits: SourceLimits
  readonly log: Log
}

/** What a statement needs besides how its rows are read. */
type Statement = Pick<Query | StreamQuery, 'sql' | 'basis' | 'keepsNothing' | 'signal'> & {
  /** See query-comment.ts. */
  readonly comment: string
  readonly limits: Pick<Query['limits'], 'timeoutMs'>
}

type Commented = (Query | StreamQuery) & Statement

/** Sessions for metadata, so that it never waits behind queries. */
const metadataSessions = 2
/** How long the database may overstep a deadline before its connection is closed, and how often that is looked at, milliseconds. */
const [graceMs, checkMs] = [500, 250]
/** How long a cancel may take, and then the end of the query, milliseconds. */
const cancelMs = 1_000
/** Longest row that is read into memory, bytes. */
const maxRowBytes = 64 * 1024 * 1024

/** A Postgres database. Connects on first use; broken sessions are replaced by the pool. */
export const openPostgres = ({ name, description, config, limits, log }: PostgresOptions): Source => {
  const admission = new Admission(limits.maxConcurrency)
  const streams = new Admission(mostStreams(limits.maxConcurrency))
  const types = new Map<number, PostgresType>(builtinTypes)
  /** The query of each session. Entries stay, since taking them out would cost every call. */
  const running = new Map<PoolClient, { guarded: GuardedQuery; closeAt: number } | undefined>()
  let overdueTimer: NodeJS.Timeout | undefined
  let queries: Promise<Pool> | undefined
  let opened: Pool | undefined
  let spare: SpareSessions | undefined
  let metadata: Promise<Pool> | undefined
  let closed = false

  const open = async (sessions: number): Promise<Pool> => {
    const pool = await openPool(config, limits.timeoutMs, sessions, log)
    return pool.on('remove', (client) => running.delete(client as PoolClient))
  }
  /** A pool that could not be opened is opened anew by the next call. Streams whose readers are behind have a session and no turn. */
  const queryPool = () =>
    (queries ??= open(limits.maxConcurrency + mostStreams(limits.maxConcurrency)).then(
      (pool) => {
        opened = pool
        spare = new SpareSessions(pool)
        return pool
      },
      (error: unknown) => {
        queries = undefined
        throw error
      },
    ))
  const metadataPool = () =>
    (metadata ??= open(metadataSessions).catch((error: unknown) => {
      metadata = undefined
      throw error
    }))

  /** A session, or SOURCE_UNAVAILABLE with the cause for the log. */
  const connect = async (pool: Promise<Pool>, withinMs?: number): Promise<PoolClient> => {
    if (closed) throw new Fault('NOT_READY', 'The source is closed.')
    const connecting = pool.then((opened) => opened.connect())
    try {
      return await (withinMs === undefined ? connecting : within(connecting, withinMs))
    } catch (error) {
      // One that comes too late is for the next query.
      connecting.then(
        (client) => client.release(),
        () => {},
      )
      throw unavailable(error)
    }
  }

  const withMetadata = async <T>(signal: AbortSignal, use: (client: ClientBase) => Promise<T>): Promise<T> => {
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
      client.release()
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

  /** Stops the query of a session in the database; the session is kept out of use until this has settled. False when it may have failed. */
  const cancel = async (client: PoolClient): Promise<boolean> => {
    const { processID } = client as unknown as { processID: number }
    const sql = 'SELECT pg_catalog.pg_cancel_backend($1) AS told'
    try {
      const { rows } = await withMetadata(AbortSignal.timeout(cancelMs), (other) => other.query<{ told: boolean }>(sql, [processID]))
      return rows[0]?.told === true
    } catch {
      return false
    }
  }

  /** Ends queries that overstepped their deadline. One timer for all, and none while nothing runs. */
  const closeOverdue = (): void => {
    overdueTimer = undefined
    const now = performance.now()
    for (const query of running.values()) {
      if (query === undefined) continue
      if (now > query.closeAt)
        query.guarded.close(new Fault('QUERY_TIMEOUT', 'The query passed its time limit and its connection was closed.'))
      else overdueTimer ??= setTimeout(closeOverdue, checkMs)
    }
  }

  /** Throws QUERY_TOO_COSTLY, or what planning the query throws; the session is then back in its pool. */
  const gate = async (client: PoolClient, { sql, params, basis, limits: bounds, comment }: Commented): Promise<void> => {
    const prefix = comment + explainPrefix
    try {
      checkEstimate(await estimatePostgres(client, prefix + sql, params, basisValues(basis)), bounds)
    } catch (error) {
      client.release(breaksSession(error as Error))
      throw error instanceof Fault ? error : faultOfPostgres(error, { sql, prefix, paramCount: params.length, schemas: config.schemas })
    }
  }

  /** A session for a statement whose plan, where the source asks for it, is within its limits. */
  const connectFor = async (query: Commented): Promise<PoolClient> => {
    const client = spare?.take() ?? (await connect(queryPool(), query.limits.timeoutMs))
    if (query.signal.aborted) {
      spare?.keep(client)
      throw query.signal.reason
    }
    if (isGated(query.limits)) await gate(client, query)
    return client
  }

  /** Runs a statement on a session and gives the session back; `onDone` then hears what went wrong, once. */
  const execute = (
    client: PoolClient,
    { sql, basis, comment: prefix, keepsNothing, signal, limits: { timeoutMs } }: Statement,
    options: StatementOptions,
    onDone: (fault?: unknown) => void,
  ): GuardedQuery => {
    const started = performance.now()
    /** Whether nothing that was done to stop it can reach the next query of the session. */
    let stopping: Promise<boolean> | undefined

    const guarded = new GuardedQuery({
      ...options,
      text: prefix + sql,
      basis: basisValues(basis),
      onEnd(outcome) {
        running.set(client, undefined)
        signal.removeEventListener('abort', abort)
        if (outcome.connection === 'clean' && !signal.aborted && keepsNothing) {
          spare?.keep(client)
          onDone()
        } else settle(outcome).then(() => onDone(), onDone)
      },
    })

    /** Ends a query that failed, was stopped, or may have left something in its session. */
    const settle = async ({ error, connection }: { error?: Error; connection: string }): Promise<void> => {
      const isUsable =
        (await stopping) !== false &&
        connection !== 'closed' &&
        !breaksSession(error) &&
        (await isAsNew(client, connection === 'failed transaction', keepsNothing))
      client.release(!isUsable)
      if (signal.aborted) throw new Fault('CANCELLED', 'The call was cancelled.')
      if (error !== undefined) throw faultOfPostgres(error, { sql, prefix, paramCount: options.params.length, schemas: config.schemas })
    }

    /** Cancels it, or closes the connection where that does not end it. */
    const cancelled = async (): Promise<boolean> => {
      // Before it is sent, a cancel would hit what the session begins with, and the query would follow.
      const isTold = guarded.isSent && (await cancel(client))
      // The signal was given when the cancel is answered. What the session is sent after that, it cannot hit.
      if (isTold) await guarded.untilEnd(cancelMs)
      guarded.close()
      return isTold
    }
    const stop = () => {
      stopping = cancelled()
    }
    /** Of rows that are asked for in portions little is left to come. */
    const abort = () => (guarded.isSent && options.portion !== undefined ? guarded.drop(stop) : stop())
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    running.set(client, { guarded, closeAt: started + timeoutMs + graceMs })
    overdueTimer ??= setTimeout(closeOverdue, checkMs)
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

  const runQuery = (client: PoolClient, query: Query & Statement): Promise<QueryResult> =>
    new Promise((resolve, reject) => {
      const started = performance.now()
      const { limits: bounds, signal } = query
      let columns: readonly WireColumn[] = []
      let head: ColumnHead = { columns: [], rowBytes: bounds.maxBytes }
      let writer: WireWriter | undefined
      /** Rows that came before their types were known. */
      let held: HeldRows | undefined
      let fault: unknown
      let rowCount = 0

      const openWriter = () => {
        head = takeColumns(columns.length, (index) => toColumn(columns[index] as WireColumn), bounds.maxBytes)
        return createWireWriter({ format: query.format, columns, types, limits: { ...bounds, maxBytes: head.rowBytes } })
      }

      const result = (): QueryResult => ({
        columns: head.columns,
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
          // Sessions have the time limit of their source.
          ...(bounds.timeoutMs < limits.timeoutMs && { before: [`SET LOCAL statement_timeout = ${bounds.timeoutMs}`] }),
          params: query.params,
          rowCap: bounds.maxRows + 1,
          offset: query.offset,
          maxFieldBytes: maxConvertedBytes(bounds.maxCellBytes),
          maxRowBytes,
          tooLong: () => rowTooLarge(bounds.maxBytes),
          onColumns(fields) {
            columns = fields
            if (fields.every((field) => types.has(field.dataTypeID))) {
              try {
                writer = openWriter()
              } catch (error) {
                fault = error
              }
            } else held = new HeldRows(bounds.maxBytes)
          },
          onRow(...row) {
            if (fault !== undefined) return false
            try {
              const isTaken = (writer ?? (held as HeldRows)).add(...row)
              if (isTaken) query.onRows?.(++rowCount)
              return isTaken
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
    isRemote: true,
    description,
    defaultSchema: config.schemas?.[0] ?? 'public',
    analyze: analyzePostgres,
    async query(query) {
      const asked = performance.now()
      const turn = admission.enter(query.caller, query.signal)
      if (turn !== undefined) await turn
      try {
        const commented = { ...query, comment: queryComment(query.tag, query.watch?.onTurn(performance.now() - asked)) }
        return await runQuery(await connectFor(commented), commented)
      } finally {
        admission.leave()
      }
    },
    async stream(query) {
      const asked = performance.now()
      const turn = await StreamTurn.take(streams, admission, query)
      try {
        const commented = { ...query, comment: queryComment(query.tag, query.watch?.onTurn(performance.now() - asked)) }
        const client = await connectFor(commented)
        return await streamRows({
          query,
          turn,
          types,
          loadTypes: (oids) => loadTypes(oids, query.signal),
          toColumn,
          start: (options, onDone) =>
            execute(client, commented, options, (fault) => {
              turn.leave()
              onDone(fault)
            }),
        })
      } catch (error) {
        turn.leave()
        throw error
      }
    },
    introspect: (signal) => withMetadata(signal, (client) => introspectPostgres(client, config.schemas)),
    prove: (signal) => withMetadata(signal, provePostgres),
    pool: () => ({ active: admission.running, idle: (opened?.idleCount ?? 0) + (spare?.count ?? 0), waiting: admission.waiting }),
    async sample(...asked) {
      const query = sampleQuery(...asked)
      const result = await runQuery(await connect(metadataPool()), { ...query, comment: queryComment(query.tag) })
      return (JSON.parse((result.rows as EncodedJson).text) as unknown[][]).map((row) => row.map(sampleValue))
    },
    async close() {
      closed = true
      clearTimeout(overdueTimer)
      spare?.close()
      for (const query of running.values()) query?.guarded.close(new Fault('NOT_READY', 'The server is stopping.'))
      for (const pool of await Promise.allSettled([queries, metadata]))
        if (pool.status === 'fulfilled') await pool.value?.end().catch(() => {})
    },
  }
}
