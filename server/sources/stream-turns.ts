/** How long a stream waits for a short call, milliseconds: neither a long one nor many must stop it. */
const patienceMs = 20

/** Streams that want to go on, the one that has waited longest first. */
const waiting: (() => void)[] = []
/** Calls under way, and when the last of them began that streams wait for yet. */
let [calls, lastBegan] = [0, 0]
/** Ends the wait of the first stream. */
let patience: NodeJS.Timeout | undefined

/**
 * Lets streams go on one after the other, one in each turn of the event loop, so that however many are read at once, a
 * short call waits for a batch of one of them at most; while one is under way they wait for it. `goOn` is called once.
 */
export const takeTurn = (goOn: () => void): void => {
  waiting.push(goOn)
  if (waiting.length === 1) next()
}

/** A call begins that streams wait for; `endCall` is to follow. */
export const beginCall = (): void => {
  calls++
  lastBegan = performance.now()
}

/** Whether a call is under way beside another. */
export const areCallsTogether = (): boolean => calls > 1

export const endCall = (): void => {
  calls--
  if (calls > 0 || patience === undefined) return
  clearTimeout(patience)
  patience = undefined
  setImmediate(runFirst)
}

/** Has the first stream run as soon as it may. */
const next = (): void => {
  const left = calls === 0 ? 0 : lastBegan + patienceMs - performance.now()
  if (left <= 0) setImmediate(runFirst)
  else
    patience = setTimeout(() => {
      patience = undefined
      // Waited for long enough, though timers are not as exact as clocks.
      lastBegan = Number.NEGATIVE_INFINITY
      runFirst()
    }, left)
}

const runFirst = (): void => {
  waiting[0]?.()
  waiting.shift()
  if (waiting.length > 0) next()
}
