import { createHash } from 'node:crypto'
import type { ClientBase } from 'pg'
import type { TableKind } from '../../../contracts/v1/tables.ts'
import type { CatalogColumn, CatalogForeignKey, CatalogTable, SourceCatalog, SourceObject, SourceObjects } from '../source.ts'
import { analyzeFunction } from './analyze.ts'
import { functionsStamp, stampOf, stampOfFunctions } from './check-basis.ts'
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

/** Code that only a superuser can install, or that changes with nothing, is let run where no statement names it. */
const doesMore = `l.lanname NOT IN ('c', 'internal') AND (p.prosecdef OR p.provolatile <> 'i')`

/**
 * Types of whose values nothing may be made. Those that hold names of the catalog, regclass and its kin: a string beside
 * such a value is looked up as a name, and a number told as one, whether its schema is shown or not; names of text search
 * configurations are not among them, since tables keep the language of a text so. Those whose values are put in order by
 * code that does more than compute, which runs wherever they are sorted, grouped or made distinct. And whatever is made of
 * either.
 */
const barred = `coded(family) AS (
  SELECT x.family FROM (SELECT amprocfamily, amproc FROM pg_catalog.pg_amproc
      UNION ALL SELECT m.amopfamily, o.oprcode FROM pg_catalog.pg_amop m JOIN pg_catalog.pg_operator o ON o.oid = m.amopopr) x(family, code)
    JOIN pg_catalog.pg_proc p ON p.oid = x.code JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE ${doesMore}
), edges(of, oid) AS MATERIALIZED (
  SELECT typbasetype, oid FROM pg_catalog.pg_type WHERE typbasetype <> 0
  UNION ALL SELECT typelem, oid FROM pg_catalog.pg_type WHERE typelem <> 0
  UNION ALL SELECT rngsubtype, rngtypid FROM pg_catalog.pg_range
  UNION ALL SELECT rngtypid, rngmultitypid FROM pg_catalog.pg_range
  UNION ALL SELECT a.atttypid, c.reltype FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    WHERE c.reltype <> 0 AND a.attnum > 0 AND NOT a.attisdropped
), barred(oid) AS (
  SELECT oid FROM pg_catalog.pg_type WHERE typnamespace = 'pg_catalog'::regnamespace
    AND typname IN ('regclass', 'regproc', 'regprocedure', 'regoper', 'regoperator', 'regtype', 'regrole', 'regnamespace', 'regcollation')
  UNION SELECT opcintype FROM pg_catalog.pg_opclass WHERE opcdefault AND opcfamily IN (SELECT family FROM coded)
  UNION SELECT r.rngtypid FROM pg_catalog.pg_range r JOIN pg_catalog.pg_opclass c ON c.oid = r.rngsubopc WHERE c.opcfamily IN (SELECT family FROM coded)
  UNION SELECT e.oid FROM barred b JOIN edges e ON e.of = b.oid
)`

/** The enumerations that a type is, or is made of. */
const listing = `listing(enumeration, oid) AS (
  SELECT oid, oid FROM pg_catalog.pg_type WHERE typtype = 'e'
  UNION SELECT l.enumeration, e.oid FROM listing l JOIN edges e ON e.of = l.oid
)`

/** The comment on a relation, or on a column of it; the functions that tell it take their time. */
const describing = (column: string): string =>
  `pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_class'::regclass AND d.objoid = v.oid AND d.objsubid = ${column}`

/** Last: a row of it, or a list of them, has a cast with code of the database's own; policies say which of its rows are seen. */
const tablesQuery = `WITH ${visible}
SELECT v.oid::text, v.nspname, v.relname, v.relkind, v.reltuples::float8, d.description,
  v.oid IN (SELECT t.typrelid FROM pg_catalog.pg_cast k JOIN pg_catalog.pg_type s ON s.oid = k.castsource JOIN pg_catalog.pg_type t ON t.oid IN (s.oid, s.typelem)
    JOIN pg_catalog.pg_proc p ON p.oid = k.castfunc JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE l.lanname NOT IN ('c', 'internal')),
  (SELECT c.relrowsecurity FROM pg_catalog.pg_class c WHERE c.oid = v.oid)
FROM visible v LEFT JOIN ${describing('0')} ORDER BY v.nspname COLLATE "C", v.relname COLLATE "C"`

/**
 * A domain is what it is made of in the end, as it is in results. Last: no statement may read it, since the value has a cast that does more than compute, which runs wherever the column
 * meets another type, or is of a type that is barred; the login may read it.
 */
const columnsQuery = `WITH RECURSIVE ${visible}, ${barred}, types AS MATERIALIZED (
  SELECT t.oid,
    json_build_object('oid', r.oid::bigint, 'name', r.typname, 'kind', r.typtype, 'category', r.typcategory, 'bare', r.typname,
      'base', r.typbasetype::bigint, 'element', r.typelem::bigint, 'delimiter', r.typdelim) AS type,
    CASE WHEN r.typtype = 'e' THEN (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = r.oid) END AS labels,
    EXISTS (SELECT FROM pg_catalog.pg_cast k JOIN pg_catalog.pg_proc p ON p.oid = k.castfunc JOIN pg_catalog.pg_language l ON l.oid = p.prolang
      WHERE k.castsource IN (t.oid, t.typbasetype, t.typelem) AND ${doesMore})
      OR t.oid IN (SELECT oid FROM barred) AS unread
  FROM pg_catalog.pg_type t CROSS JOIN LATERAL (
    WITH RECURSIVE up AS (SELECT t.* UNION ALL SELECT b.* FROM up JOIN pg_catalog.pg_type b ON b.oid = up.typbasetype) SELECT * FROM up WHERE typbasetype = 0) r
  WHERE t.oid IN (SELECT a.atttypid FROM visible v JOIN pg_catalog.pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0)
)
SELECT a.attrelid::text, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
  pg_catalog.pg_get_expr(f.adbin, f.adrelid), d.description, t.type, t.labels, t.unread,
  pg_catalog.has_column_privilege(v.oid, a.attnum, 'SELECT')
FROM visible v
JOIN pg_catalog.pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN types t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
LEFT JOIN ${describing('a.attnum')}
ORDER BY a.attrelid, a.attnum`

/** Extensions whose functions only compute. */
const computingExtensions =
  'btree_gin btree_gist citext cube datasketches earthdistance fuzzystrmatch h3 h3_postgis hstore intagg intarray ip4r isn ltree pg_bigm pg_rational pg_trgm pg_uuidv7 pgcrypto postgis postgis_raster postgis_topology prefix roaringbitmap rum seg semver timescaledb_toolkit tdigest hll topn unaccent uuid-ossp vector'.split(
    ' ',
  )

/** Functions of extensions that only compute although they are VOLATILE. */
const computingFunctions =
  'pgcrypto.gen_random_bytes pgcrypto.gen_random_uuid pgcrypto.gen_salt pgcrypto.pgp_pub_encrypt pgcrypto.pgp_pub_encrypt_bytea pgcrypto.pgp_sym_encrypt pgcrypto.pgp_sym_encrypt_bytea tablefunc.normal_rand timescaledb.first timescaledb.histogram timescaledb.interpolate timescaledb.last timescaledb.locf timescaledb.time_bucket timescaledb.time_bucket_gapfill tsm_system_rows.system_rows tsm_system_time.system_time uuid-ossp.uuid_generate_v1 uuid-ossp.uuid_generate_v1mc uuid-ossp.uuid_generate_v4'.split(
    ' ',
  )

/** Functions of computing extensions that change the session, or read files, statistics or the catalog. */
const otherFunctions =
  '^(isn_weak|_?postgis_.*|_raster_.*|_overview_.*|find_srid|get_proj4_from_srid|st_estimated_?extent|st_findextent|st_bandpath|st_bandfile.*|st_(from|as)gdal.*|st_gdaldrivers)$'

const sqlList = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')

/** What builds a value of a range type is made with the type. */
const isTrustedFunction = `(
  NOT p.prosecdef AND p.prokind IN ('f', 'a', 'w') AND (
    l.lanname = 'internal' AND EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i')
    OR l.lanname IN ('c', 'internal', 'sql') AND EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
      WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
        AND (p.provolatile IN ('i', 's') AND e.extname IN (${sqlList(computingExtensions)}) AND p.proname !~ '${otherFunctions}'
          OR e.extname || '.' || p.proname IN (${sqlList(computingFunctions)})))))`

/** It is in a schema that is shown, or came with an extension. What is left out is served no more than what does not exist. */
const isShown = (kind: 'pg_proc' | 'pg_type', oid: string): string =>
  `($1::text[] IS NULL OR n.nspname = ANY($1::text[]) OR EXISTS (SELECT FROM pg_catalog.pg_depend x
    WHERE x.classid = '${kind}'::regclass AND x.objid = ${oid} AND x.deptype = 'e'))`

const isTrustedOperator = `(NOT p.prosecdef AND (l.lanname IN ('c', 'internal')
  OR EXISTS (SELECT FROM pg_catalog.pg_operator b WHERE b.oprname = o.oprname AND b.oprnamespace = 'pg_catalog'::regnamespace)
    AND (p.provolatile <> 'v' OR EXISTS (SELECT FROM pg_catalog.pg_type t
      WHERE t.oid IN (o.oprleft, o.oprright) AND t.typnamespace <> 'pg_catalog'::regnamespace))))`

/** Functions of the engine that read relations, files or statistics that they are told of by name. */
const readingFunctions = '^(ts_stat|.*_to_xml(schema|_and_xmlschema)?|pg_read_.*|pg_ls_.*|lo_get|loread|pg_get_.*|pg_stat_get_.*|currtid2)$'

/** It can be called with one argument, and so in the form value.function too. */
const isSingle = '(p.pronargs > 0 AND p.pronargs - p.pronargdefaults <= 1)'

/** Code in SQL can be judged as a statement is. */
const isReadableFunction = `(NOT p.prosecdef AND p.prokind = 'f' AND p.provolatile IN ('i', 's') AND l.lanname = 'sql')`

/**
 * What there is beside tables, as one JSON value. The columns that a view reads are known unless it takes whole rows.
 * Code that only a superuser can install (languages C and internal) is trusted when it is IMMUTABLE or STABLE and the
 * extension that brought it does nothing but compute. So is an operator that lends a name of the engine's to other types;
 * between the engine's own types only when its function is not VOLATILE.
 */
const objectsQuery = `SELECT json_build_object(
  'searchPath', to_json(pg_catalog.current_schemas(false)),
  'database', pg_catalog.current_database(),
  'relations', (SELECT json_agg(relname) FROM pg_catalog.pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v')),
  'builtins', (SELECT json_agg(json_build_array(f.proname, f.single)) FROM (SELECT p.proname, bool_or(${isSingle}) AS single
    FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace GROUP BY 1) f),
  'builtinTypes', (SELECT json_agg(typname) FROM pg_catalog.pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typname !~ '^_'),
  'builtinOperators', (SELECT json_agg(DISTINCT oprname) FROM pg_catalog.pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace),
  'functions', (SELECT json_agg(DISTINCT jsonb_build_array(f.nspname, f.proname, f.trusted, f.shadowed, f.takes, f.arity, f.definition)) FROM (
    SELECT n.nspname, p.proname, ${isTrustedFunction} AS trusted,
      pg_catalog.current_setting('search_path') !~ 'pg_catalog' AND EXISTS (SELECT FROM pg_catalog.pg_proc b
        WHERE b.pronamespace = 'pg_catalog'::regnamespace AND b.proname = p.proname AND b.proargtypes = p.proargtypes) AS shadowed,
      CASE WHEN ${isSingle} THEN CASE WHEN (SELECT t.typtype FROM pg_catalog.pg_type t WHERE t.oid = p.proargtypes[0]) IN ('c', 'p')
        THEN 'row' ELSE 'value' END END AS takes,
      json_build_array(p.pronargs - p.pronargdefaults, CASE WHEN p.provariadic = 0 THEN p.pronargs END)::jsonb AS arity,
      CASE WHEN ${isReadableFunction} AND NOT ${isTrustedFunction} THEN pg_catalog.pg_get_functiondef(p.oid) END AS definition
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND ${isShown('pg_proc', 'p.oid')}) f),
  'operators', (SELECT json_agg(DISTINCT jsonb_build_array(n.nspname, o.oprname, ${isTrustedOperator},
      CASE WHEN NOT p.prosecdef AND l.lanname = 'sql' THEN pg_catalog.pg_get_functiondef(p.oid) END))
    FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
    JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE n.nspname <> 'pg_catalog'),
  'types', (SELECT json_agg(jsonb_build_array(n.nspname, t.typname, NOT (
      EXISTS (SELECT FROM pg_catalog.pg_cast k JOIN pg_catalog.pg_proc p ON p.oid = k.castfunc JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE t.oid IN (k.castsource, k.casttarget) AND l.lanname NOT IN ('c', 'internal'))
      OR EXISTS (SELECT FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_depend d ON d.classid = 'pg_constraint'::regclass AND d.objid = k.oid
        JOIN pg_catalog.pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
        JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE k.contypid = t.oid AND NOT ${isTrustedFunction})
      OR EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE p.oid IN (t.typinput, t.typoutput) AND l.lanname NOT IN ('c', 'internal'))
      OR t.oid IN (SELECT oid FROM barred)),
      (SELECT json_agg((SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = l.enumeration))
        FROM listing l WHERE l.oid = t.oid)))
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)' AND t.typelem = 0 AND (t.typrelid = 0 OR c.relkind = 'c')
      AND ${isShown('pg_type', 't.oid')}),
  'hidden', (SELECT json_agg(json_build_array(n.nspname, c.relname, pn.nspname, p.relname)) FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
    JOIN pg_catalog.pg_class p ON p.oid = i.inhparent JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f') AND c.relispartition AND ($1::text[] IS NULL OR n.nspname = ANY($1::text[]))),
  'reads', (SELECT json_agg(jsonb_build_array(vn.nspname, v.relname, rn.nspname, r.relname, x.columns)) FROM (
      SELECT w.ev_class AS reader, d.refobjid AS read,
        CASE WHEN NOT bool_or(w.action ~ ':varattno 0 ') THEN COALESCE(json_agg(a.attname) FILTER (WHERE a.attname IS NOT NULL), '[]') END AS columns
      FROM rules w
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND a.attnum > 0
      GROUP BY 1, 2
      UNION ALL SELECT inhparent, inhrelid, NULL FROM pg_catalog.pg_inherits) x
    JOIN pg_catalog.pg_class v ON v.oid = x.reader JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace
    JOIN pg_catalog.pg_class r ON r.oid = x.read AND r.relkind IN ('r', 'p', 'v', 'm', 'f') JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
    WHERE v.relkind IN ('r', 'p', 'v', 'm', 'f') AND vn.nspname NOT IN ('pg_catalog', 'information_schema')),
  'functionsStamp', ${functionsStamp},
  'stamps', (SELECT json_agg(json_build_array(n.nspname, c.relname, c.oid::text, ${stampOf('c')}))
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'),
  'callers', (SELECT json_agg(DISTINCT jsonb_build_array(n.nspname, c.relname)) FROM rules w
    JOIN pg_catalog.pg_class c ON c.oid = w.ev_class AND c.relkind IN ('v', 'm') JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE w.action ~ (SELECT ':funcid (' || string_agg(oid::text, '|') || ') ' FROM pg_catalog.pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '${readingFunctions}')
        OR EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid JOIN pg_catalog.pg_language l ON l.oid = p.prolang
          WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_proc'::regclass AND NOT ${isTrustedFunction}))
)`

/** What views are made of, but for those of the engine: it has many, and their texts are long. */
const rules = `rules AS (
  SELECT w.oid, w.ev_class, w.ev_action::text AS action FROM pg_catalog.pg_rewrite w
  JOIN pg_catalog.pg_class c ON c.oid = w.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
)`

/** Of an index also its whole definition, in the place of a schema. */
const keysQuery = `WITH RECURSIVE ${visible}, ${barred}, ${listing}, ${rules}
SELECT con.conrelid::text, con.contype::text, con.conname,
  (SELECT json_agg(a.attname ORDER BY k.n) FROM unnest(con.conkey) WITH ORDINALITY k(attnum, n) JOIN pg_catalog.pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.attnum),
  f.nspname::text, f.relname,
  (SELECT json_agg(a.attname ORDER BY k.n) FROM unnest(con.confkey) WITH ORDINALITY k(attnum, n) JOIN pg_catalog.pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.attnum),
  NULL::boolean
FROM visible v JOIN pg_catalog.pg_constraint con ON con.conrelid = v.oid AND con.contype IN ('p','f') AND con.conparentid = 0
LEFT JOIN visible f ON f.oid = con.confrelid
UNION ALL
SELECT i.indrelid::text, 'i', c.relname,
  (SELECT json_agg(coalesce(a.attname::text, pg_catalog.pg_get_indexdef(i.indexrelid, k::int, true)) ORDER BY k) FROM generate_series(1, i.indnkeyatts) k
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k - 1]),
  pg_catalog.pg_get_indexdef(i.indexrelid), NULL, NULL, i.indisunique
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
  // Compiling queries that are so long takes seconds, and saves nothing.
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off')
  try {
    const tables = await ask(tablesQuery)
    const columns = groupByFirst(await ask(columnsQuery))
    const keys = groupByFirst(await ask(keysQuery))
    const objects = await objectsOf((keys.get('null')?.[0]?.[3] ?? {}) as unknown as ObjectsRow)
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

type NamedRow = readonly [schema: string, name: string, isTrusted: boolean]

type FunctionRow = readonly [
  ...NamedRow,
  isShadowed: boolean,
  takes: 'value' | 'row' | null,
  arity: [fewest: number, most: number | null],
  definition: string | null,
]

/** What `objectsQuery` gives; a list without items is null. */
interface ObjectsRow {
  readonly searchPath: readonly string[]
  readonly database: string
  readonly relations: readonly string[]
  readonly builtins: readonly (readonly [name: string, isSingle: boolean])[]
  readonly builtinTypes: readonly string[]
  readonly builtinOperators: readonly string[]
  readonly functions: readonly FunctionRow[] | null
  readonly operators: readonly (readonly [...NamedRow, definition: string | null])[] | null
  readonly types: readonly (readonly [...NamedRow, values: (string[] | null)[] | null])[] | null
  readonly hidden: readonly (readonly [schema: string, name: string, parentSchema: string, parentName: string])[] | null
  readonly reads:
    | readonly (readonly [schema: string, name: string, fromSchema: string, fromName: string, columns: string[] | null])[]
    | null
  readonly functionsStamp: string
  readonly stamps: readonly (readonly [schema: string, name: string, oid: string, stamp: string])[] | null
  readonly callers: readonly (readonly [schema: string, name: string])[] | null
}

const objectsOf = async (row: ObjectsRow): Promise<SourceObjects> => {
  const { searchPath, database, relations, builtins, functions, operators, types, hidden, reads, stamps, callers } = row
  // What is not trusted for another reason is not trusted for its values.
  const typeOf = ([schema, name, isTrusted, values]: NonNullable<ObjectsRow['types']>[number]): SourceObject => ({
    schema,
    name,
    isTrusted,
    ...(isTrusted && values !== null && { values: values.map((list) => list ?? []) }),
  })
  const functionOf = async ([schema, name, isTrusted, isShadowed, takes, arity, definition]: FunctionRow) => {
    const body = definition === null ? undefined : await analyzeFunction(definition)
    return { schema, name, isTrusted, isShadowed, arity, ...(takes !== null && { takes }), ...(body !== undefined && { bodies: [body] }) }
  }
  const operatorOf = async ([schema, name, isTrusted, definition]: NonNullable<ObjectsRow['operators']>[number]) => {
    const body = definition === null ? undefined : await analyzeFunction(definition)
    // One that reads tables is judged by what it reads.
    const computes = isTrusted && (body?.relations.length ?? 0) === 0
    return { schema, name, isTrusted: computes, ...(body !== undefined && { bodies: [body] }) }
  }
  return {
    searchPath,
    database,
    builtinFunctions: new Set(builtins.filter(([, isSingle]) => isSingle).map(([name]) => name)),
    engineRelations: new Set(relations),
    engineFunctions: new Set(builtins.map(([name]) => name)),
    engineTypes: new Set(row.builtinTypes),
    engineOperators: new Set(row.builtinOperators),
    functions: await Promise.all((functions ?? []).map(functionOf)),
    operators: await Promise.all((operators ?? []).map(operatorOf)),
    types: (types ?? []).map(typeOf),
    hidden: (hidden ?? []).map(([schema, name, parentSchema, parent]) => ({
      schema,
      name,
      parent: { schema: parentSchema, name: parent },
    })),
    reads: (reads ?? []).map(([schema, name, fromSchema, fromName, columns]) => ({
      relation: { schema, name },
      from: { schema: fromSchema, name: fromName },
      ...(columns !== null && { columns }),
    })),
    opaque: [],
    functionsStamp: stampOfFunctions(row.functionsStamp),
    stamps: (stamps ?? []).map(([schema, name, oid, stamp]) => ({ schema, name, oid, stamp })),
    callers: (callers ?? []).map(([schema, name]) => ({ schema, name })),
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
  const [, schema, name, kind, estimate, comment, isRowCast, hasRowPolicies] = row
  const primary = keys.find((key) => key[1] === 'p')
  return {
    schema: String(schema),
    name: String(name),
    kind: kinds[String(kind)] ?? 'table',
    ...(comment !== null && { comment: String(comment) }),
    // -1 means that the table was never analysed; views have 0 and no estimate. Rows that policies hide would be counted.
    ...(Number(estimate) >= 0 &&
      kind !== 'v' &&
      hasRowPolicies !== true && { rowEstimate: { rows: Math.round(Number(estimate)), exact: false } }),
    columns: columns.map(columnOf),
    ...(isRowCast === true && { rowRunsCode: true }),
    ...(hasRowPolicies === true && { hasRowPolicies: true }),
    ...(columns.some(isUnread) && { unreadColumns: columns.filter(isUnread).map((column) => String(column[1])) }),
    ...(columns.some(isClosed) && { closedColumns: columns.filter(isClosed).map((column) => String(column[1])) }),
    primaryKey: primary === undefined ? [] : listOf(primary[3]),
    foreignKeys: keys.filter((key) => key[1] === 'f' && key[4] !== null).map(foreignKeyOf),
    indexes: keys
      .filter((key) => key[1] === 'i')
      .map((key) => ({ name: String(key[2]), columns: listOf(key[3]), unique: key[7] === true, definition: String(key[4]) })),
  }
}

const isUnread = (column: Row): boolean => column[8] === true
const isClosed = (column: Row): boolean => column[9] === false

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
