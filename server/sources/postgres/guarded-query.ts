import type { Submittable } from 'pg'
import type { ParamValue } from '../source.ts'

/** A column as RowDescription names it. */
export interface WireColumn {
  readonly name: string
  readonly dataTypeID: number
  readonly dataTypeModifier: number
}

/** The part of pg's Connection that this file writes to; it is what pg's own cursor uses. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void; destroy(): void }
  parse(message: { name?: string; text: string; types?: number[] }): void
  bind(message: { statement?: string; portal?: string; values?: unknown[]; valueMapper?: (value: unknown) => unknown }): void
  describe(message: { type: 'P'; name: string }): void
  execute(message: { portal?: string; rows?: number }): void
  sync(): void
}

export interface GuardedQueryOptions {
  /** Sent as it is; a single statement, which the extended protocol enforces. With an offset, `declarePage` stands before it. */
  readonly text: string
  readonly params: readonly ParamValue[]
  /** Rows the server may send, one more than the answer holds. */
  readonly rowCap: number
  /** Rows to skip: the statement is then read through a cursor. */
  readonly offset: number
  readonly onColumns: (columns: readonly WireColumn[]) => void
  /** False: enough was read. The connection is then of no more use and is closed. */
  readonly onRow: (fields: (string | null)[]) => boolean
  /** Called once: without an error when the transaction was rolled back and the session can be used again. */
  readonly onEnd: (outcome: { readonly error?: Error; readonly connection: 'clean' | 'failed transaction' | 'closed' }) => void
}

const pageCursor = 'dft_page'
/** Makes a cursor of the statement that follows. */
export const declarePage = `DECLARE ${pageCursor} NO SCROLL CURSOR FOR `

/** Connections on which the two statements around every query have been prepared. */
const prepared = new WeakSet<Wire>()

/**
 * BEGIN READ ONLY, one statement, ROLLBACK: all in one burst with a single Sync, so one round trip. After an error the
 * server skips the rest up to the Sync, ROLLBACK included, and the transaction is left failed.
 * Message flow: PostgreSQL manual, "Extended Query" and "Pipelining".
 */
export class GuardedQuery implements Submittable {
  readonly #options: GuardedQueryOptions
  #wire: Wire | undefined
  #reading = false
  #error: Error | undefined
  #ended = false

  constructor(options: GuardedQueryOptions) {
    this.#options = options
  }

  submit(connection: unknown): undefined {
    const wire = connection as Wire
    const { text, params, rowCap, offset } = this.#options
    this.#wire = wire
    wire.stream.cork()
    try {
      if (!prepared.has(wire)) {
        wire.parse({ name: 'dft_begin', text: 'BEGIN READ ONLY' })
        wire.parse({ name: 'dft_rollback', text: 'ROLLBACK' })
        prepared.add(wire)
      }
      wire.bind({ statement: 'dft_begin' })
      wire.execute({})
      wire.parse({ text })
      wire.bind({ values: [...params], valueMapper: paramText })
      if (offset > 0) {
        wire.execute({})
        run(wire, `MOVE FORWARD ${offset} IN ${pageCursor}`)
        wire.parse({ text: `FETCH FORWARD ${rowCap} FROM ${pageCursor}` })
        wire.bind({})
      }
      wire.describe({ type: 'P', name: '' })
      wire.execute({ rows: rowCap })
      wire.bind({ statement: 'dft_rollback' })
      wire.execute({})
      wire.sync()
    } finally {
      wire.stream.uncork()
    }
  }

  handleRowDescription(message: { fields: WireColumn[] }): void {
    if (this.#reading) return
    this.#reading = true
    this.#options.onColumns(message.fields)
  }

  handleDataRow(message: { fields: (string | null)[] }): void {
    if (this.#ended) return
    if (!this.#options.onRow(message.fields)) this.close()
  }

  handlePortalSuspended(): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}

  handleError(error: Error): void {
    this.#error = error
    // An error the server reported is followed by ReadyForQuery, which pg no longer hands to us; one of the socket is not.
    const fromServer = (error as { severity?: string }).severity !== undefined
    this.#end(fromServer ? 'failed transaction' : 'closed')
  }

  handleReadyForQuery(): void {
    this.#end('clean')
  }

  /** Ends the query by closing its connection, which also stops it in the database. */
  close(error?: Error): void {
    this.#error ??= error
    this.#wire?.stream.destroy()
    this.#end('closed')
  }

  #end(connection: 'clean' | 'failed transaction' | 'closed'): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.onEnd({ connection, ...(this.#error !== undefined && { error: this.#error }) })
  }
}

const run = (wire: Wire, text: string): void => {
  wire.parse({ text })
  wire.bind({})
  wire.execute({})
}

/** The text form of a parameter; its type is the server's to infer. */
const paramText = (value: unknown): unknown => (value === null ? null : String(value))
