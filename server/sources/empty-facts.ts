import type { ColumnUse, RelationName, UsedName } from './source.ts'

/** The lists of `QueryFacts` that every dialect fills, still empty. */
export const emptyFacts = () => ({
  relations: [] as RelationName[],
  functions: [] as UsedName[],
  types: [] as UsedName[],
  operators: [] as UsedName[],
  fields: [] as UsedName[],
  columns: [] as ColumnUse[],
  writes: [] as string[],
  unknown: [] as UsedName[],
  stars: [] as UsedName[],
  looseLimits: [] as UsedName[],
})

/** What is said of a statement of which nothing is known. */
export const noFacts = { ...emptyFacts(), settings: [], ordered: false }
