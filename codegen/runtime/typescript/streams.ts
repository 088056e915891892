import { type Answer, answerOf, type CallOptions, type Opened, readJson, type Transport } from './transport.ts'

/** The data of a tool whose rows can be streamed. */
interface Rows {
  columns: unknown[]
  rows?: unknown[][]
}

/** A stream may take any time, and what streams only reads. */
const streamOptions: CallOptions = { timeoutMs: Number.POSITIVE_INFINITY, repeatable: true }

/** The answers of a tool, one after the other, to the last. The call is made anew for each, with the cursor of the one before. */
export async function* pagesOf<Input extends { cursor?: string | undefined }, Output extends { next_cursor?: string }>(
  call: (input: Input) => Promise<Output>,
  input: Input,
): AsyncGenerator<Output, void, undefined> {
  let next: Input | undefined = input
  while (next !== undefined) {
    const page: Output = await call(next)
    yield page
    next = page.next_cursor === undefined ? undefined : { ...next, cursor: page.next_cursor }
  }
}

/**
 * The rows of a result as they arrive, each a list of values in the order of `columns`, in constant memory. To be read
 * once: leaving the loop early, or `close()`, ends the query in the database.
 */
export interface RowStream<Output extends Rows> extends AsyncIterable<NonNullable<Output['rows']>[number]> {
  readonly columns: Output['columns']
  /** Row count, truncation and more; undefined until the last row was read. */
  readonly answer: Answer<Omit<Output, 'rows'>> | undefined
  /** Ends the query when rows are left. */
  close(): Promise<void>
}

class LinesOfRows<Output extends Rows> implements RowStream<Output> {
  readonly columns: Output['columns']
  answer: RowStream<Output>['answer']
  #lines: AsyncGenerator<unknown, void, undefined>

  constructor(columns: Output['columns'], lines: AsyncGenerator<unknown, void, undefined>) {
    this.columns = columns
    this.#lines = lines
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<NonNullable<Output['rows']>[number], void, undefined> {
    for await (const line of this.#lines) {
      if (Array.isArray(line)) yield line
      else this.answer = line as Answer<Output>
    }
  }

  async close(): Promise<void> {
    await this.#lines.return()
  }
}

/** Opens the rows of a tool as NDJSON. Throws what failed before the first row. */
export const openRows = async <Output extends Rows>(
  transport: Transport,
  tool: string,
  input: object,
  options?: CallOptions,
): Promise<RowStream<Output>> => {
  const opened = await transport.open(tool, input, 'application/x-ndjson', { ...streamOptions, ...options })
  const lines = linesOf(opened)
  const { value } = await lines.next()
  return new LinesOfRows(((value as Rows | undefined)?.columns ?? []) as Output['columns'], lines)
}

/** The rows of a tool as an Arrow IPC stream, for a library that reads one: `RecordBatchReader.from(response)`. */
export const openArrow = async (transport: Transport, tool: string, input: object, options?: CallOptions): Promise<Response> =>
  (await transport.open(tool, input, 'application/vnd.apache.arrow.stream', { ...streamOptions, ...options })).response

/** The lines of NDJSON: the head, the rows, and the answer that ends them. Throws when that is missing or tells a failure. */
async function* linesOf({ response, failure, end }: Opened): AsyncGenerator<unknown, void, undefined> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let kept = ''
  let isWhole = false
  try {
    while (true) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw failure(cause)
      })
      if (done) break
      const lines = (kept + decoder.decode(value, { stream: true })).split('\n')
      kept = lines.pop() as string
      for (const line of lines) {
        const parsed = readJson(line)
        isWhole = !Array.isArray(parsed) && !(parsed as Partial<Rows> | null)?.columns
        yield isWhole ? answerOf(parsed, response) : parsed
      }
    }
    if (!isWhole) throw failure(new Error('the stream ended before its last line'))
  } finally {
    end()
    await reader.cancel().catch(() => undefined)
  }
}
