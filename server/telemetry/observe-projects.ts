import { queryCacheOf } from '../boards/run/query-cache.ts'
import type { Project } from '../projects/project.ts'
import type { Labels, Metric, Point } from './metrics.ts'

/** Asks all that a project rests upon how it is, for whoever looks next. Resolves when all is known; never throws. */
export const lookBehind = async ({ sources, access, audit, state }: Project): Promise<void> => {
  const reached = [...sources.values()].map(({ source }) => source.reach())
  await Promise.allSettled([access.look(), audit?.writable.look(), state.reachable?.look(), ...reached])
}

/** What can be looked up of projects at any moment. Asks nobody; sources, those who know callers and what keeps records are asked how they are behind it. */
export const observeProjects = (projects: readonly Project[]): readonly Metric[] => {
  const ofSources = (pointsOf: (source: Source, labels: Labels) => readonly Point[]): readonly Point[] =>
    projects.flatMap(({ name, sources }) =>
      [...sources.values()].flatMap((source) => pointsOf(source, { project: name, source: source.source.name })),
    )
  for (const project of projects) void lookBehind(project)
  return [
    {
      name: 'dataface_source_up',
      help: 'Whether a source can be asked.',
      kind: 'gauge',
      points: [
        ...ofSources(({ source: { state } }, labels) => (state === 'unasked' ? [] : [{ labels, value: state === 'ready' ? 1 : 0 }])),
        ...projects.flatMap(({ name, disabled }) =>
          [...disabled.keys()].map((source) => ({ labels: { project: name, source }, value: 0 })),
        ),
      ],
    },
    {
      name: 'dataface_access_up',
      help: 'Whether the credentials of callers can be checked.',
      kind: 'gauge',
      points: projects.map(({ name, access }) => ({ labels: { project: name }, value: access.failure === undefined ? 1 : 0 })),
    },
    {
      name: 'dataface_pool_connections',
      help: 'Queries that run, sessions at hand, and queries that wait for their turn.',
      kind: 'gauge',
      points: ofSources(({ source }, labels) =>
        Object.entries(source.pool()).map(([state, value]) => ({ labels: { ...labels, state }, value })),
      ),
    },
    {
      name: 'dataface_pool_size',
      help: 'Queries that may run at once.',
      kind: 'gauge',
      points: ofSources(({ limits }, labels) => [{ labels, value: limits.maxConcurrency }]),
    },
    {
      name: 'dataface_cache_requests_total',
      help: 'What was asked of what is kept, and whether it was there.',
      kind: 'counter',
      points: projects.flatMap((project) => cachePoints(project)),
    },
    {
      name: 'dataface_budget_used_ratio',
      help: 'How much of a budget is used by the caller who has used most of it.',
      kind: 'gauge',
      points: projects.flatMap(({ name, quotas }) =>
        Object.entries(quotas?.fullest() ?? {}).map(([budget, value]) => ({ labels: { project: name, budget }, value })),
      ),
    },
    {
      name: 'dataface_state_up',
      help: 'Whether calls can be counted: the store that replicas share could be reached, or there is none.',
      kind: 'gauge',
      points: projects.map(({ name, state: { reachable } }) => ({ labels: { project: name }, value: reachable?.isUp === false ? 0 : 1 })),
    },
    {
      name: 'dataface_audit_up',
      help: 'Whether a record of a call could be written.',
      kind: 'gauge',
      points: projects.flatMap(({ name, audit }) =>
        audit === undefined ? [] : [{ labels: { project: name }, value: audit.writable.isUp ? 1 : 0 }],
      ),
    },
    {
      name: 'dataface_audit_failures_total',
      help: 'Calls of which no record could be written.',
      kind: 'counter',
      points: projects.flatMap(({ name, audit }) => (audit === undefined ? [] : [{ labels: { project: name }, value: audit.failures }])),
    },
  ]
}

type Source = Project['sources'] extends ReadonlyMap<string, infer Open> ? Open : never

/** `catalog`: the metadata of sources; `rows`: those of the queries of boards. */
const cachePoints = (project: Project): readonly Point[] => {
  const catalogs = [...project.sources.values()].map(({ catalog }) => catalog.requests)
  const kept = { catalog: sumOf(catalogs), rows: queryCacheOf(project).requests }
  return Object.entries(kept).flatMap(([cache, requests]) =>
    Object.entries(requests).map(([result, value]) => ({ labels: { project: project.name, cache, result }, value })),
  )
}

const sumOf = (requests: readonly { readonly hit: number; readonly miss: number }[]) =>
  requests.reduce((sum, { hit, miss }) => ({ hit: sum.hit + hit, miss: sum.miss + miss }), { hit: 0, miss: 0 })
