import type { Dialect } from '../sources/source.ts'

/** Functions that wait, in any database. */
export const waiting = /^((pg_)?sleep.*|benchmark|waitfor)$/

/** What stands in for a function of the engine that is refused, told by its name; the first that fits. */
const instead: Readonly<Record<Dialect, readonly (readonly [name: RegExp, hint: string])[]>> = {
  postgres: [
    [/^(nextval|setval|currval|lastval)$/, 'It writes or reads a sequence. row_number() OVER () numbers rows.'],
    [/^(pg_sleep.*|.*advisory.*)$/, 'It waits or locks. Leave it out.'],
    [/^(current_setting|set_config)$/, 'Settings are not read or set by functions. SHOW tells timezone, datestyle and server_version.'],
    [/^setseed$/, "It changes the session. Order by md5(id::text || 'seed') for an order that stays."],
    [
      /^(pg_read_.*|pg_ls_.*|pg_stat_file|lo_.*|loread|lowrite)$/,
      'It reads or writes files. Files are served when the project declares them; list_sources lists what there is.',
    ],
    [
      /^((query|table|schema|database|cursor)_to_xml.*|ts_stat)$/,
      'It takes SQL or names in a string. Write that query in the statement itself.',
    ],
    [
      /^(version|user|(session|system)_user|current_.*|format_type|to_reg.*|has_.*|(sh)?obj_description|col_description|inet_(client|server)_.*|pg_(get|has|table|relation|total|database|partition|describe|identify|stat).*)$/,
      'It tells of the server, its catalogs or the session. list_sources, list_tables and describe_table tell what there is.',
    ],
  ],
  duckdb: [
    [
      /^(read_.*|parquet_.*|.*_scan|scan_.*|glob|sniff_csv)$/,
      'It reads files. Files are served as tables when the project declares them; list_tables lists those there are.',
    ],
    [
      /^(query|query_table|json_execute_serialized_sql|json_serialize_.*|json_deserialize_.*)$/,
      'It takes SQL or names in a string. Write that query in the statement itself.',
    ],
    [/^(nextval|currval)$/, 'It writes or reads a sequence. row_number() OVER () numbers rows.'],
    [/^(getvariable|getenv|current_setting)$/, 'Variables and settings are closed. Give values as $1 with params.'],
    [/^setseed$/, "It changes the session. Order by hash(id || 'seed') for an order that stays."],
    [waiting, 'It waits. Leave it out.'],
    [
      /^(duckdb_.*|pragma_.*|show_.*|pg_.*|current_.*|has_.*|user|session_user|in_search_path|txid_current|.*_description)$/,
      'It tells of the engine, its catalogs or the session. list_sources, list_tables and describe_table tell what there is.',
    ],
  ],
}

/** What to use instead of a function of this name, whether the engine has it or another one. */
export const insteadOfName = (name: string, dialect: Dialect): string | undefined =>
  instead[dialect].find(([pattern]) => pattern.test(name))?.[1]

/** Why a function that the engine has is refused, and what to use instead. */
export const insteadOfFunction = (name: string, dialect: Dialect): string =>
  insteadOfName(name, dialect) ?? 'Functions that read files, settings, catalogs or sessions, that wait or write are not served.'
