import { firstLook, mitigations } from '../operations/runbook.ts'
import { startPrometheus } from './prometheus.ts'
import { type Site, type SiteOptions, startSite } from './site.ts'
import { callSteadily, send, type Traffic, type TrafficCall } from './traffic.ts'
import { waitUntil } from './wait-until.ts'

/** What a fault leaves running, and what the operator has found out about it. */
export interface Fault {
  readonly traffic?: readonly Traffic[]
  /** Variables that the runbook takes beside those of the site. */
  readonly variables?: Readonly<Record<string, string>>
  /** Takes back what the site itself does not, once the rehearsal is over. */
  readonly over?: () => Promise<void>
}

export interface Rehearsal {
  readonly alert: string
  /** The part of the runbook's mitigation that is performed, by its heading. Default: all of it. */
  readonly mitigation?: string
  /** What is broken, in a few words. */
  readonly fault: string
  readonly site?: SiteOptions
  /** What callers do before, meanwhile and after. Default: queries and lookups, ten a second. */
  readonly usual?: { readonly calls: readonly TrafficCall[]; readonly perSecond: number }
  /** How long it takes until the alert fires, and until it clears, minutes by the clock of the rules. Default 30. */
  readonly minutes?: { readonly fires?: number; readonly clears?: number }
  inject(site: Site): Promise<Fault>
}

export interface Outcome {
  readonly alert: string
  readonly mitigation?: string
  readonly fault: string
  /** From the fault to the alert, for the runbook's mitigation, and from there until the alert is clear: ms. */
  readonly detectedMs: number
  readonly mitigatedMs: number
  readonly clearedMs: number
}

export const usualCalls: readonly TrafficCall[] = [
  { tool: 'execute_query', input: { source: 'shop', sql: 'SELECT count(*) FROM customers' } },
  { tool: 'catalog', input: {} },
  { tool: 'execute_query', input: { source: 'shop', sql: 'SELECT name FROM customers ORDER BY id LIMIT 3' } },
  { tool: 'list_tables', input: { source: 'shop' } },
]

/** What a busy machine may take for anything beside what the rules wait for, milliseconds. */
const slackMs = 120_000

/** How long an alert must stay clear, milliseconds: one that comes back was not mended. */
const stayMs = 10_000

/** Breaks a site, waits until the alert tells, looks and does as its runbook says, waits until the alert is clear, and sees that others are served. */
export const rehearse = async (rehearsal: Rehearsal, factor: number, tell: (text: string) => void): Promise<Outcome> => {
  const { alert, mitigation = '', fault: broken, usual = { calls: usualCalls, perSecond: 10 }, minutes = {} } = rehearsal
  const script = mitigations(alert).get(mitigation)
  if (script === undefined) throw new Error(`the runbook of ${alert} has no mitigation "${mitigation}"`)
  const waitMs = (least: number): number => (least * 60_000) / factor + slackMs

  const ends: (() => Promise<void>)[] = []
  try {
    tell(`${alert}: a site is started`)
    const site = await startSite(rehearsal.site ?? {})
    ends.push(site.stop)
    const prometheus = await startPrometheus({
      folder: `${site.folder}/prometheus`,
      targets: site.replicas.map(({ port }) => `127.0.0.1:${port}`),
      token: site.token,
      factor,
    })
    ends.push(prometheus.stop)
    const urls = site.replicas.map(({ url }) => url)
    const key = await site.createKey('usual')
    ends.push(callSteadily({ urls, key, calls: usual.calls }, usual.perSecond).stop)
    await waitUntil('every replica is read', waitMs(5), async () => (await prometheus.countUp()) === urls.length)
    await new Promise((done) => setTimeout(done, 300_000 / factor))
    if ((await prometheus.firing(alert)).length > 0) throw new Error('the alert fires before anything is broken')

    tell(`${alert}: ${broken}`)
    const fault = await rehearsal.inject(site)
    ends.push(...(fault.traffic ?? []).map(({ stop }) => stop), ...(fault.over === undefined ? [] : [fault.over]))
    const isFiring = async (): Promise<boolean> => (await prometheus.firing(alert)).length > 0
    const detectedMs = await waitUntil(`${alert} fires`, waitMs(minutes.fires ?? 30), isFiring)

    tell(`${alert}: fires after ${seconds(detectedMs)}`)
    const [labels = {}] = await prometheus.firing(alert)
    const ofLabels = Object.fromEntries(Object.entries(labels).map(([name, value]) => [name.toUpperCase(), value]))
    const variables = { ...site.variables, ...ofLabels, PROJECT: site.project, ...fault.variables }
    await site.look(firstLook(alert), variables)
    const started = performance.now()
    tell(await site.operate(script, variables))
    const mitigatedMs = performance.now() - started
    const clearedMs = await clearAfter(isFiring, alert, waitMs(minutes.clears ?? 30))
    for (const url of urls) {
      const status = await send(url, key, { tool: 'list_tables', input: { source: 'shop' } })
      if (status !== 200) throw new Error(`the runbook was done, and a caller who did nothing wrong gets ${status}`)
    }
    tell(`${alert}: clear ${seconds(clearedMs)} after its runbook was done`)
    return { alert, ...(mitigation !== '' && { mitigation }), fault: broken, detectedMs, mitigatedMs, clearedMs }
  } finally {
    // What cannot be taken back must not keep the rest from being so.
    for (const end of ends.reverse()) await end().catch((error: unknown) => tell(`${alert}: ${error}`))
  }
}

/** How long it takes until an alert is clear, and stays so for a moment: ms. */
const clearAfter = async (isFiring: () => Promise<boolean>, alert: string, withinMs: number): Promise<number> => {
  const started = performance.now()
  let clearSince: number | undefined
  await waitUntil(`${alert} is clear`, withinMs, async () => {
    clearSince = (await isFiring()) ? undefined : (clearSince ?? performance.now())
    return clearSince !== undefined && performance.now() - clearSince > stayMs
  })
  return (clearSince ?? started) - started
}

/** A time as people read it. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
