import { RecentMap } from '../../envelope/recent-map.ts'
import type { Project } from '../../projects/project.ts'
import { Admission } from '../../sources/admission.ts'

/** Callers whose turns are kept at hand. */
const keptCallers = 10_000

/** The queries of a caller's pages wait for each other where only so many may run at once: no page is refused for itself. */
export class QueryTurns {
  readonly #turns = new RecentMap<Admission>(keptCallers, ({ running }) => running > 0)

  /** Runs a query when it is its turn, or its signal is aborted. */
  async take<Result>(
    { caller, atOnce, signal }: { readonly caller: string; readonly atOnce: number; readonly signal: AbortSignal },
    run: () => Promise<Result>,
  ): Promise<Result> {
    if (atOnce === Number.POSITIVE_INFINITY) return run()
    const turns = this.#turns.getOrMake(caller, () => new Admission(atOnce))
    try {
      await turns.enter(caller, signal, true)
    } catch {
      // What is run tells why it ends.
      return run()
    }
    try {
      return await run()
    } finally {
      turns.leave()
    }
  }
}

const turnsOf = new WeakMap<Project, QueryTurns>()

/** The turns of a project. */
export const queryTurnsOf = (project: Project): QueryTurns => {
  const turns = turnsOf.get(project) ?? new QueryTurns()
  turnsOf.set(project, turns)
  return turns
}
