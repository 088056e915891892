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

const parseError = -32700
export const invalidRequest = -32600
/** The message is one, and what it asks for is not said. */
export const invalidParams = -32602

/** The texts without which these methods ask for nothing. */
const neededTexts: ReadonlyMap<unknown, string> = new Map([
  ['tools/call', 'name'],
  ['resources/read', 'uri'],
])

/**
 * The message of a text, or the answer to one that cannot be read, for the same reason that other doors give: it is no JSON,
 * or nests so deep that whoever checks it by recursion would fail on it, or is no message. `batches`: whether several in an
 * array are taken.
 */
export const readMessage = (
  text: string,
  refuse: Refuse | undefined,
  { batches }: { readonly batches: boolean },
): { readonly message: unknown } | { readonly refused: RpcError } => {
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
  const messages = batches && Array.isArray(message) && message.length > 0 ? message : [message]
  if (!messages.every(isMessage)) return { refused: refusal(noMessage(), refuse, invalidRequest, idIn(message)) }
  const fault = isMessage(message) ? lackedText(message) : undefined
  return fault === undefined ? { message } : { refused: refusal(fault, refuse, invalidParams, idIn(message)) }
}

type Message = Readonly<Record<string, unknown>>

/** What is wrong with a request that lacks the text it needs. In a batch it is answered beside the others, by the SDK. */
const lackedText = ({ id, method, params = {} }: Message): Fault | undefined => {
  const path = id === undefined ? undefined : neededTexts.get(method)
  if (path === undefined || typeof (params as Message)[path] === 'string') return undefined
  return new Fault('VALIDATION_ERROR', `The params of "${method}" need "${path}", which is a text.`, {
    path,
    hint: `${method === 'tools/call' ? 'tools/list' : 'resources/list'} tells what there is.`,
  })
}

const isMessage = (value: unknown): value is Message => {
  if (!isObject(value)) return false
  const { jsonrpc, id, method, params } = value
  const isKnown = 'result' in value || 'error' in value || typeof method === 'string'
  return jsonrpc === '2.0' && isKnown && (id === undefined || isId(id)) && (params === undefined || isObject(params))
}

const isObject = (value: unknown): value is Message => typeof value === 'object' && value !== null && !Array.isArray(value)

const isId = (id: unknown): id is string | number => typeof id === 'string' || Number.isInteger(id)

/** The id of a message; null when it has none, or one that is no id. */
export const idIn = (message: unknown): string | number | null => (isObject(message) && isId(message.id) ? message.id : null)

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
    return idIn(JSON.parse(text))
  } catch {
    return null
  }
}
