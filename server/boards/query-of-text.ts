import type { CompiledBoard, CompiledQuery } from './compiled-board.ts'

type Known = Pick<CompiledBoard, 'source' | 'cache'> & { readonly queries: ReadonlyMap<string, Pick<CompiledQuery, 'source'>> }

/** SQL that is no query of the board, such as the options of a variable: it may use all of them, and asks the source of the board, else of its first query. */
export const queryOfText = (
  { queries, source, cache }: Known,
  id: string,
  { place, locate }: Pick<CompiledQuery, 'place' | 'locate'>,
): Omit<CompiledQuery, 'definition'> => ({
  id,
  source: source ?? [...queries.values()].find((query) => query.source !== undefined)?.source,
  scope: new Map([...queries.keys()].map((name) => [name, name])),
  place,
  locate,
  ...(cache !== undefined && { cache }),
})
