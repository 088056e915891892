import { type ErrorCode, errorDefinitions } from '../../contracts/v1/errors.ts'
import { errorItem } from '../envelope/fault.ts'
import type { Project } from '../projects/project.ts'
import type { PoolState } from '../sources/query-watch.ts'
import type { RecentClient, RecentTool, Refusal } from './recent-calls.ts'
import type { Telemetry } from './telemetry.ts'

/** Something that is wrong, or soon will be. */
export interface StatusFinding {
  readonly level: 'error' | 'warning'
  readonly project: string
  readonly what: string
  /** What to do, or where to look. */
  readonly hint: string
}

export interface SourceStatus {
  readonly name: string
  readonly type: string
  readonly state: 'ready' | 'unproven' | 'unavailable' | 'disabled' | 'unasked'
  readonly reason?: { readonly code: ErrorCode; readonly message: string; readonly hint?: string | undefined }
  /** Seconds since its proof, and its metadata, was read; absent when it never was. */
  readonly proof_age_s?: number
  readonly metadata_age_s?: number
  readonly pool?: PoolState & { readonly size: number }
}

export interface ProjectStatus {
  readonly name: string
  readonly sources: readonly SourceStatus[]
  /** How much of each budget is used by who has used most of it, from 0 to 1. */
  readonly budgets: Readonly<Record<string, number>>
  /** Why the credentials of callers cannot be checked; absent while they can. */
  readonly access?: SourceStatus['reason']
  /** Absent where no record is kept. */
  readonly audit?: { readonly up: boolean; readonly failures: number }
  /** The store that replicas share; absent where there is none. */
  readonly state?: { readonly up: boolean }
  /** Absent while the settings are those that the server started with. */
  readonly last_reload?: { readonly ok: boolean; readonly at: string }
}

export interface ToolStatus extends Omit<RecentTool, 'p50' | 'p95' | 'p99'> {
  readonly p50_ms: number
  readonly p95_ms: number
  readonly p99_ms: number
  /** The part of its calls that failed for no fault of their caller. */
  readonly failed_ratio: number
}

/** What a person wants to know who asks what is wrong. Tools, refusals and clients are those of the last minutes. */
export interface Status {
  readonly state: 'ok' | 'warning' | 'error'
  readonly findings: readonly StatusFinding[]
  readonly server: {
    readonly version: string
    readonly contract: string
    readonly node: string
    readonly started_at: string
    readonly calls_in_flight: number
    readonly calls_dropped: number
  }
  readonly projects: readonly ProjectStatus[]
  readonly tools: readonly ToolStatus[]
  readonly refusals: readonly (Omit<Refusal, 'requestId'> & { readonly request_id: string; readonly at: string })[]
  readonly clients: readonly (Omit<RecentClient, 'lastAt'> & { readonly last_at: string })[]
}

/** A tool is slow when 95 of 100 calls took longer, ms; a budget is nearly used from this share on. */
const [slowMs, nearlyUsed] = [5_000, 0.8]

/** What is known now. Asks no database; sources are asked how they are behind it, for the next time. */
export const readStatus = (telemetry: Telemetry): Status => {
  const { recent, version, contract, startedAt, inFlight, dropped } = telemetry
  const projects = telemetry.projects.map((project) => projectStatus(project, telemetry))
  const tools = recent.tools.map(toolStatus)
  const findings = [
    ...(dropped === 0
      ? []
      : [
          {
            level: 'error' as const,
            project: '',
            what: `Calls that had no answer: ${dropped}.`,
            hint: 'Report it: this is a fault of the server.',
          },
        ]),
    ...telemetry.leftOut.map((project) => ({
      level: 'error' as const,
      project,
      what: 'The project is not served: its settings have errors.',
      hint: 'dft config check tells the line. It is served soon after it is mended.',
    })),
    ...projects.flatMap((project) => projectFindings(project, tools)),
    ...tools.flatMap(toolFindings),
  ].sort((a, b) => (a.level === b.level ? 0 : a.level === 'error' ? -1 : 1))
  return {
    state: findings[0]?.level ?? 'ok',
    findings,
    server: {
      version,
      contract,
      node: process.versions.node,
      started_at: startedAt.toISOString(),
      calls_in_flight: inFlight,
      calls_dropped: dropped,
    },
    projects,
    tools,
    refusals: recent.refusals.map(({ requestId, at, ...rest }) => ({ ...rest, request_id: requestId, at: at.toISOString() })),
    clients: recent.clients.map(({ lastAt, ...rest }) => ({ ...rest, last_at: lastAt.toISOString() })),
  }
}

const projectStatus = (project: Project, { reloads }: Telemetry): ProjectStatus => {
  const {
    name,
    sources,
    disabled,
    access,
    quotas,
    audit,
    state: { reachable },
  } = project
  const reload = reloads.find((one) => one.project === name)
  const open = [...sources.values()].map(({ source, catalog, limits }): SourceStatus => {
    const { state, failure, proofAge } = source
    return {
      name: source.name,
      type: source.type,
      state,
      ...(failure !== undefined && { reason: reasonOf(failure) }),
      ...(state === 'unproven' && {
        reason: {
          code: 'SOURCE_UNPROVEN',
          message: errorDefinitions.SOURCE_UNPROVEN.summary,
          hint: 'dft doctor says what its login may do.',
        },
      }),
      ...(Number.isFinite(proofAge) && { proof_age_s: seconds(proofAge) }),
      ...(Number.isFinite(catalog.age) && { metadata_age_s: seconds(catalog.age) }),
      pool: { ...source.pool(), size: limits.maxConcurrency },
    }
  })
  const off = [...disabled.values()].map(
    ({ name, type, reason }): SourceStatus => ({ name, type, state: 'disabled', reason: reasonOf(reason) }),
  )
  return {
    name,
    sources: [...open, ...off].sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...(access.failure !== undefined && { access: reasonOf(access.failure) }),
    budgets: quotas?.fullest() ?? {},
    ...(audit !== undefined && { audit: { up: audit.writable.isUp, failures: audit.failures } }),
    ...(reachable !== undefined && { state: { up: reachable.isUp } }),
    ...(reload !== undefined && { last_reload: { ok: reload.isOk, at: reload.at.toISOString() } }),
  }
}

/** As a caller may be told. */
const reasonOf = (fault: Parameters<typeof errorItem>[0]): NonNullable<SourceStatus['reason']> => {
  const { code, message, hint } = errorItem(fault)
  return { code, message, hint }
}

const toolStatus = ({ p50, p95, p99, ...tool }: RecentTool): ToolStatus => {
  const failed = Object.entries(tool.codes).reduce((sum, [code, count]) => (isOurs(code) ? sum + count : sum), 0)
  return {
    ...tool,
    p50_ms: Math.round(p50 * 1000),
    p95_ms: Math.round(p95 * 1000),
    p99_ms: Math.round(p99 * 1000),
    failed_ratio: failed / tool.calls,
  }
}

/** Whether a code tells of a fault that the caller can do nothing about. What a caller may not do is as it should be. */
const isOurs = (code: string): boolean => code !== 'PERMISSION_DENIED' && errorDefinitions[code as ErrorCode].fixedBy !== 'caller'

const recordHint = 'Check that the disk has room and the permissions of the file of the audit, or the database that audit.url names.'

const projectFindings = (
  { name: project, sources, access, budgets, audit, state, last_reload: reload }: ProjectStatus,
  tools: readonly ToolStatus[],
): StatusFinding[] => [
  ...(access === undefined
    ? []
    : [
        {
          level: 'error' as const,
          project,
          what: `Callers are refused: ${access.message}`,
          hint: 'dft doctor names the cause.',
        },
      ]),
  ...sources.flatMap(({ name, state, reason, pool }): StatusFinding[] => [
    ...(state === 'ready' || state === 'unasked'
      ? []
      : [
          {
            level: 'error' as const,
            project,
            what: `The source ${name} is ${state}: ${reason?.message ?? ''}`,
            hint: 'dft doctor names the cause, and what to set.',
          },
        ]),
    ...(pool !== undefined && pool.waiting > 0 && pool.active >= pool.size
      ? [
          {
            level: 'warning' as const,
            project,
            what: `${pool.waiting} queries of ${name} wait: all ${pool.size} that may run at once do.`,
            hint: 'Look for slow queries below; limits.max_concurrency of the source allows more.',
          },
        ]
      : []),
  ]),
  ...Object.entries(budgets).flatMap(([budget, share]): StatusFinding[] =>
    share < nearlyUsed
      ? []
      : [
          {
            level: share >= 1 ? 'error' : 'warning',
            project,
            what: `${Math.round(share * 100)} % of a budget of ${budget} is used.`,
            hint: 'dft audit tells who used it; quotas in the settings say how much there is.',
          },
        ],
  ),
  ...(state === undefined || state.up
    ? []
    : [
        {
          level: 'error' as const,
          project,
          what: 'The store that the replicas share cannot be reached.',
          hint: 'Calls that have quotas are refused until it can. dft doctor names the cause; DATAFACE_STATE_URL says where it is.',
        },
      ]),
  ...(audit === undefined || audit.up
    ? []
    : [
        {
          level: 'error' as const,
          project,
          what: 'No record of a call can be written.',
          hint: recordHint,
        },
      ]),
  ...(audit === undefined || audit.failures === 0
    ? []
    : [
        {
          // Past the last minutes it is a matter of the past, of which records are missing.
          level: tools.some((tool) => tool.project === project && tool.codes.NOT_READY !== undefined)
            ? ('error' as const)
            : ('warning' as const),
          project,
          what: `Calls of which no record could be written since the settings were read: ${audit.failures}.`,
          hint: recordHint,
        },
      ]),
  ...(reload?.ok === false
    ? [
        {
          level: 'warning' as const,
          project,
          what: 'The settings were changed and cannot be served; those before are.',
          hint: 'The log names the line. dft config check tells it too.',
        },
      ]
    : []),
]

const toolFindings = ({ project, tool, calls, codes, p95_ms: p95, failed_ratio: ratio }: ToolStatus): StatusFinding[] => [
  ...(ratio === 0
    ? []
    : [
        {
          level: 'error' as const,
          project,
          what: `${tool}: ${Math.round(ratio * calls)} of ${calls} calls failed, by ${Object.keys(codes).filter(isOurs).join(', ')}.`,
          hint: 'The log has the cause under the request id.',
        },
      ]),
  ...(p95 > slowMs
    ? [
        {
          level: 'warning' as const,
          project,
          what: `${tool} is slow: 5 of 100 calls take longer than ${p95 / 1000} s.`,
          hint: 'Look at the sources, and at what waits for a turn.',
        },
      ]
    : []),
]

const seconds = (ms: number): number => Math.round(ms / 1000)
