/** How far a call is, in the terms of MCP. */
export interface Progress {
  /** More each time: steps, below `total` where that is known, or the seconds since the call began. */
  readonly progress: number
  readonly total?: number
  readonly message: string
}

/** What a handler tells of its work. */
export interface Step {
  /** What was done so far, or is being done: "3 of 7 queries done". */
  readonly message: string
  /** Steps that are done, when they can be counted, and how many there are. */
  readonly done?: number
  readonly total?: number
}

export interface ProgressTicker {
  tell(step: Step): void
  /** Tells nothing from now on. */
  stop(): void
}

/** Time between two heartbeats, milliseconds. */
const beatMs = 1_000

/**
 * Tells a listener of each step of a call with a total, and every second where it is, so that a client that waits knows
 * it for alive. What would not be more than was told before is left out, as MCP wants.
 */
export const startTicker = (listener: (progress: Progress) => void): ProgressTicker => {
  const started = performance.now()
  let step: Step = { message: 'Running', done: 0 }
  let steppedAt = started
  let last = -1
  const send = (progress: Progress): void => {
    if (progress.progress <= last) return
    last = progress.progress
    listener(progress)
  }
  const beat = (): void => {
    const now = performance.now()
    const seconds = Math.round((now - started) / 1000)
    const message = `${step.message}, ${seconds} s`
    const { done, total } = step
    const of = total === undefined ? {} : { total }
    // Less than a step, however long it takes.
    const part = (now - steppedAt) / (now - steppedAt + 10 * beatMs)
    send({ progress: done === undefined ? seconds : done + part, ...of, message })
  }
  const timer = setInterval(beat, beatMs)
  return {
    tell(next) {
      step = next
      steppedAt = performance.now()
      const { done, total, message } = next
      if (done !== undefined && total !== undefined) send({ progress: done, total, message })
    },
    stop: () => clearInterval(timer),
  }
}
