import { createHash } from 'node:crypto'
import type { ClientBase } from 'pg'
import type { TableKind } from '../../../contracts/v1/tables.ts'
import type { CatalogColumn, CatalogForeignKey, CatalogTable, SourceCatalog, SourceObject, SourceObjects } from '../source.ts'
import { builtinTypes, type TypeRow, typeOfRow } from './types.ts'

/** Relations the login may read, in schemas that are shown. $1: schemas, or null for all but the system's. Partitions are not listed. */
const visible = `visible AS (
  SELECT c.oid, c.relname, c.relkind, c.reltuples, n.nspname
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r','p','v','m','f') AND NOT c.relispartition
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND ($1::text[] IS NULL OR n.nspname = ANY($1::text[]))
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND (pg_catalog.has_table_privilege(c.oid, 'SELECT') OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))
)`

const tablesQuery = `WITH ${visible}
SELECT v.oid::text, v.nspname, v.relname, v.relkind, v.reltuples::float8, pg_catalog.obj_description(v.oid, 'pg_class')
FROM visible v ORDER BY v.nspname COLLATE "C", v.relname COLLATE "C"`

const columnsQuery = `WITH ${visible}
SELECT a.attrelid::text, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
  pg_catalog.pg_get_expr(d.adbin, d.adrelid), pg_catalog.col_description(a.attrelid, a.attnum),
  json_build_object('oid', t.oid::bigint, 'name', t.typname, 'kind', t.typtype, 'category', t.typcategory, 'bare', t.typname,
    'base', t.typbasetype::bigint, 'element', t.typelem::bigint, 'delimiter', t.typdelim),
  CASE WHEN t.typtype = 'e' THEN (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) END
FROM visible v
JOIN pg_catalog.pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE pg_catalog.has_column_privilege(v.oid, a.attnum, 'SELECT')
ORDER BY a.attrelid, a.attnum`

/** Extensions whose functions only compute. */
const computingExtensions =
  'btree_gin btree_gist citext cube earthdistance fuzzystrmatch h3 hstore intarray isn ltree pg_trgm pgcrypto postgis postgis_raster postgis_topology seg timescaledb_toolkit tdigest hll topn unaccent uuid-ossp vector'.split(
    ' ',
  )

const isTrustedFunction = `(
  p.provolatile IN ('i', 's') AND NOT p.prosecdef AND p.prokind IN ('f', 'a', 'w') AND l.lanname IN ('c', 'internal', 'sql')
  AND EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
      AND e.extname IN (${computingExtensions.map((name) => `'${name}'`).join(', ')})))`

/**
 * What there is beside tables, as one JSON value. Code that only a superuser can install (languages C and internal) is
 * trusted when it is IMMUTABLE or STABLE and the extension that brought it does nothing but compute. So is an operator
 * that lends a name of the engine's to other types.
 */
const objectsQuery = `SELECT json_build_object(
  'searchPath', to_json(pg_catalog.current_schemas(false)),
  'builtins', (SELECT json_agg(DISTINCT proname) FROM pg_catalog.pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace),
  'functions', (SELECT json_agg(DISTINCT jsonb_build_array(f.nspname, f.proname, f.trusted)) FROM (
    SELECT n.nspname, p.proname, ${isTrustedFunction} AS trusted
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')) f),
  'operators', (SELECT json_agg(DISTINCT jsonb_build_array(n.nspname, o.oprname, NOT p.prosecdef AND (l.lanname IN ('c', 'internal')
      OR EXISTS (SELECT FROM pg_catalog.pg_operator b WHERE b.oprname = o.oprname AND b.oprnamespace = 'pg_catalog'::regnamespace))))
    FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
    JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE n.nspname <> 'pg_catalog'),
  'types', (SELECT json_agg(jsonb_build_array(n.nspname, t.typname, NOT (
      EXISTS (SELECT FROM pg_catalog.pg_cast k JOIN pg_catalog.pg_proc p ON p.oid = k.castfunc JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE t.oid IN (k.castsource, k.casttarget) AND l.lanname NOT IN ('c', 'internal'))
      OR EXISTS (SELECT FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_depend d ON d.classid = 'pg_constraint'::regclass AND d.objid = k.oid
        JOIN pg_catalog.pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid WHERE k.contypid = t.oid)
      OR EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE p.oid IN (t.typinput, t.typoutput) AND l.lanname NOT IN ('c', 'internal')))))
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)' AND t.typelem = 0 AND (t.typrelid = 0 OR c.relkind = 'c')),
  'hidden', (SELECT json_agg(json_build_array(n.nspname, c.relname)) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f') AND c.relispartition AND ($1::text[] IS NULL OR n.nspname = ANY($1::text[]))),
  'reads', (SELECT json_agg(DISTINCT jsonb_build_array(vn.nspname, v.relname, rn.nspname, r.relname)) FROM (
      SELECT w.ev_class AS reader, d.refobjid AS read FROM pg_catalog.pg_rewrite w
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
      UNION ALL SELECT inhparent, inhrelid FROM pg_catalog.pg_inherits) x
    JOIN pg_catalog.pg_class v ON v.oid = x.reader JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace
    JOIN pg_catalog.pg_class r ON r.oid = x.read AND r.relkind IN ('r', 'p', 'v', 'm', 'f') JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
    WHERE v.relkind IN ('r', 'p', 'v', 'm', 'f') AND vn.nspname NOT IN ('pg_catalog', 'information_schema'))
)`

const keysQuery = `WITH ${visible}
SELECT con.conrelid::text, con.contype::text, con.conname,
  (SELECT json_agg(a.attname ORDER BY k.n) FROM unnest(con.conkey) WITH ORDINALITY k(attnum, n) JOIN pg_catalog.pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.attnum),
  f.nspname, f.relname,
  (SELECT json_agg(a.attname ORDER BY k.n) FROM unnest(con.confkey) WITH ORDINALITY k(attnum, n) JOIN pg_catalog.pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.attnum),
  NULL::boolean
FROM visible v JOIN pg_catalog.pg_constraint con ON con.conrelid = v.oid AND con.contype IN ('p','f') AND con.conparentid = 0
LEFT JOIN visible f ON f.oid = con.confrelid
UNION ALL
SELECT i.indrelid::text, 'i', c.relname,
  (SELECT json_agg(pg_catalog.pg_get_indexdef(i.indexrelid, k::int, true) ORDER BY k) FROM generate_series(1, i.indnkeyatts) k),
  NULL, NULL, NULL, i.indisunique
FROM visible v JOIN pg_catalog.pg_index i ON i.indrelid = v.oid AND i.indisvalid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
UNION ALL
SELECT NULL, 'o', NULL, (${objectsQuery}), NULL, NULL, NULL, NULL
ORDER BY 1, 2, 3`

const kinds: Readonly<Record<string, TableKind>> = { r: 'table', p: 'table', v: 'view', m: 'materialized_view', f: 'foreign_table' }

type Row = readonly (string | number | boolean | null)[]

/** Reads the metadata in three queries of one snapshot, whatever the number of tables. */
export const introspectPostgres = async (client: ClientBase, schemas: readonly string[] | undefined): Promise<SourceCatalog> => {
  const ask = async (text: string): Promise<Row[]> =>
    (await client.query<(string | number | boolean | null)[]>({ text, values: [schemas ?? null], rowMode: 'array' })).rows
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    const tables = await ask(tablesQuery)
    const columns = groupByFirst(await ask(columnsQuery))
    const keys = groupByFirst(await ask(keysQuery))
    const objects = objectsOf((keys.get('null')?.[0]?.[3] ?? {}) as unknown as ObjectsRow)
    const found = tables.map((row) => tableOf(row, columns.get(String(row[0])) ?? [], keys.get(String(row[0])) ?? []))
    return {
      version: createHash('sha256')
        .update(JSON.stringify([found, objects]))
        .digest('base64url')
        .slice(0, 22),
      schemas: schemas === undefined ? [...new Set(found.map((table) => table.schema))] : [...schemas],
      tables: found,
      objects,
    }
  } finally {
    await client.query('ROLLBACK').catch(() => {})
  }
}

/** What `objectsQuery` gives; a list without items is null. */
interface ObjectsRow {
  readonly searchPath: readonly string[]
  readonly builtins: readonly string[]
  readonly functions: readonly (readonly [schema: string, name: string, isTrusted: boolean])[] | null
  readonly operators: ObjectsRow['functions']
  readonly types: ObjectsRow['functions']
  readonly hidden: readonly (readonly [schema: string, name: string])[] | null
  readonly reads: readonly (readonly [schema: string, name: string, fromSchema: string, fromName: string])[] | null
}

const objectsOf = ({ searchPath, builtins, functions, operators, types, hidden, reads }: ObjectsRow): SourceObjects => {
  const named = (rows: ObjectsRow['functions']): SourceObject[] =>
    (rows ?? []).map(([schema, name, isTrusted]) => ({ schema, name, isTrusted }))
  return {
    searchPath,
    builtinFunctions: new Set(builtins),
    functions: named(functions),
    operators: named(operators),
    types: named(types),
    hidden: (hidden ?? []).map(([schema, name]) => ({ schema, name })),
    reads: (reads ?? []).map(([schema, name, fromSchema, fromName]) => ({
      relation: { schema, name },
      from: { schema: fromSchema, name: fromName },
    })),
    opaque: [],
  }
}

const groupByFirst = (rows: readonly Row[]): Map<string, Row[]> => {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(String(row[0]))
    if (group === undefined) groups.set(String(row[0]), [row])
    else group.push(row)
  }
  return groups
}

const tableOf = (row: Row, columns: readonly Row[], keys: readonly Row[]): CatalogTable => {
  const [, schema, name, kind, estimate, comment] = row
  const primary = keys.find((key) => key[1] === 'p')
  return {
    schema: String(schema),
    name: String(name),
    kind: kinds[String(kind)] ?? 'table',
    ...(comment !== null && { comment: String(comment) }),
    // -1 means that the table was never analysed; views have 0 and no estimate.
    ...(Number(estimate) >= 0 && kind !== 'v' && { rowEstimate: { rows: Math.round(Number(estimate)), exact: false } }),
    columns: columns.map(columnOf),
    primaryKey: primary === undefined ? [] : listOf(primary[3]),
    foreignKeys: keys.filter((key) => key[1] === 'f' && key[4] !== null).map(foreignKeyOf),
    indexes: keys
      .filter((key) => key[1] === 'i')
      .map((key) => ({ name: String(key[2]), columns: listOf(key[3]), unique: key[7] === true })),
  }
}

const columnOf = ([, name, databaseType, nullable, fallback, comment, type, labels]: Row): CatalogColumn => ({
  name: String(name),
  type: (builtinTypes.get((type as unknown as TypeRow).oid) ?? typeOfRow({ ...(type as unknown as TypeRow), fields: null })).canonical,
  databaseType: String(databaseType),
  nullable: nullable === true,
  ...(fallback !== null && { default: String(fallback) }),
  ...(comment !== null && { comment: String(comment) }),
  ...(labels !== null && { enumValues: listOf(labels) }),
})

const foreignKeyOf = ([, , name, columns, schema, table, referenced]: Row): CatalogForeignKey => ({
  name: String(name),
  columns: listOf(columns),
  references: { schema: String(schema), table: String(table), columns: listOf(referenced) },
})

/** pg parses json columns itself. */
const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
