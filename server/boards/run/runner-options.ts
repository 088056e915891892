import type { Caller } from '../../access/caller.ts'
import type { Envelope } from '../../envelope/envelope.ts'
import { defaultLimits, type Project } from '../../projects/project.ts'
import type { SqlCheckOptions } from '../compile/read-queries.ts'
import { dbtRelationsOf } from './dbt-relations.ts'
import { keptMsOf, queryCacheOf } from './query-cache.ts'
import { queryTurnsOf } from './query-turns.ts'
import type { RunOptions } from './run-board.ts'

/** What a board needs of the call that it is run for. */
export interface BoardCall {
  readonly call: (tool: string, input: unknown, signal?: AbortSignal) => Promise<Envelope>
  readonly caller: Caller
  readonly signal: AbortSignal
  /** Whether each query is a call that is counted, as on a page, not a part of one. */
  readonly isCounted?: boolean
}

/** Milliseconds that a board may take to be run and drawn: twice the time of one query, of the source that allows the most. */
export const boardTimeoutMs = ({ sources }: Project): number =>
  2 *
  Math.max(...(sources.size === 0 ? [defaultLimits] : [...sources.values()].map(({ limits }) => limits)).map(({ timeoutMs }) => timeoutMs))

/**
 * What a board needs of its project to be run: the sources, dispatch, and the day.
 * @param isFresh takes no rows that were kept.
 * @param timeoutMs of the whole board, default `boardTimeoutMs`: three quarters of it are for its queries.
 */
export const runnerOptions = (
  project: Project,
  { call, caller, signal, isCounted = false }: BoardCall,
  {
    isFresh = false,
    now = new Date(),
    timeoutMs = boardTimeoutMs(project),
  }: { readonly isFresh?: boolean; readonly now?: Date; readonly timeoutMs?: number | undefined } = {},
): Pick<RunOptions, 'today' | 'execute' | 'dialectOf' | 'relations' | 'sqlCheck' | 'timeLimit'> => {
  const timeLimit = AbortSignal.timeout(Math.ceil(timeoutMs * 0.75))
  const either = AbortSignal.any([signal, timeLimit])
  const tool = 'execute_query'
  const atOnce = (isCounted ? project.quotas?.atOnce(caller, tool) : undefined) ?? Number.POSITIVE_INFINITY
  return {
    today: now.toISOString().slice(0, 10),
    dialectOf: (source) => project.sources.get(source)?.source.dialect,
    relations: (source) => dbtRelationsOf(project, source, either),
    timeLimit,
    sqlCheck: sqlCheckOptions(project, signal, now),
    execute: takingTurns(
      (source) => project.sources.get(source)?.limits.maxConcurrency ?? 1,
      ({ source, sql, params, limit: wanted, cache }) => {
        const limit = Math.min(wanted, project.sources.get(source)?.limits.maxRows ?? wanted)
        const input = { source, sql, params, limit, max_tokens: unlimitedTokens, format: 'rows' }
        const run = () => queryTurnsOf(project).take({ caller: caller.id, atOnce, signal: either }, () => call(tool, input, either))
        const asked = { caller: caller.id, isCounted, source, sql, params, limit }
        return queryCacheOf(project).get(asked, isFresh ? 0 : keptMsOf(cache), signal, run)
      },
    ),
  }
}

/** Asks no source more at once than it takes: a board of many queries waits for itself, and is not refused for it. */
const takingTurns = (limitOf: (source: string) => number, execute: RunOptions['execute']): RunOptions['execute'] => {
  const turns = new Map<string, { running: number; readonly waiting: (() => void)[] }>()
  return async (query) => {
    const turn = turns.get(query.source) ?? { running: 0, waiting: [] }
    turns.set(query.source, turn)
    if (turn.running >= limitOf(query.source)) await new Promise<void>((resolve) => turn.waiting.push(resolve))
    else turn.running++
    try {
      return await execute(query)
    } finally {
      const next = turn.waiting.shift()
      if (next === undefined) turn.running--
      else next()
    }
  }
}

/** Rows of a board are drawn, not read: bytes limit them alone, unless the project limits tokens. */
const unlimitedTokens = 10_000_000

/** What the SQL of a board is checked with. */
export const sqlCheckOptions = ({ sources }: Project, signal: AbortSignal, now: Date = new Date()): SqlCheckOptions => ({
  today: now.toISOString().slice(0, 10),
  dialectOf: (source) => sources.get(source)?.source.dialect,
  dialects: [...new Set([...sources.values()].map(({ source }) => source.dialect))],
  signal,
})
