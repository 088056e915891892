import { availableParallelism } from 'node:os'

/**
 * Processes that may start at once. To start one takes a processor for a while; dozens at once, of a project with dozens of
 * sources, would all pass the deadlines of those who wait for them. Of the machine, hence for all sources together.
 */
const most = Math.max(2, availableParallelism())
let starting = 0
const waiting: (() => void)[] = []

/** Resolves when a process may start, undefined when it may at once; call `leaveStart` when it has, or has failed to. */
export const enterStart = (): Promise<void> | undefined => {
  if (starting < most) {
    starting++
    return undefined
  }
  return new Promise((resolve) => waiting.push(resolve))
}

/** Lets the next one start. */
export const leaveStart = (): void => {
  const next = waiting.shift()
  if (next === undefined) starting--
  else next()
}
