import type { Dialect } from '../sources/source.ts'

/** `name name: what to write`, one line each. */
const table = (lines: string): ReadonlyMap<string, string> =>
  new Map(
    lines
      .trim()
      .split('\n')
      .flatMap((line) => {
        const at = line.indexOf(':')
        return line
          .slice(0, at)
          .trim()
          .split(' ')
          .map((name): [string, string] => [name, line.slice(at + 1).trim()])
      }),
  )

/** Functions that other databases have, and what computes the same here. */
export const foreignFunctions: Readonly<Record<Dialect, ReadonlyMap<string, string>>> = {
  postgres: table(`
    top: LIMIT n at the end of the statement in place of TOP
    ifnull nvl isnull: coalesce(x, y)
    nvl2 iif if: CASE WHEN condition THEN x ELSE y END
    len strlen: length(x)
    charindex instr locate: strpos(text, part)
    contains: strpos(text, part) > 0
    ucase: upper(x)
    lcase: lower(x)
    getdate sysdate getutcdate current_datetime: now()
    curdate today: current_date
    dateadd adddate date_sub subdate timestampadd: x + interval '1 day'
    datediff date_diff timestampdiff: (a::date - b::date) for days, or extract(epoch FROM a - b) for seconds
    date_format strftime format_date: to_char(x, 'YYYY-MM-DD')
    str_to_date strptime parse_date: to_date(text, 'DD.MM.YYYY')
    year: extract(year FROM x)
    quarter: extract(quarter FROM x)
    month: extract(month FROM x)
    week weekofyear: extract(week FROM x)
    day dayofmonth: extract(day FROM x)
    dayofweek weekday: extract(dow FROM x)
    dayofyear: extract(doy FROM x)
    hour: extract(hour FROM x)
    minute: extract(minute FROM x)
    second: extract(second FROM x)
    monthname: to_char(x, 'Month')
    dayname: to_char(x, 'Day')
    last_day: (date_trunc('month', x) + interval '1 month - 1 day')::date
    epoch unix_timestamp unixepoch: extract(epoch FROM x)
    from_unixtime: to_timestamp(x)
    group_concat listagg: string_agg(x, ',')
    list collect_list: array_agg(x)
    list_contains array_contains: y = ANY (x)
    median: percentile_cont(0.5) WITHIN GROUP (ORDER BY x)
    quantile quantile_cont approx_quantile: percentile_cont(0.5) WITHIN GROUP (ORDER BY x)
    approx_count_distinct countdistinct uniq: count(DISTINCT x)
    countif count_if: count(*) FILTER (WHERE condition)
    sumif: sum(x) FILTER (WHERE condition)
    arg_max max_by: (array_agg(x ORDER BY y DESC))[1]
    arg_min min_by: (array_agg(x ORDER BY y))[1]
    first: (array_agg(x ORDER BY y))[1]
    last: (array_agg(x ORDER BY y DESC))[1]
    safe_divide: x / nullif(y, 0)
    rand: random()
    newid uuid generate_uuid: gen_random_uuid()
    substring_index: split_part(text, ',', 1)
    regexp_extract: substring(text FROM 'pattern')
    regexp_contains rlike: text ~ 'pattern'
    truncate: trunc(x, 2)
    json_extract json_query: x -> 'key'
    json_extract_string json_extract_scalar json_unquote: x ->> 'key'
    printf: format('%s', x)
  `),
  duckdb: table(`
    top: LIMIT n at the end of the statement in place of TOP
    nvl isnull: coalesce(x, y)
    nvl2 iif: if(condition, x, y)
    charindex locate: strpos(text, part)
    getdate sysdate getutcdate current_datetime: now()
    curdate: today()
    dateadd adddate timestampadd: x + INTERVAL 1 DAY
    subdate: x - INTERVAL 1 DAY
    timestampdiff: date_diff('day', a, b)
    to_char date_format format_date: strftime(x, '%Y-%m-%d')
    str_to_date to_date parse_date: strptime(text, '%d.%m.%Y')::DATE
    to_number: CAST(x AS DECIMAL)
    from_unixtime: to_timestamp(x)
    unix_timestamp unixepoch: epoch(x)
    uniq countdistinct: count(DISTINCT x)
    sumif: sum(x) FILTER (WHERE condition)
    collect_list: list(x)
    safe_divide: x / nullif(y, 0)
    rand: random()
    newid generate_uuid: uuid()
    substring_index: split_part(text, ',', 1)
    regexp_substr regexp_match: regexp_extract(text, 'pattern')
    regexp_like regexp_contains rlike: regexp_matches(text, 'pattern')
    regexp_count: length(regexp_extract_all(text, 'pattern'))
    truncate: trunc(x)
    json_unquote json_extract_scalar: x ->> '$.key'
    jsonb_build_object json_build_object: json_object('key', x)
    jsonb_agg json_agg: json_group_array(x)
    jsonb_array_length: json_array_length(x)
    jsonb_array_elements json_array_elements: unnest(from_json(x, '["json"]'))
    to_jsonb: to_json(x)
    array_remove: list_filter(list, x -> x <> y)
    cardinality_estimate: approx_count_distinct(x)
  `),
}

/** Types that other databases have, and the one that holds the same here. */
export const foreignTypes: Readonly<Record<Dialect, ReadonlyMap<string, string>>> = {
  postgres: table(`
    datetime datetime2 smalldatetime: timestamp
    double float64: double precision
    float32: real
    number hugeint uint64 ubigint: numeric
    nvarchar varchar2 nvarchar2 nchar string longtext mediumtext tinytext clob: text
    tinyint utinyint int8_t: smallint
    mediumint int32 usmallint: integer
    int64 signed unsigned uinteger: bigint
    blob longblob binary varbinary: bytea
    list: an array, as in integer[]
    timestamp_ntz: timestamp
    timestamp_tz timestamp_ltz: timestamptz
    map struct variant: jsonb
  `),
  duckdb: table(`
    datetime2 smalldatetime timestamp_ntz: timestamp
    timestamp_tz timestamp_ltz: timestamptz
    number money: decimal(18, 2)
    varchar2 nvarchar2 nchar longtext mediumtext tinytext clob citext xml inet name: varchar
    jsonb: json
    serial mediumint: integer
    bigserial: bigint
    unsigned: ubigint
    float32: float
    float64: double
    longblob: blob
    tsvector: varchar
  `),
}

/** Operators of other databases, and what is written here. */
export const foreignOperators: ReadonlyMap<string, string> = new Map([
  ['==', '='],
  ['===', '='],
  ['!==', '<>'],
  ['<=>', 'IS NOT DISTINCT FROM'],
  ['=~', '~'],
])
