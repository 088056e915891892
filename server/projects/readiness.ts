import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../envelope/fault.ts'
import type { Project } from './project.ts'

/** Whether calls should be sent here. */
export interface ReadyState {
  readonly status: 'ready' | 'starting' | 'stopping' | 'unavailable'
  /** What is missing: no source can be reached, no record of calls can be written, or nobody can say whether a quota is used up. */
  readonly missing?: 'sources' | 'audit' | 'state'
}

/** How long an answer is believed, milliseconds. */
const believedMs = 1_000
/** How long whoever asks waits for a new one, milliseconds; then the one before holds. */
const patienceMs = 2_000

/**
 * Whether a project could answer calls now, as far as its sources, its audit and the store of its quotas tell: ready while any
 * of its sources can be reached. Looks only when it is asked.
 */
export const createReadiness = (project: Project): (() => Promise<ReadyState>) => {
  let state: ReadyState = { status: 'starting' }
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined
  const look = async (): Promise<void> => {
    state = await stateOf(project)
    lookedAt = performance.now()
  }
  return async () => {
    if (performance.now() - lookedAt > believedMs) {
      looking ??= look().finally(() => {
        looking = undefined
      })
      await Promise.race([looking, sleep(patienceMs, undefined, { ref: false })])
    }
    return state
  }
}

/** That of several projects: ready when one is. */
export const anyReady = async (asked: readonly (() => Promise<ReadyState>)[]): Promise<ReadyState> => {
  const states = await Promise.all(asked.map((ask) => ask()))
  return states.find(({ status }) => status === 'ready') ?? states[0] ?? { status: 'ready' }
}

const stateOf = async ({ sources, disabled, audit, quotas, state }: Project): Promise<ReadyState> => {
  const asked = [...sources.values()].map(({ source }) =>
    source.reach().catch((error: unknown) => {
      // One that is busy, or whose login may do too much, is there.
      if (error instanceof Fault && error.code === 'SOURCE_UNAVAILABLE') throw error
    }),
  )
  if (sources.size + disabled.size > 0 && !(await holds(Promise.any(asked)))) return { status: 'unavailable', missing: 'sources' }
  if (audit?.check !== undefined && !(await holds(audit.check()))) return { status: 'unavailable', missing: 'audit' }
  if (quotas !== undefined && !(await holds(state.examine()))) return { status: 'unavailable', missing: 'state' }
  return { status: 'ready' }
}

const holds = (asked: Promise<unknown>): Promise<boolean> =>
  asked.then(
    () => true,
    () => false,
  )
