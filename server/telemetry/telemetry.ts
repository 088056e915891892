import { type ErrorCode, errorDefinitions } from '../../contracts/v1/errors.ts'
import type { Fault } from '../envelope/fault.ts'
import type { Project } from '../projects/project.ts'
import { createInstruments, readInstruments } from './instruments.ts'
import type { Metric, Point } from './metrics.ts'
import { ProcessFigures } from './observe-process.ts'
import { observeProjects } from './observe-projects.ts'
import { RecentCalls } from './recent-calls.ts'
import type { Tracer } from './tracer.ts'
import { type CallCounts, type TakenCall, WatchedCall } from './watched-call.ts'

export interface TelemetryOptions {
  /** Of the server. */
  readonly version: string
  /** Stands for the contracts that are served: 12 hexadecimal digits. */
  readonly contract: string
  /** Makes spans of calls. Default: calls are not traced. */
  readonly tracer?: Tracer | undefined
}

/** How the settings of a project were read when they changed last. */
export interface Reload {
  readonly project: string
  readonly isOk: boolean
  readonly at: Date
}

/**
 * What a server knows of itself: every metric, the calls of the last minutes, and the spans of calls where they are traced.
 * One for a process, whichever projects it serves and however often their settings change.
 */
export class Telemetry {
  readonly recent = new RecentCalls()
  readonly startedAt = new Date()
  readonly version: string
  readonly contract: string
  readonly #tracer: Tracer | undefined
  readonly #instruments = createInstruments()
  readonly #counts = new Map<string, CallCounts>()
  readonly #reloads = new Map<string, Reload>()
  readonly #process = new ProcessFigures()
  #projects: () => readonly Project[] = () => []
  #leftOut: () => readonly string[] = () => []

  constructor({ version, contract, tracer }: TelemetryOptions) {
    this.version = version
    this.contract = contract
    this.#tracer = tracer
  }

  /** Follows a call from now on. */
  take(call: TakenCall): WatchedCall {
    return new WatchedCall(call, {
      instruments: this.#instruments,
      counts: this.#countsOf(call),
      recent: this.recent,
      tracer: this.#tracer,
    })
  }

  /** Something was refused that never became a call: nobody is known by these credentials, or the request cannot be read. */
  refused(project: string, tool: string, { code }: Fault, requestId: string): void {
    this.#instruments.refusedRequests.add(1, project, code)
    this.recent.refused({ project, tool, code, requestId })
  }

  /** The changed settings of a project were read, and are served or not. */
  reloaded(project: string, isOk: boolean): void {
    this.#instruments.reloads.add(1, project, isOk ? 'ok' : 'refused')
    this.#reloads.set(project, { project, isOk, at: new Date() })
  }

  /** Says which projects are looked at when somebody asks, and names those that should be served and are not. */
  observe(projects: () => readonly Project[], leftOut: () => readonly string[] = () => []): void {
    this.#projects = projects
    this.#leftOut = leftOut
    for (const { name, access } of projects()) {
      this.#begin(name)
      void access.look()
    }
  }

  /** Those that are served now. */
  get projects(): readonly Project[] {
    return this.#projects()
  }

  /** Those that should be served and cannot be opened. */
  get leftOut(): readonly string[] {
    return this.#leftOut()
  }

  get reloads(): readonly Reload[] {
    return [...this.#reloads.values()]
  }

  /** Calls that have no answer yet. */
  get inFlight(): number {
    return [...this.#counts.values()].reduce((sum, { underWay }) => sum + underWay, 0)
  }

  /** Calls that are over and had no answer: none, unless something is broken. */
  get dropped(): number {
    return [...this.#counts.values()].reduce((sum, counts) => sum + droppedOf(counts), 0)
  }

  /** Everything, as it is now. Sources are asked how they are behind it, for the next time. */
  read(): readonly Metric[] {
    const projects = this.#projects()
    const counts = [...this.#counts.values()]
    const perTool = (name: string, help: string, read: (counts: CallCounts) => number): Metric => ({
      name,
      help,
      kind: 'gauge',
      points: counts.map((one) => ({ labels: { project: one.project, tool: one.tool }, value: read(one) })),
    })
    return [
      ...readInstruments(this.#instruments),
      perTool('dataface_calls_in_flight', 'Calls that have no answer yet.', ({ underWay }) => underWay),
      perTool('dataface_calls_dropped', 'Calls that are over and had no answer; must be 0.', droppedOf),
      ...observeProjects(projects),
      {
        name: 'dataface_config_last_reload_ok',
        help: 'Whether the settings are served as they are now.',
        kind: 'gauge',
        points: this.#settingsOk(),
      },
      {
        name: 'dataface_build_info',
        help: 'What runs here; contract stands for the contracts that are served.',
        kind: 'gauge',
        points: [{ labels: { version: this.version, contract: this.contract, node: process.versions.node }, value: 1 }],
      },
      ...this.#process.read(this.startedAt),
    ]
  }

  close(): void {
    this.#process.close()
  }

  #settingsOk(): readonly Point[] {
    const isOk = new Map(this.projects.map(({ name }) => [name, this.#reloads.get(name)?.isOk !== false]))
    for (const name of this.leftOut) isOk.set(name, false)
    return [...isOk].map(([project, ok]) => ({ labels: { project }, value: ok ? 1 : 0 }))
  }

  #countsOf({ project, tool, door }: TakenCall): CallCounts {
    const key = `${project}\u0000${tool}`
    const counts = this.#counts.get(key) ?? { project, tool, doors: new Set(), accepted: 0, answered: 0, underWay: 0 }
    if (counts.doors.has(door)) return counts
    this.#counts.set(key, counts)
    counts.doors.add(door)
    // A series that begins with its first count would hide that one from whoever computes its increase.
    for (const code of failures) this.#instruments.answered.add(0, project, tool, door, code)
    for (const counter of [this.#instruments.timeouts, this.#instruments.cancels]) counter.add(0, project, tool)
    return counts
  }

  #begin(project: string): void {
    for (const limit of limits) this.#instruments.limitRefusals.add(0, project, limit)
    for (const result of ['ok', 'refused']) this.#instruments.reloads.add(0, project, result)
    for (const code of ['UNAUTHENTICATED', 'NOT_READY']) this.#instruments.refusedRequests.add(0, project, code)
  }
}

const droppedOf = ({ accepted, answered, underWay }: CallCounts): number => accepted - answered - underWay

/** What of a quota refuses a call, as the label says it. */
const limits = ['calls', 'concurrent', 'rows', 'bytes', 'tokens'] as const

/** Codes of answers that no caller can mend. */
const failures = (Object.keys(errorDefinitions) as ErrorCode[]).filter((code) => errorDefinitions[code].fixedBy !== 'caller')
