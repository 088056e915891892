import type { AnyEnvelope } from './doors.ts'

/** Asks for the rows of a query as a stream. */
export const postForStream = (url: string, input: unknown, accept: string, signal?: AbortSignal): Promise<Response> =>
  fetch(`${url}/api/v1/execute_query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(input),
    ...(signal !== undefined && { signal }),
  })

export interface ReadNdjson {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly database_type: string }[]
  readonly rows: readonly unknown[][]
  readonly trailer: AnyEnvelope
}

/** A whole NDJSON answer, taken apart. */
export const readNdjson = async (response: Response): Promise<ReadNdjson> => {
  const lines = (await response.text()).split('\n')
  if (lines.pop() !== '') throw new Error('the last line does not end')
  const [head, ...rows] = lines.map((line) => JSON.parse(line) as unknown)
  const trailer = rows.pop() as AnyEnvelope
  if (typeof trailer.success !== 'boolean' || !rows.every(Array.isArray)) throw new Error('a line is of the wrong kind')
  return { columns: (head as Pick<ReadNdjson, 'columns'>).columns, rows: rows as unknown[][], trailer }
}
