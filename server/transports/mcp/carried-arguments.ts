/**
 * The SDK refuses arguments that are no object in words of its own, and leaves out what is called `__proto__`. The arguments
 * of a call therefore go through it as one text, so that dispatch sees what was sent, as it does at every other door.
 */
const carrier = 'io.dataface/arguments'

/** A message, or a batch of them, for the SDK to read. */
export const carryArguments = (message: unknown): unknown => (Array.isArray(message) ? message.map(carryOne) : carryOne(message))

const carryOne = (message: unknown): unknown => {
  const { method, params } = (message ?? {}) as { readonly method?: unknown; readonly params?: unknown }
  if (method !== 'tools/call' || typeof params !== 'object' || params === null || Array.isArray(params)) return message
  const { arguments: sent } = params as { readonly arguments?: unknown }
  if (sent === undefined) return message
  return { ...(message as object), params: { ...params, arguments: { [carrier]: JSON.stringify(sent) } } }
}

/** The arguments as they were sent. */
export const carriedArguments = (given: Readonly<Record<string, unknown>> | undefined): unknown => {
  const text = given?.[carrier]
  return typeof text === 'string' ? JSON.parse(text) : given
}
