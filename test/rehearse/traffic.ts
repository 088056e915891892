/** A call over REST. */
export interface TrafficCall {
  readonly tool: string
  readonly input: unknown
}

export interface Traffic {
  /** Resolves when the last call has its answer, or has none to expect. */
  stop(): Promise<void>
}

export interface TrafficOptions {
  /** Addresses of replicas, asked in turn. */
  readonly urls: readonly string[]
  readonly key: string
  /** Made one after the other, and over again. */
  readonly calls: readonly TrafficCall[]
}

/** Makes a call, and gives the status of its answer. */
export const send = async (url: string, key: string, { tool, input }: TrafficCall, signal?: AbortSignal): Promise<number> => {
  const response = await fetch(`${url}/api/v1/${tool}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
    ...(signal !== undefined && { signal }),
  })
  await response.text()
  return response.status
}

/** Makes calls at a steady pace, whether they are answered or not. */
export const callSteadily = ({ urls, key, calls }: TrafficOptions, perSecond: number): Traffic => {
  const stopped = new AbortController()
  const underWay = new Set<Promise<unknown>>()
  let count = 0
  const timer = setInterval(() => {
    const call = calls[count % calls.length] as TrafficCall
    const url = urls[count % urls.length] as string
    count++
    // A replica that is down is a part of what is rehearsed.
    const sent = send(url, key, call, stopped.signal).catch(() => {})
    underWay.add(sent)
    void sent.then(() => underWay.delete(sent))
  }, 1000 / perSecond)
  return {
    async stop() {
      clearInterval(timer)
      stopped.abort()
      await Promise.all(underWay)
    },
  }
}

/** Keeps so many calls under way, each followed by the next as soon as it is answered. */
export const callInTurn = ({ urls, key, calls }: TrafficOptions, atOnce: number): Traffic => {
  const stopped = new AbortController()
  let count = 0
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const call = calls[count % calls.length] as TrafficCall
      const url = urls[count % urls.length] as string
      count++
      const started = performance.now()
      await send(url, key, call, stopped.signal).catch(() => {})
      // Who is refused at once comes back, but not as fast as the machine allows.
      if (performance.now() - started < 20) await new Promise((done) => setTimeout(done, 20))
    }
  }
  const loops = Array.from({ length: atOnce }, loop)
  return {
    async stop() {
      stopped.abort()
      await Promise.all(loops)
    },
  }
}
