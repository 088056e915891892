import { Fault } from '../../envelope/fault.ts'
import { isTooDeep, maxDepth } from '../../envelope/json-depth.ts'

/** A refusal in JSON-RPC. */
export interface RpcError {
  readonly jsonrpc: '2.0'
  readonly id: string | number | null
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown }
}

/** The fault of a message that nests too deep. */
export const tooDeep = (): Fault =>
  new Fault('VALIDATION_ERROR', `The message nests deeper than ${maxDepth} levels.`, {
    hint: 'Send flat arguments, as the input schema has them.',
  })

/**
 * The answer to a message that nests too deep, which whoever checks it by recursion would fail on; undefined for any
 * other. `refuse` gives the data of the answer.
 */
export const refuseDeep = (message: string, refuse: (fault: Fault) => unknown = () => undefined): RpcError | undefined => {
  if (!isTooDeep(message)) return undefined
  const fault = tooDeep()
  return { jsonrpc: '2.0', id: idOf(message), error: { code: invalidRequest, message: fault.message, data: refuse(fault) } }
}

const invalidRequest = -32600

const idOf = (message: string): string | number | null => {
  try {
    const { id } = JSON.parse(message) as { readonly id?: unknown }
    return typeof id === 'string' || typeof id === 'number' ? id : null
  } catch {
    return null
  }
}
