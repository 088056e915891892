import { callQuietly, type QuietCall } from './quiet-caller.ts'
import type { Held, StressServer } from './server.ts'
import { pause, Tally } from './tally.ts'

export interface Report {
  readonly tally: Tally
  readonly before: Held
  readonly after: Held
  /** p99 of a caller beside the load, milliseconds, and the same without it. */
  readonly quiet?: { readonly alone: number; readonly beside: number; readonly tally: Tally }
  /** What must hold and does not. */
  readonly faults: readonly string[]
  /** Figures that miss their aim; how long something takes depends on the machine. */
  readonly missed: readonly string[]
}

/** A load, and what is said of it. */
export interface Program {
  readonly name: string
  readonly about: string
  run(context: StressContext): Promise<Report>
}

export interface StressContext {
  /** Connection string of the administrator of a cluster. */
  readonly cluster: string
  readonly seconds: number
  /** A name for databases that no other run has. */
  readonly mark: string
}

export interface LoadOptions {
  readonly server: StressServer
  readonly seconds: number
  readonly tally: Tally
  /** The load, for so many seconds. */
  readonly load: (seconds: number) => Promise<void>
  /** What the caller beside it asks. */
  readonly quiet?: QuietCall
  /** Codes that may come; anything else is a fault. */
  readonly allowed?: readonly string[]
  /** Whether calls may stay without an answer, of clients that go away. */
  readonly mayVanish?: boolean
}

/** Growth that is no leak: caches that fill, buffers of connections that wait. */
const mostGrowth = { bytes: 24 * 1024 * 1024, share: 0.25, handles: 12 }
/** How many times slower the quiet caller may become. */
const mostUnfair = 3
const quietEveryMs = 25
/** How long the quiet caller is measured alone at most, seconds. */
const mostAlone = 60
/** Calls before anything is measured, and how long they may take, milliseconds. */
const [leastWarm, mostWarmMs] = [100, 20_000]

/** Warms up with the load, then puts it on the server beside the quiet caller, and looks at what is left of it. */
export const runLoad = async ({ server, seconds, tally, load, quiet, allowed = [], mayVanish = false }: LoadOptions): Promise<Report> => {
  const mostWarmAt = performance.now() + Math.min(mostWarmMs, seconds * 5_000)
  const warm = Math.max(1, Math.min(20, seconds / 4))
  // Until what is kept is there: a load that comes slowly takes longer.
  do await load(warm)
  while (tally.calls < leastWarm && tally.calls > 0 && performance.now() < mostWarmAt)
  const counted = { calls: tally.calls, answered: tally.answered }
  await settle(server)
  const before = await server.held()
  const callBeside = async (time: number): Promise<Tally> =>
    quiet === undefined ? new Tally() : callQuietly({ ...quiet, url: server.url, seconds: time, pauseMs: quietEveryMs })
  // As long as beside it: a hundredth of few calls is one or two of them.
  const alone = await callBeside(Math.min(seconds, mostAlone))
  const [beside] = await Promise.all([callBeside(seconds), load(seconds)])
  const after = await settle(server)

  const faults: string[] = []
  const fault = (isFault: boolean, text: string) => isFault && faults.push(text)
  fault(tally.calls === counted.calls, 'nothing was called')
  fault(tally.hangs + beside.hangs > 0, `${tally.hangs + beside.hangs} calls hang`)
  const odd = [...tally.odd, ...beside.odd]
  fault(odd.length > 0, `calls without a right answer: ${odd.join('; ')}`)
  fault(!mayVanish && tally.answered !== tally.calls - tally.hangs, `${tally.calls - tally.answered} calls without an answer`)
  for (const [code, count] of [...tally.codes, ...beside.codes]) fault(code !== 'OK' && !allowed.includes(code), `${count} answers ${code}`)
  fault(tally.codes.get('OK') === undefined, 'no call succeeded')
  fault(after.busySessions > 0, `${after.busySessions} sessions are still busy`)
  fault(after.handles > before.handles + mostGrowth.handles, `handles grew from ${before.handles} to ${after.handles}`)
  const grown = after.aliveBytes - before.aliveBytes
  fault(grown > Math.max(mostGrowth.bytes, before.aliveBytes * mostGrowth.share), `memory grew by ${mib(grown)} MiB`)

  const fairness = quiet && { alone: alone.quantile(0.99), beside: beside.quantile(0.99), tally: beside }
  const missed =
    fairness !== undefined && fairness.beside > mostUnfair * fairness.alone
      ? [`the quiet caller became ${(fairness.beside / fairness.alone).toFixed(1)} times slower, of at most ${mostUnfair}`]
      : []
  return { tally, before, after, ...(fairness && { quiet: fairness }), faults, missed }
}

/** What a server holds once it is at rest: connections are closed some seconds after their last use. */
const settle = async (server: StressServer): Promise<Held> => {
  let held = await server.held()
  for (let turn = 0; turn < 12; turn++) {
    await pause(500)
    const next = await server.held()
    if (next.busySessions === 0 && next.handles >= held.handles && turn > 1) return next
    held = next
  }
  return held
}

const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1)
const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0)

/** A report for people. */
export const printReport = (name: string, seconds: number, { tally, before, after, quiet, faults, missed }: Report): string => {
  const codes = [...tally.codes].map(([code, count]) => `${code} ${count}`).join(', ')
  return [
    `## ${name}, ${seconds} s`,
    '',
    `- calls ${tally.calls}, answered ${tally.answered} (${codes}), hangs ${tally.hangs}`,
    `- p50 ${ms(tally.quantile(0.5))} ms, p99 ${ms(tally.quantile(0.99))} ms`,
    `- memory ${mib(before.aliveBytes)} to ${mib(after.aliveBytes)} MiB, handles ${before.handles} to ${after.handles}, busy sessions ${before.busySessions} to ${after.busySessions}`,
    ...(quiet === undefined
      ? []
      : [`- a quiet caller: p99 ${ms(quiet.alone)} ms alone, ${ms(quiet.beside)} ms beside it, ${quiet.tally.calls} calls`]),
    ...[...faults, ...missed].map((text) => `- MISSED: ${text}`),
    '',
  ].join('\n')
}
