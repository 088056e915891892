import type { Submittable } from 'pg'
import { serialize } from 'pg-protocol'
import type { ParamValue } from '../source.ts'
import { type BasisValues, basisChecks } from './check-basis.ts'
import { commandComplete, portalSuspended, type RowConnection, type RowSink, type RowTaker } from './row-connection.ts'

/** A column as RowDescription names it. */
export interface WireColumn {
  readonly name: string
  readonly dataTypeID: number
  readonly dataTypeModifier: number
}

/** The part of pg's Connection that this file uses. */
type Wire = Pick<RowConnection, 'stream' | 'sink'>

export interface GuardedQueryOptions {
  /** Run in the transaction before the statement. */
  readonly before?: readonly string[]
  /** Sent as it is; a single statement, which the extended protocol enforces. */
  readonly text: string
  readonly params: readonly ParamValue[]
  /** What the statement was judged upon. */
  readonly basis: BasisValues
  /** Rows the server may send, one more than the answer holds. */
  readonly rowCap: number
  /**
   * How many rows to ask for at a time: the server then works no further ahead of who reads them than two such portions.
   * Absent: all rows are asked for at once. Not together with `offset`.
   */
  readonly portion?: () => number
  /** Rows to skip in the database. */
  readonly offset: number
  readonly onColumns: (columns: readonly WireColumn[]) => void
  /** False: enough was read. It is not called again, and what the server still sends is dropped. */
  readonly onRow: RowTaker<boolean>
  /** See RowSink. */
  readonly maxFieldBytes: number
  readonly maxRowBytes: number
  /** What to throw for a row that is longer. */
  readonly tooLong: () => Error
  /** Called once: without an error when the transaction was rolled back and the session can be used again. */
  readonly onEnd: (outcome: { readonly error?: Error; readonly connection: 'clean' | 'failed transaction' | 'closed' }) => void
}

/**
 * How long rows are dropped that nobody wants, milliseconds: usually the last was on its way already. A session that has more
 * to send is closed, which costs about as much as this.
 */
const dropMs = 20

/** Names under which the statements around every query are prepared in a session. */
export const preparedNames = {
  begin: 'dft_begin',
  functions: 'dft_functions',
  relations: 'dft_relations',
  rollback: 'dft_rollback',
} as const

/** The portal that is moved in. A cursor that SQL declares would be planned for its first rows, and give rows that sort alike in another order. */
const pagePortal = 'dft_page'

/** Connections on which the statements around every query have been prepared. */
const prepared = new WeakSet<Wire>()

/**
 * BEGIN READ ONLY, one statement, ROLLBACK: all in one burst with a single Sync, so one round trip. Binding the statement
 * locks the relations that it reads, and READ COMMITTED lets the check after it see them as they are. After an error the
 * server skips the rest up to the Sync, ROLLBACK included, and the transaction is left failed.
 * Message flow: PostgreSQL manual, "Extended Query" and "Pipelining".
 */
export class GuardedQuery implements Submittable, RowSink {
  readonly #options: GuardedQueryOptions
  #wire: Wire | undefined
  #reading = false
  #error: Error | undefined
  #ended = false
  #onEnded: (() => void) | undefined
  /** Commands before the statement that are not done yet. */
  #before = 0
  /** Whether the server was told to end the transaction. */
  #isEnding = true
  /** Waits for the rest once enough was read. */
  #dropping: NodeJS.Timeout | undefined

  constructor(options: GuardedQueryOptions) {
    this.#options = options
  }

  /** Whether the database has been sent anything of it. */
  get isSent(): boolean {
    return this.#wire !== undefined
  }

  /** Gives an error, and sends nothing, when it was closed while it waited behind another query of its session. */
  submit(connection: unknown): Error | undefined {
    if (this.#ended) return this.#error ?? new Error('The query was closed before it was sent.')
    const wire = connection as Wire
    const { text, params, rowCap, portion, offset, before = [], basis } = this.#options
    this.#wire = wire
    wire.sink = this
    const messages: Uint8Array[] = []
    if (!prepared.has(wire)) {
      messages.push(prepareAround)
      prepared.add(wire)
    }
    const portal = offset > 0 ? pagePortal : ''
    messages.push(beginning)
    for (const statement of before) messages.push(...run(statement))
    const bind = params.length === 0 && portal === '' ? bindNothing : serialize.bind({ portal, values: params.map(paramText) })
    messages.push(...check('functions', basis), serialize.parse({ text }), bind, ...check('relations', basis))
    if (offset > 0) messages.push(...run(`MOVE FORWARD ${offset} IN ${pagePortal}`))
    messages.push(serialize.describe({ type: 'P', name: portal }))
    if (portion === undefined) messages.push(serialize.execute({ portal, rows: rowCap }), ending)
    else {
      this.#isEnding = false
      this.#before = 1 + before.length + Object.keys(basis).length
      messages.push(askFor(portion()), askFor(portion()))
    }
    // One buffer is one system call; the driver's own methods would write a dozen.
    wire.stream.write(Buffer.concat(messages))
    return undefined
  }

  handleRowDescription(message: { fields: WireColumn[] }): void {
    if (this.#reading) return
    this.#reading = true
    this.#options.onColumns(message.fields)
  }

  get maxRowBytes(): number {
    return this.#options.maxRowBytes
  }

  get maxFieldBytes(): number {
    return this.#options.maxFieldBytes
  }

  row(source: Buffer, at: number, count: number, sizes?: readonly number[]): void {
    if (this.#ended || this.#dropping !== undefined) return
    if (!this.#options.onRow(source, at, count, sizes)) this.drop(() => this.close())
  }

  /** Reads what is still to come without a use for it; when it has not ended a moment later, `orElse` is called. */
  drop(orElse: () => void): void {
    if (this.#ended || this.#dropping !== undefined) return
    this.#dropping = setTimeout(orElse, dropMs)
    this.#finish(ending)
    this.resume()
  }

  /** Asks for the next portion once one is sent, and for the end once all are. */
  step(type: number): void {
    const { portion } = this.#options
    if (this.#isEnding || portion === undefined) return
    if (type === portalSuspended) this.#wire?.stream.write(askFor(portion()))
    else if (type === commandComplete && this.#before-- === 0) this.#finish(ending)
  }

  /** Sends what the server needs to be ready for the next query, unless it has that already. */
  #finish(messages: Buffer): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#wire?.stream.write(messages)
  }

  tooLong(): void {
    this.close(this.#options.tooLong())
  }

  /** Rows come to `row` instead. */
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}

  handleError(error: Error): void {
    this.#error = error
    // An error the server reported is followed by ReadyForQuery, which pg no longer hands to us; one of the socket is not.
    const fromServer = (error as { severity?: string }).severity !== undefined
    if (fromServer) this.#finish(sync)
    this.#end(fromServer ? 'failed transaction' : 'closed')
  }

  handleReadyForQuery(): void {
    this.#end('clean')
  }

  /** Reads no further until `resume`; the database then waits. */
  pause(): void {
    this.#wire?.stream.pause()
  }

  /** Nothing once it has ended: its connection may have another query by then. */
  resume(): void {
    if (!this.#ended) this.#wire?.stream.resume()
  }

  /** Resolves once it has ended, or after so many milliseconds. */
  untilEnd(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended) return resolve()
      this.#onEnded = resolve
      setTimeout(resolve, withinMs).unref()
    })
  }

  /** Ends the query by closing its connection, which also stops it in the database. Nothing once it has ended. */
  close(error?: Error): void {
    if (this.#ended) return
    this.#error ??= error
    this.#wire?.stream.destroy()
    this.#end('closed')
  }

  #end(connection: 'clean' | 'failed transaction' | 'closed'): void {
    if (this.#ended) return
    this.#ended = true
    this.#onEnded?.()
    clearTimeout(this.#dropping)
    if (this.#wire !== undefined) this.#wire.sink = undefined
    // The bytes that paused it may have held the end as well.
    this.#wire?.stream.resume()
    this.#options.onEnd({ connection, ...(this.#error !== undefined && { error: this.#error }) })
  }
}

/** The text form of a parameter; its type is the server's to infer. */
const paramText = (value: ParamValue): string | null => (value === null ? null : String(value))

/** A check has a portal of its own: the one without a name is that of the statement. */
const check = (part: keyof BasisValues, { [part]: values }: BasisValues): Uint8Array[] => {
  if (values === undefined) return []
  const name = preparedNames[part]
  return [serialize.bind({ portal: name, statement: name, values: [...values] }), serialize.execute({ portal: name })]
}

const run = (text: string): Uint8Array[] => [serialize.parse({ text }), serialize.bind({}), serialize.execute({})]

const prepareAround = Buffer.concat([
  serialize.parse({ name: preparedNames.begin, text: 'BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY' }),
  serialize.parse({ name: preparedNames.functions, text: basisChecks.functions }),
  serialize.parse({ name: preparedNames.relations, text: basisChecks.relations }),
  serialize.parse({ name: preparedNames.rollback, text: 'ROLLBACK' }),
])
const beginning = Buffer.concat([serialize.bind({ statement: preparedNames.begin }), serialize.execute({})])
const bindNothing = serialize.bind({})
const sync = serialize.sync()
const ending = Buffer.concat([serialize.bind({ statement: preparedNames.rollback }), serialize.execute({}), sync])

/** Asks for so many more rows of the statement, to be sent at once. */
const askFor = (rows: number): Buffer => Buffer.concat([serialize.execute({ rows }), serialize.flush()])
