import { Fault } from '../envelope/fault.ts'

/** Reaches a source for a call that has so many milliseconds. Throws SOURCE_UNAVAILABLE when they are over. */
export const withinTime = async <T>(
  source: string,
  timeoutMs: number,
  signal: AbortSignal,
  reach: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const deadline = AbortSignal.timeout(timeoutMs)
  try {
    return await reach(AbortSignal.any([signal, deadline]))
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error
    throw new Fault('SOURCE_UNAVAILABLE', `The source "${source}" did not answer within ${timeoutMs} ms.`, { cause: error })
  }
}
