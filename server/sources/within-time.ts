import { Fault } from '../envelope/fault.ts'

/** How long to wait for a source that could not be reached when it was last asked, milliseconds: others need not wait for it. */
const failedMs = 300

/** How long a list waits for one of its sources, milliseconds. */
export const patienceWith = ({ failure }: { readonly failure: Fault | undefined }, usualMs: number): number =>
  failure === undefined ? usualMs : Math.min(failedMs, usualMs)

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
