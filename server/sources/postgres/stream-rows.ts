import type { Column } from '../../../contracts/v1/values.ts'
import type { StreamTurn } from '../admission.ts'
import { BatchQueue } from '../batch-queue.ts'
import { takeColumns } from '../column-head.ts'
import { rowTooLarge } from '../row-writer.ts'
import type { RowStream, StreamQuery } from '../source.ts'
import { takeTurn } from '../stream-turns.ts'
import type { GuardedQuery, GuardedQueryOptions, WireColumn } from './guarded-query.ts'
import type { PostgresType } from './types.ts'
import { HeldRows, WireLines } from './wire-rows.ts'

/** What is asked of the database at a time: so many rows first, then as many as have about so many bytes. */
const [firstRows, portionBytes] = [500, 256 * 1024]

/** What a statement is run with; the session and its fate are the caller's business. */
export type StatementOptions = Omit<GuardedQueryOptions, 'text' | 'basis' | 'onEnd'>

export interface StreamRowsOptions {
  readonly query: StreamQuery
  readonly turn: StreamTurn
  readonly types: ReadonlyMap<number, PostgresType>
  readonly loadTypes: (oids: readonly number[]) => Promise<void>
  readonly toColumn: (column: WireColumn) => Column
  /** Starts the statement; `onDone` is called once, after the session was given back, with what went wrong. */
  readonly start: (options: StatementOptions, onDone: (fault?: unknown) => void) => GuardedQuery
}

/** Reads a whole result, a portion at a time. While the reader is behind, the socket is not read and the database waits. */
export const streamRows = ({ query, turn, types, loadTypes, toColumn, start }: StreamRowsOptions): Promise<RowStream> =>
  new Promise((resolve, reject) => {
    const { limits } = query
    const started = performance.now()
    /** Rows that came before their types were known. */
    let held: HeldRows | undefined
    let lines: WireLines | undefined
    let loading: Promise<void> | undefined
    let fault: unknown
    const queue = new BatchQueue(() => goOn())
    let isTurnTaken = false

    /** Reads on when it is this stream's turn, unless its reader is behind by then. */
    const goOn = () => {
      if (isTurnTaken) return
      isTurnTaken = true
      takeTurn(() => {
        isTurnTaken = false
        if (queue.isFull) turn.rest()
        else turn.goOn(() => guarded.resume())
      })
    }

    const takeBatch = () => {
      const batch = lines?.takeBatch()
      if (batch !== undefined) queue.push(batch)
    }
    const open = (columns: readonly WireColumn[]) => {
      const head = takeColumns(columns.length, (index) => toColumn(columns[index] as WireColumn), limits.maxBytes)
      lines = new WireLines(columns, types, { ...limits, maxBytes: head.rowBytes })
      resolve({ columns: head.columns, read: () => queue.read() })
    }

    const guarded: GuardedQuery = start(
      {
        before: [`SET LOCAL statement_timeout = ${limits.timeoutMs}`],
        params: query.params,
        rowCap: limits.maxRows + 1,
        portion: () => {
          const rowBytes = lines?.rowBytes
          return Math.min(limits.maxRows + 1, rowBytes === undefined ? firstRows : Math.ceil(portionBytes / rowBytes))
        },
        offset: 0,
        maxFieldBytes: Number.POSITIVE_INFINITY,
        maxRowBytes: limits.maxRowBytes,
        tooLong: () => rowTooLarge(limits.maxRowBytes),
        onColumns(columns) {
          const unknown = columns.map((column) => column.dataTypeID).filter((oid) => !types.has(oid))
          if (unknown.length === 0) {
            try {
              return open(columns)
            } catch (error) {
              fault = error
              return
            }
          }
          const rows = new HeldRows(Number.POSITIVE_INFINITY)
          held = rows
          guarded.pause()
          loading = loadTypes(unknown).then(() => {
            held = undefined
            open(columns)
            rows.replay(lines as WireLines)
            guarded.resume()
          })
          loading.catch((error: unknown) => {
            fault = error
            guarded.close()
          })
        },
        onRow(source, at, count) {
          if (fault !== undefined) return false
          if (held !== undefined) return held.add(source, at, count)
          const rows = lines as WireLines
          try {
            if (!rows.add(source, at, count)) return false
          } catch (error) {
            fault = error
            return false
          }
          if (rows.isBatchFull) {
            takeBatch()
            guarded.pause()
            goOn()
          }
          return true
        },
      },
      async (error) => {
        await loading?.catch(() => {})
        fault ??= error
        if (fault === undefined && lines === undefined) open([])
        reject(fault)
        if (fault !== undefined) return queue.fail(fault)
        takeBatch()
        const { rowCount, bytes, truncatedBy } = (lines as WireLines).written
        queue.end({ end: { rowCount, bytes, truncatedBy, elapsedMs: performance.now() - started } })
      },
    )
  })
