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
 * What checks a basis: each gives no row while what it rests upon is as it was, and else fails, so that the server runs
 * nothing of what follows up to the end of the transaction. $2: how the failure is marked. It hangs on a row, since of
 * values alone it would be worked out as the check is planned.
 */
export const basisChecks = {
  /** $1: the stamp of all functions. */
  functions: `SELECT ($2::text || expected.stamp)::int FROM pg_catalog.unnest(ARRAY[$1::text]) AS expected(stamp)
WHERE expected.stamp IS DISTINCT FROM ${functionsStamp}`,
  /** $1: every relation that is read, with the name in the statement, which must mean the same. */
  relations: `SELECT ($2::text || expected.stamp)::int
FROM pg_catalog.json_to_recordset($1::json) AS expected(name text, oid oid, stamp text)
WHERE (expected.name IS NOT NULL AND pg_catalog.to_regclass(expected.name) IS DISTINCT FROM expected.oid::regclass)
  OR expected.stamp IS DISTINCT FROM (SELECT ${stampOf('c')} FROM pg_catalog.pg_class c WHERE c.oid = expected.oid)`,
} as const

/** The values of `basisChecks` for a basis, each absent when there is nothing to check. */
export interface BasisValues {
  /** Checked before the statement is planned, which may already call functions that are marked as immutable. */
  readonly functions?: readonly string[]
  /** Checked once the statement is bound, which locks what it reads. */
  readonly relations?: readonly string[]
}

/** The values of `basisChecks` for a statement. */
export const basisValues = ({ relations }: Basis = { relations: [] }): BasisValues => {
  const functions = relations.find(isFunctions)
  const others = relations.filter((one) => !isFunctions(one))
  return {
    ...(functions !== undefined && { functions: [functions.stamp.stamp, mark] }),
    ...(others.length > 0 && { relations: [JSON.stringify(others.map(expected)), mark] }),
  }
}

type OfBasis = Basis['relations'][number]

const isFunctions = ({ stamp: { oid } }: OfBasis): boolean => oid === allFunctions

const expected = ({ name, stamp: { oid, stamp } }: OfBasis) => ({ oid, stamp, ...(name !== undefined && { name: writtenName(name) }) })

const writtenName = ({ database, schema, name }: RelationName): string =>
  [database, schema, name]
    .filter((part) => part !== undefined)
    .map(quoteName)
    .join('.')

/** Whether an error of the server is that of a check of a basis. */
export const isStale = ({ message }: Error): boolean => message.includes(mark)
