import { durationBounds } from './instruments.ts'
import { countIn } from './metrics.ts'
import type { TakenCall } from './watched-call.ts'

/** How far back the status page looks: minutes. */
export const recentMinutes = 15

/** Refusals that are kept, and clients that are told apart. */
const [maxRefusals, maxClients] = [50, 50]

/** A call that was refused or failed. Nothing of what it asked for is kept. */
export interface Refusal {
  readonly project: string
  readonly tool: string
  readonly code: string
  /** The rule of the guard, or the limit. */
  readonly rule?: string | undefined
  readonly requestId: string
}

/** Calls of one tool in the last minutes. */
export interface RecentTool {
  readonly project: string
  readonly tool: string
  readonly calls: number
  /** Answers by their code, other than OK. */
  readonly codes: Readonly<Record<string, number>>
  /** Seconds that half, 95 and 99 of 100 calls took at most; of more than the largest bound, that bound. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** A program that calls, and the versions of the contracts that it was made for. */
export interface RecentClient {
  readonly project: string
  readonly client: string
  /** Calls by version: `v1`. */
  readonly versions: Readonly<Record<string, number>>
  readonly lastAt: Date
}

interface Minute {
  at: number
  readonly counts: number[]
  readonly codes: Map<string, number>
}

/** What happened lately, for a person who looks. Bounded whatever callers send. */
export class RecentCalls {
  readonly #tools = new Map<string, { readonly project: string; readonly tool: string; readonly minutes: Minute[] }>()
  readonly #clients = new Map<string, { project: string; client: string; versions: Map<number, number>; lastAt: number }>()
  #lastClient: string | undefined
  readonly #refusals: (Refusal & { readonly at: number })[] = []
  readonly #now: () => number

  /** `now` in ms since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  answered({ project, tool, version, origin }: TakenCall, code: string, seconds: number): void {
    const now = this.#now()
    const minute = this.#minuteOf(project, tool, Math.floor(now / 60_000))
    countIn(minute.counts, seconds, durationBounds)
    if (code !== 'OK') minute.codes.set(code, (minute.codes.get(code) ?? 0) + 1)
    this.#note(project, origin?.client ?? 'not named', version, now)
  }

  refused(refusal: Refusal): void {
    this.#refusals.push({ ...refusal, at: this.#now() })
    if (this.#refusals.length > maxRefusals) this.#refusals.shift()
  }

  /** The newest first. */
  get refusals(): readonly (Refusal & { readonly at: Date })[] {
    return this.#refusals.map((one) => ({ ...one, at: new Date(one.at) })).reverse()
  }

  get tools(): readonly RecentTool[] {
    const first = Math.floor(this.#now() / 60_000) - recentMinutes
    return [...this.#tools.values()].flatMap(({ project, tool, minutes }) => {
      const seen = minutes.filter(({ at }) => at > first)
      const counts = durationBounds.concat(0).map((_bound, index) => seen.reduce((sum, minute) => sum + (minute.counts[index] ?? 0), 0))
      const calls = counts.reduce((sum, count) => sum + count, 0)
      if (calls === 0) return []
      const codes: Record<string, number> = {}
      for (const minute of seen) for (const [code, count] of minute.codes) codes[code] = (codes[code] ?? 0) + count
      const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(counts, share)) as [number, number, number]
      return [{ project, tool, calls, codes, p50, p95, p99 }]
    })
  }

  /** Who called last first. */
  get clients(): readonly RecentClient[] {
    return [...this.#clients.values()]
      .map(({ project, client, versions, lastAt }) => ({
        project,
        client,
        versions: Object.fromEntries([...versions].sort(([a], [b]) => a - b).map(([version, calls]) => [`v${version}`, calls])),
        lastAt: new Date(lastAt),
      }))
      .sort((a, b) => b.lastAt.getTime() - a.lastAt.getTime())
  }

  #minuteOf(project: string, tool: string, at: number): Minute {
    const key = `${project}\u0000${tool}`
    const found = this.#tools.get(key) ?? { project, tool, minutes: [] }
    this.#tools.set(key, found)
    const last = found.minutes.at(-1)
    if (last?.at === at) return last
    const minute = { at, counts: durationBounds.map(() => 0).concat(0), codes: new Map<string, number>() }
    found.minutes.push(minute)
    if (found.minutes.length > recentMinutes) found.minutes.shift()
    return minute
  }

  #note(project: string, client: string, version: number, now: number): void {
    const key = `${project}\u0000${client}`
    const found = this.#clients.get(key) ?? { project, client, versions: new Map<number, number>(), lastAt: now }
    // Who called last stands last, so that the first is the one to forget.
    if (key !== this.#lastClient) {
      this.#clients.delete(key)
      this.#clients.set(key, found)
      this.#lastClient = key
    }
    found.versions.set(version, (found.versions.get(version) ?? 0) + 1)
    found.lastAt = now
    if (this.#clients.size > maxClients) this.#clients.delete(this.#clients.keys().next().value as string)
  }
}

/** The value that a share of all is at most, told within its bucket as if they lay there evenly. */
const quantile = (counts: readonly number[], share: number): number => {
  const wanted = share * counts.reduce((sum, count) => sum + count, 0)
  let below = 0
  for (const [index, count] of counts.entries()) {
    const [lower, upper] = [durationBounds[index - 1] ?? 0, durationBounds[index]]
    if (upper === undefined) return lower
    if (count > 0 && below + count >= wanted) return lower + ((upper - lower) * (wanted - below)) / count
    below += count
  }
  return 0
}
