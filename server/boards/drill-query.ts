import { looksLikeSql } from './compile/compile-queries.ts'
import type { CompiledBoard, CompiledChart, CompiledQuery } from './compiled-board.ts'

/** The query of the rows behind a mark, when the chart names one of the board or holds SQL; undefined when it does neither. */
export const drillQuery = (
  { queries, source }: Pick<CompiledBoard, 'queries' | 'source'>,
  { id, chart: { drill }, query, place, locate }: CompiledChart,
): CompiledQuery | undefined => {
  if (typeof drill !== 'string') return undefined
  const own = query === undefined ? undefined : queries.get(query)
  const named = looksLikeSql(drill) ? undefined : queries.get(own?.scope.get(drill) ?? drill)
  return (
    named ?? {
      id: `${id}.drill`,
      definition: { sql: drill },
      source: own?.source ?? source,
      place,
      locate: (_key, inside) => locate('drill', inside),
      scope: own?.scope ?? new Map([...queries.keys()].map((name) => [name, name])),
    }
  )
}
