import type { CompiledBoard } from '../compiled-board.ts'

type TellSteps = (step: { readonly done: number; readonly total: number; readonly message: string }) => void

/**
 * Tells how many queries of a board are done, for `onQueryDone`; undefined when nobody asked. `ids`: those that will be
 * run; one that is run beside them is counted when it is done. What is made of their rows is the last step.
 */
export const queryProgress = (ids: Iterable<string>, tell: TellSteps | undefined): ((id: string) => void) | undefined => {
  if (tell === undefined) return undefined
  const all = new Set(ids)
  const done = new Set<string>()
  const report = () => tell({ done: done.size, total: all.size + 1, message: `${done.size} of ${all.size} queries done` })
  report()
  return (id) => {
    all.add(id)
    done.add(id)
    report()
  }
}

/** The queries that the charts of a board need, or one chart of them. */
export const queriesOfCharts = ({ charts }: CompiledBoard, only?: string): string[] =>
  [...charts.values()]
    .filter(({ id }) => only === undefined || id === only)
    .flatMap(({ query, layers = [] }) => [query, ...layers])
    .filter((id) => id !== undefined)
