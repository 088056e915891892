import { randomUUID } from 'node:crypto'
import { quoteName } from '../quote-name.ts'
import type { Basis, RelationName, RelationStamp } from '../source.ts'

/**
 * The state of a relation, told by the transactions that last changed its rows in the catalog. It is another after every
 * change of columns, of grants, of its schema, of the query of a view and of the children of a parent. `c`: its row of pg_class.
 */
export const stampOf = (
  c: string,
): string => `pg_catalog.concat_ws(':', ${c}.xmin, (SELECT s.xmin FROM pg_catalog.pg_namespace s WHERE s.oid = ${c}.relnamespace),
  (SELECT pg_catalog.concat_ws(':', count(*), sum(a.xmin::text::int8)) FROM pg_catalog.pg_attribute a WHERE a.attrelid = ${c}.oid AND a.attnum > 0),
  (SELECT pg_catalog.concat_ws(':', count(*), sum(w.xmin::text::int8)) FROM pg_catalog.pg_rewrite w WHERE w.ev_class = ${c}.oid),
  (SELECT pg_catalog.concat_ws(':', count(*), sum(i.xmin::text::int8)) FROM pg_catalog.pg_inherits i WHERE i.inhparent = ${c}.oid))`

/** The oid that stands for all functions in a basis. */
const allFunctions = '0'

const rowsStamp = (catalog: string, which: string): string =>
  `(SELECT pg_catalog.concat_ws(':', count(*), sum(f.xmin::text::int8)) FROM pg_catalog.${catalog} f WHERE ${which})`

/**
 * The state of all that can make a statement call a function that is not the engine's own: functions, operators, casts, the
 * checks of domains, and schemas with their order. Those of the engine have lower numbers.
 */
export const functionsStamp = `pg_catalog.concat_ws(':', pg_catalog.current_schemas(false)::text, ${[
  rowsStamp('pg_proc', 'f.oid >= 16384'),
  rowsStamp('pg_operator', 'f.oid >= 16384'),
  rowsStamp('pg_cast', 'f.oid >= 16384'),
  rowsStamp('pg_constraint', 'f.contypid >= 16384'),
  rowsStamp('pg_namespace', "f.nspname !~~ 'pg\\_%'"),
].join(', ')})`

/** The stamp of all functions, as a basis holds it. */
export const stampOfFunctions = (stamp: string): RelationStamp => ({ schema: '', name: '', oid: allFunctions, stamp })

/** Tells the failure of a check from any that a statement can bring about. */
const mark = randomUUID()

/**
 * Gives no row while every relation of a basis ($1) is as it was, and every name means the same; else it fails, so that
 * the server runs nothing of what follows up to the end of the transaction. $2: how the failure is marked.
 */
export const checkBasis = `SELECT ($2::text || expected.stamp)::int
FROM pg_catalog.json_to_recordset($1::json) AS expected(name text, oid oid, stamp text)
WHERE (expected.name IS NOT NULL AND pg_catalog.to_regclass(expected.name) IS DISTINCT FROM expected.oid::regclass)
  OR expected.stamp IS DISTINCT FROM CASE WHEN expected.oid = ${allFunctions} THEN ${functionsStamp}
    ELSE (SELECT ${stampOf('c')} FROM pg_catalog.pg_class c WHERE c.oid = expected.oid) END`

/** The values of `checkBasis` for the parts of a basis, each absent when there is nothing to check. */
export interface BasisValues {
  /** All functions: checked before the statement is planned, which may already call those that are marked as immutable. */
  readonly functions?: readonly string[]
  /** Checked once the statement is bound, which locks what it reads. */
  readonly relations?: readonly string[]
}

/** The values of `checkBasis` for a statement. */
export const basisValues = ({ relations }: Basis = { relations: [] }): BasisValues => {
  const isFunctions = ({ stamp }: Basis['relations'][number]) => stamp.oid === allFunctions
  const functions = relations.filter(isFunctions)
  const others = relations.filter((relation) => !isFunctions(relation))
  return {
    ...(functions.length > 0 && { functions: valuesOf(functions) }),
    ...(others.length > 0 && { relations: valuesOf(others) }),
  }
}

const valuesOf = (relations: Basis['relations']): [string, string] => [
  JSON.stringify(
    relations.map(({ name, stamp: { oid, stamp } }) => ({ oid, stamp, ...(name !== undefined && { name: writtenName(name) }) })),
  ),
  mark,
]

const writtenName = ({ database, schema, name }: RelationName): string =>
  [database, schema, name]
    .filter((part) => part !== undefined)
    .map(quoteName)
    .join('.')

/** Whether an error of the server is that of `checkBasis`. */
export const isStale = ({ message }: Error): boolean => message.includes(mark)
