import type { CanonicalType } from '../../contracts/v1/values.ts'

/** One value, said in each dialect, and the JSON text that both must give. `none`: the dialect has no such value. */
export interface ValueCase {
  readonly type: CanonicalType
  readonly postgres: string | 'none'
  readonly duckdb: string | 'none'
  readonly json: string
}

const same = (type: CanonicalType, sql: string, json: string): ValueCase => ({ type, postgres: sql, duckdb: sql, json })
const each = (type: CanonicalType, postgres: string, duckdb: string, json: string): ValueCase => ({ type, postgres, duckdb, json })

const zulu = (type: CanonicalType): string => (type === 'timestamptz' ? 'Z' : '')

export const valueCases: readonly ValueCase[] = [
  same('boolean', 'true', 'true'),
  same('boolean', 'CAST(NULL AS boolean)', 'null'),
  same('integer', 'CAST(-32768 AS smallint)', '-32768'),
  same('integer', 'CAST(2147483647 AS integer)', '2147483647'),
  same('bigint', 'CAST(1 AS bigint)', '"1"'),
  same('bigint', 'CAST(9007199254740993 AS bigint)', '"9007199254740993"'),
  same('bigint', 'CAST(-9223372036854775808 AS bigint)', '"-9223372036854775808"'),
  same('decimal', 'CAST(12.5 AS numeric(12,2))', '"12.50"'),
  same('decimal', 'CAST(-0.0000000001 AS numeric(38,10))', '"-0.0000000001"'),
  same('decimal', 'CAST(9999999999999999999999999999.9999999999 AS numeric(38,10))', '"9999999999999999999999999999.9999999999"'),
  each('decimal', "CAST('NaN' AS numeric)", 'none', '"NaN"'),
  same('float', "CAST('NaN' AS double precision)", '"NaN"'),
  same('float', "CAST('Infinity' AS double precision)", '"Infinity"'),
  same('float', "CAST('-Infinity' AS real)", '"-Infinity"'),
  same('float', 'CAST(0.1 AS real)', '0.1'),
  same('float', 'CAST(123456789 AS real)', '123456790'),
  same('float', 'CAST(0.1 AS double precision)', '0.1'),
  same('float', 'CAST(1e300 AS double precision)', '1e+300'),
  same('float', 'CAST(123456789 AS double precision)', '123456789'),
  same('float', 'CAST(3 AS double precision)', '3'),
  same('text', "'O''Brien \"q\" \\ 日本 🙂'", JSON.stringify('O\'Brien "q" \\ 日本 🙂')),
  each('text', "E'tab\\tnewline\\n'", "E'tab\\tnewline\\n'", '"tab\\tnewline\\n"'),
  same('uuid', "CAST('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11' AS uuid)", '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'),
  same('date', "CAST('2026-01-31' AS date)", '"2026-01-31"'),
  same('date', "CAST('infinity' AS date)", '"infinity"'),
  each('date', "CAST('0044-03-15 BC' AS date)", "CAST('0044-03-15 (BC)' AS date)", '"-0043-03-15"'),
  same('date', "CAST('20044-03-15' AS date)", '"+20044-03-15"'),
  ...(['timestamp', 'timestamptz'] as const).flatMap((type) => [
    each(
      type,
      `CAST('0044-03-15 12:00:01.5 BC' AS ${type})`,
      `CAST('0044-03-15 (BC) 12:00:01.5' AS ${type})`,
      `"-0043-03-15T12:00:01.5${zulu(type)}"`,
    ),
    same(type, `CAST('20044-03-15 12:00:01' AS ${type})`, `"+20044-03-15T12:00:01${zulu(type)}"`),
  ]),
  same('time', "CAST('12:34:56.5' AS time)", '"12:34:56.5"'),
  same('time', "CAST('00:00:00' AS time)", '"00:00:00"'),
  same('timetz', "CAST('12:34:56+02' AS time with time zone)", '"12:34:56+02:00"'),
  same('timestamp', "CAST('2026-01-31 12:34:56.000001' AS timestamp)", '"2026-01-31T12:34:56.000001"'),
  each(
    'timestamp',
    "CAST('0044-03-15 12:00:00 BC' AS timestamp)",
    "CAST('0044-03-15 (BC) 12:00:00' AS timestamp)",
    '"-0043-03-15T12:00:00"',
  ),
  each(
    'timestamptz',
    "CAST('0044-03-15 12:00:00+00 BC' AS timestamptz)",
    "CAST('0044-03-15 (BC) 12:00:00+00' AS timestamptz)",
    '"-0043-03-15T12:00:00Z"',
  ),
  same('timestamp', "CAST('-infinity' AS timestamp)", '"-infinity"'),
  same('timestamptz', "CAST('2026-01-31 12:34:56.5+02' AS timestamp with time zone)", '"2026-01-31T10:34:56.5Z"'),
  same('interval', "INTERVAL '1 year 2 months 3 days 4 hours 5 minutes 6.5 seconds'", '"P1Y2M3DT4H5M6.5S"'),
  same('interval', "INTERVAL '0 days'", '"PT0S"'),
  same('interval', "INTERVAL '-1 day'", '"P-1D"'),
  same('interval', "INTERVAL '90 minutes'", '"PT1H30M"'),
  same('interval', "INTERVAL '-1.5 seconds'", '"PT-1.5S"'),
  each('bytes', "CAST('\\xdeadbeef' AS bytea)", "CAST('\\xDE\\xAD\\xBE\\xEF' AS BLOB)", '"3q2+7w=="'),
  each(
    'json',
    `CAST('{"a": [1, 2.50, null], "b": "x"}' AS json)`,
    `CAST('{"a": [1, 2.50, null], "b": "x"}' AS JSON)`,
    '{"a":[1,2.5,null],"b":"x"}',
  ),
  each('json', `CAST('{"n": 9007199254740993}' AS json)`, `CAST('{"n": 9007199254740993}' AS JSON)`, '{"n":"9007199254740993"}'),
  each('array', "CAST('{1,NULL,3}' AS int[])", '[1, NULL, 3]', '[1,null,3]'),
  each('array', "CAST('{9007199254740993}' AS bigint[])", 'CAST([9007199254740993] AS bigint[])', '["9007199254740993"]'),
  each('array', "CAST(ARRAY['a,b','c\"d',NULL,'','NULL'] AS text[])", "['a,b','c\"d',NULL,'','NULL']", '["a,b","c\\"d",null,"","NULL"]'),
  each('array', "CAST('{{1,2},{3,4}}' AS int[])", '[[1,2],[3,4]]', '[[1,2],[3,4]]'),
  each('array', "CAST('{2026-01-31}' AS date[])", "[CAST('2026-01-31' AS date)]", '["2026-01-31"]'),
  each('array', "CAST('{}' AS int[])", 'CAST([] AS int[])', '[]'),
  each('bit', "CAST('10101' AS bit(5))", "CAST('10101' AS BIT)", '"10101"'),
  each('struct', 'none', "{'a': 1, 'b': CAST(2 AS bigint)}", '{"a":1,"b":"2"}'),
  each('struct', 'none', "(1, 'x', 3.5)", '[1,"x","3.5"]'),
  each('struct', 'none', "row(NULL, row(1, 'x'), {'a': row(2, NULL)})", '[null,[1,"x"],{"a":[2,null]}]'),
  each('struct', 'none', "{'__proto__': 1, 'b': 2}", '{"__proto__":1,"b":2}'),
  each('array', 'none', 'list_zip([1, 2], [30, 40])', '[[1,30],[2,40]]'),
  each('map', 'none', "MAP {row(1, 'k'): [(2, 3)]}", '[{"key":[1,"k"],"value":[[2,3]]}]'),
  each('union', 'none', "union_value(pair := (1, 'x'))", '{"tag":"pair","value":[1,"x"]}'),
  each('map', 'none', "MAP {'k': 1}", '[{"key":"k","value":1}]'),
  each('union', 'none', 'union_value(num := 2)', '{"tag":"num","value":2}'),
  each('enum', 'none', "CAST('low' AS ENUM('low', 'high'))", '"low"'),
  each('other', "row(1, 'x')", 'none', '"(1,x)"'),
  each('other', "CAST('10.0.0.0/8' AS cidr)", 'none', '"10.0.0.0/8"'),
]
