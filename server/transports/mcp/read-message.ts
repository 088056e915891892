import { Fault } from '../../envelope/fault.ts'
import { parseJson } from '../http/body.ts'

/** A refusal in JSON-RPC. */
export interface RpcError {
  readonly jsonrpc: '2.0'
  readonly id: string | number | null
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown }
}

/** The data of an error that is answered before a tool is reached. */
export type Refuse = (fault: Fault) => unknown

const [parseError, invalidRequest] = [-32700, -32600]

/**
 * The message of a text, or the answer to one that cannot be read, for the same reason that other doors give: it is no JSON,
 * or nests so deep that whoever checks it by recursion would fail on it, or is no message.
 */
export const readMessage = (text: string, refuse: Refuse | undefined): { readonly message: unknown } | { readonly refused: RpcError } => {
  let message: unknown
  try {
    message = parseJson(text)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    // What nests too deep has no place where it is wrong.
    return error.details.position === undefined
      ? { refused: refusal(error, refuse, invalidRequest, idOf(text)) }
      : { refused: refusal(error, refuse) }
  }
  const messages = Array.isArray(message) && message.length > 0 ? message : [message]
  if (messages.every((one) => typeof one === 'object' && one !== null && !Array.isArray(one))) return { message }
  return { refused: refusal(noMessage(), refuse, invalidRequest) }
}

/** The answer to a line over stdio, where a batch is no message either, and no other answer would come. */
export const refuseUnread = (message: unknown, refuse: Refuse | undefined): RpcError | undefined => {
  const { jsonrpc, id, method, params } = message as { readonly [name: string]: unknown }
  const isKnown = 'result' in (message as object) || 'error' in (message as object) || typeof method === 'string'
  const hasId = id === undefined || typeof id === 'string' || Number.isInteger(id)
  const hasParams = params === undefined || (typeof params === 'object' && params !== null && !Array.isArray(params))
  if (!Array.isArray(message) && jsonrpc === '2.0' && isKnown && hasId && hasParams) return undefined
  return refusal(noMessage(), refuse, invalidRequest, hasId ? ((id as string | number | undefined) ?? null) : null)
}

/** A fault as an error of JSON-RPC. */
export const refusal = (fault: Fault, refuse: Refuse | undefined, code = parseError, id: RpcError['id'] = null): RpcError => ({
  jsonrpc: '2.0',
  id,
  error: { code, message: fault.message, ...(refuse !== undefined && { data: refuse(fault) }) },
})

const noMessage = (): Fault =>
  new Fault('VALIDATION_ERROR', 'The request is not a JSON-RPC message.', {
    hint: 'Send one JSON object with "jsonrpc": "2.0", an id and a method.',
  })

const idOf = (text: string): string | number | null => {
  try {
    const { id } = JSON.parse(text) as { readonly id?: unknown }
    return typeof id === 'string' || typeof id === 'number' ? id : null
  } catch {
    return null
  }
}
