/** Streams that want to go on, the one that has waited longest first. */
const waiting: (() => void)[] = []

/**
 * Lets streams go on one after the other, one in each turn of the event loop, so that however many are read at once, a short
 * call waits for a batch of one of them and not for all. `goOn` is called once.
 */
export const takeTurn = (goOn: () => void): void => {
  waiting.push(goOn)
  if (waiting.length === 1) setImmediate(runNext)
}

const runNext = (): void => {
  waiting[0]?.()
  waiting.shift()
  if (waiting.length > 0) setImmediate(runNext)
}
