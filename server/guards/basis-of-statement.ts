import { basisOf, type ReadRelation } from '../sources/basis.ts'
import type { Basis, QueryFacts, RelationName, SourceCatalog, SourceFunction } from '../sources/source.ts'
import { type Allowed, findRelation } from './judging.ts'

/** What a statement that passed was judged upon: the relations that it names, as tables or as types, those in functions, and functions. */
export const basisOfStatement = (facts: QueryFacts, allowed: Allowed, catalog: SourceCatalog): Basis | undefined => {
  const meant = (name: RelationName): RelationName | undefined =>
    findRelation(name, allowed, catalog) ??
    catalog.objects.hidden.find(
      (one) =>
        allowed.sameName(one.name, name.name) &&
        (name.schema === undefined ? catalog.objects.searchPath.includes(one.schema ?? '') : one.schema === name.schema),
    )
  const read = (names: readonly RelationName[]): ReadRelation[] =>
    names.flatMap((name) => {
      const relation = meant(name)
      return relation === undefined ? [] : [{ relation, name }]
    })
  const called = calledFunctions(facts, catalog)
  const behind = called.flatMap(({ bodies = [] }) => bodies.flatMap((body) => read(body.relations).map(({ relation }) => ({ relation }))))
  return basisOf(catalog, [...read(facts.relations), ...read(facts.types), ...behind])
}

/** Functions and operators of the database that a query may call, and that these may call. */
const calledFunctions = (query: QueryFacts, catalog: SourceCatalog, seen = new Set<SourceFunction>()): SourceFunction[] => {
  const { functions, operators } = catalog.objects
  const names = new Set([...query.functions, ...query.fields, ...query.operators].map(({ name }) => name))
  const called = [...functions, ...operators].filter((one) => names.has(one.name) && !seen.has(one))
  for (const one of called) seen.add(one)
  return called.flatMap((one) => [one, ...(one.bodies ?? []).flatMap((body) => calledFunctions(body, catalog, seen))])
}
