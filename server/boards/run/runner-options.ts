import type { Envelope } from '../../envelope/envelope.ts'
import type { Project } from '../../projects/project.ts'
import type { RunOptions } from './run-board.ts'

/** What a board needs of its project to be run: the sources, dispatch, and the day. */
export const runnerOptions = (
  { sources }: Project,
  call: (tool: string, input: unknown) => Promise<Envelope>,
  now: Date = new Date(),
): Pick<RunOptions, 'today' | 'execute' | 'dialectOf'> => ({
  today: now.toISOString().slice(0, 10),
  dialectOf: (source) => sources.get(source)?.source.dialect,
  execute: ({ source, sql, params, limit }) =>
    call('execute_query', { source, sql, params, limit: Math.min(limit, sources.get(source)?.limits.maxRows ?? limit), format: 'rows' }),
})
