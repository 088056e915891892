import { errorCodeList } from '../../contracts/v1/errors.ts'
import type { AnyEnvelope } from '../support/doors.ts'

/** How long a call may be without an answer before it counts as one that hangs, milliseconds. */
const hangMs = 60_000

/** What came of calls. */
export class Tally {
  calls = 0
  answered = 0
  readonly codes = new Map<string, number>()
  hangs = 0
  /** Answers that are no envelope, or not the one that must come; a few of them. */
  readonly odd: string[] = []
  /** Milliseconds that each call took that was answered. */
  readonly times: number[] = []

  /** Makes a call and counts it; `isRight` looks at what was answered. Never rejects. */
  async call(make: (signal: AbortSignal) => Promise<AnyEnvelope>, isRight: (answer: AnyEnvelope) => boolean = () => true): Promise<void> {
    this.calls++
    const signal = AbortSignal.timeout(hangMs)
    const started = performance.now()
    try {
      const answer = await make(signal)
      const code = answer.success ? 'OK' : answer.errors?.[0]?.code
      if (code === undefined || (code !== 'OK' && !errorCodeList.some((one) => one === code))) throw new Error('no code')
      if (!isRight(answer)) throw new Error(`another answer: ${JSON.stringify(answer).slice(0, 300)}`)
      this.answered++
      this.codes.set(code, (this.codes.get(code) ?? 0) + 1)
      this.times.push(performance.now() - started)
    } catch (error) {
      if (signal.aborted) this.hangs++
      else this.#tell(String(error instanceof Error ? (error.cause ?? error) : error))
    }
  }

  #tell(what: string): void {
    if (this.odd.length < 5) this.odd.push(what)
    else this.odd[4] = 'and more'
  }

  /** Milliseconds within which this share of the calls was answered. */
  quantile(share: number): number {
    const sorted = this.times.sort((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  }
}

/** Calls over and over on `width` lanes until the time is up; `pauseMs` between two calls of a lane. */
export const repeat = async (
  width: number,
  seconds: number,
  call: (lane: number, turn: number) => Promise<void>,
  pauseMs = 0,
): Promise<void> => {
  const until = performance.now() + seconds * 1000
  await Promise.all(
    Array.from({ length: width }, async (_, lane) => {
      if (pauseMs > 0) await pause((pauseMs * lane) / width)
      for (let turn = 0; performance.now() < until; turn++) {
        await call(lane, turn)
        if (pauseMs > 0) await pause(pauseMs)
      }
    }),
  )
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))
