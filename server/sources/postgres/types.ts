import type { CanonicalType } from '../../../contracts/v1/values.ts'

/** What is known of a Postgres type: how it is called and how its values travel. */
export interface PostgresType {
  readonly oid: number
  /** As format_type writes it, without modifier. */
  readonly name: string
  readonly canonical: CanonicalType
  /** Element type of an array. */
  readonly element?: number
  /** Between elements of an array; a comma but for box. */
  readonly delimiter?: string
  /** Base type of a domain. */
  readonly base?: number
  /** Fields of a composite type. */
  readonly fields?: readonly { readonly name: string; readonly oid: number }[]
}

/** Scalar types of the server's own catalog: oid, oid of their array type, canonical type, name. */
const scalars: readonly (readonly [oid: number, array: number, canonical: CanonicalType, name: string])[] = [
  [16, 1000, 'boolean', 'boolean'],
  [17, 1001, 'bytes', 'bytea'],
  [18, 1002, 'text', '"char"'],
  [19, 1003, 'text', 'name'],
  [20, 1016, 'bigint', 'bigint'],
  [21, 1005, 'integer', 'smallint'],
  // Called arrays by the catalog, and not written like them: "1 2".
  [22, 1006, 'other', 'int2vector'],
  [30, 1013, 'other', 'oidvector'],
  [23, 1007, 'integer', 'integer'],
  [24, 1008, 'other', 'regproc'],
  [25, 1009, 'text', 'text'],
  [26, 1028, 'integer', 'oid'],
  [27, 1010, 'other', 'tid'],
  [28, 1011, 'integer', 'xid'],
  [29, 1012, 'integer', 'cid'],
  [114, 199, 'json', 'json'],
  [142, 143, 'other', 'xml'],
  [600, 1017, 'other', 'point'],
  [601, 1018, 'other', 'lseg'],
  [602, 1019, 'other', 'path'],
  [603, 1020, 'other', 'box'],
  [604, 1027, 'other', 'polygon'],
  [628, 629, 'other', 'line'],
  [650, 651, 'other', 'cidr'],
  [700, 1021, 'float', 'real'],
  [701, 1022, 'float', 'double precision'],
  [705, 0, 'text', 'unknown'],
  [718, 719, 'other', 'circle'],
  [774, 775, 'other', 'macaddr8'],
  [790, 791, 'other', 'money'],
  [829, 1040, 'other', 'macaddr'],
  [869, 1041, 'other', 'inet'],
  [1033, 1034, 'other', 'aclitem'],
  [1042, 1014, 'text', 'character'],
  [1043, 1015, 'text', 'character varying'],
  [1082, 1182, 'date', 'date'],
  [1083, 1183, 'time', 'time without time zone'],
  [1114, 1115, 'timestamp', 'timestamp without time zone'],
  [1184, 1185, 'timestamptz', 'timestamp with time zone'],
  [1186, 1187, 'interval', 'interval'],
  [1266, 1270, 'timetz', 'time with time zone'],
  [1560, 1561, 'bit', 'bit'],
  [1562, 1563, 'bit', 'bit varying'],
  [1700, 1231, 'decimal', 'numeric'],
  [2205, 2210, 'other', 'regclass'],
  [2249, 2287, 'other', 'record'],
  [2278, 0, 'other', 'void'],
  [2950, 2951, 'uuid', 'uuid'],
  [3220, 3221, 'other', 'pg_lsn'],
  [3614, 3643, 'other', 'tsvector'],
  [3615, 3645, 'other', 'tsquery'],
  [3802, 3807, 'json', 'jsonb'],
  [3904, 3905, 'other', 'int4range'],
  [3906, 3907, 'other', 'numrange'],
  [3908, 3909, 'other', 'tsrange'],
  [3910, 3911, 'other', 'tstzrange'],
  [3912, 3913, 'other', 'daterange'],
  [3926, 3927, 'other', 'int8range'],
  [4072, 4073, 'other', 'jsonpath'],
  [5069, 271, 'bigint', 'xid8'],
]

/** Types known without asking the database. */
export const builtinTypes: ReadonlyMap<number, PostgresType> = new Map(
  scalars.flatMap(([oid, array, canonical, name]): [number, PostgresType][] => [
    [oid, { oid, name, canonical }],
    ...(array === 0
      ? []
      : ([[array, { oid: array, name: `${name}[]`, canonical: 'array', element: oid, delimiter: oid === 603 ? ';' : ',' }]] as [
          number,
          PostgresType,
        ][])),
  ]),
)

/** One row of `typeQuery`. */
export interface TypeRow {
  readonly oid: number
  readonly name: string
  readonly kind: string
  readonly category: string
  readonly base: number
  readonly element: number
  readonly delimiter: string
  readonly bare: string
  readonly fields: readonly { readonly name: string; readonly oid: number }[] | null
}

/** The types with these oids and every type they are made of, as one JSON value. $1: array of oids. */
export const typeQuery = `
WITH RECURSIVE wanted(oid) AS (
  SELECT unnest($1::oid[])
  UNION
  SELECT part.oid FROM wanted JOIN pg_catalog.pg_type t ON t.oid = wanted.oid
  CROSS JOIN LATERAL (
    SELECT t.typelem WHERE t.typelem <> 0 AND t.typcategory = 'A'
    UNION ALL SELECT t.typbasetype WHERE t.typbasetype <> 0
    UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
  ) AS part(oid)
)
SELECT coalesce(json_agg(json_build_object(
  'oid', t.oid::bigint, 'name', pg_catalog.format_type(t.oid, NULL), 'kind', t.typtype, 'category', t.typcategory, 'bare', t.typname,
  'base', t.typbasetype::bigint, 'element', t.typelem::bigint, 'delimiter', t.typdelim,
  'fields', (SELECT json_agg(json_build_object('name', a.attname, 'oid', a.atttypid::bigint) ORDER BY a.attnum)
             FROM pg_catalog.pg_attribute a WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
)), '[]') AS types FROM wanted JOIN pg_catalog.pg_type t USING (oid)`

/** A type as the catalog describes it. */
export const typeOfRow = (row: TypeRow): PostgresType => {
  const { oid, name } = row
  const builtin = builtinTypes.get(oid)
  if (builtin !== undefined) return builtin
  if (row.category === 'A' && row.element !== 0) return { oid, name, canonical: 'array', element: row.element, delimiter: row.delimiter }
  if (row.kind === 'e') return { oid, name, canonical: 'enum' }
  if (row.kind === 'd') return { oid, name, canonical: builtinTypes.get(row.base)?.canonical ?? 'other', base: row.base }
  if (row.kind === 'c') return { oid, name, canonical: 'struct', fields: row.fields ?? [] }
  if (row.bare === 'hstore') return { oid, name, canonical: 'map' }
  if (row.category === 'S') return { oid, name, canonical: 'text' }
  return { oid, name, canonical: 'other' }
}

/** A type with its modifier, as format_type writes it: `numeric(12,2)`, `character varying(20)[]`. */
export const formatType = (type: PostgresType, modifier: number): string => {
  if (type.element !== undefined) {
    const element = builtinTypes.get(type.element)
    return element === undefined ? type.name : `${formatType(element, modifier)}[]`
  }
  if (modifier < 0) return type.name
  switch (type.oid) {
    case 1700:
      // The scale is a signed 11-bit field since PostgreSQL 15.
      return `numeric(${((modifier - 4) >> 16) & 0xffff},${(((modifier - 4) & 0x7ff) ^ 1024) - 1024})`
    case 1042:
    case 1043:
      return `${type.name}(${modifier - 4})`
    case 1560:
    case 1562:
      return `${type.name}(${modifier})`
    case 1083:
    case 1114:
    case 1184:
    case 1266:
      return type.name.replace(' ', `(${modifier}) `)
    default:
      return type.name
  }
}
