import type { DbtProjectInfo, DbtTable, RowEstimate, TableKind } from '../../contracts/v1/tables.ts'
import type { SourceType } from '../../contracts/v1/tools/list-sources.ts'
import type { CanonicalType, Column } from '../../contracts/v1/values.ts'
import type { EncodedJson } from '../envelope/encoded-json.ts'
import type { RowBatch } from '../envelope/row-batch.ts'
import type { PoolState, QueryTag, QueryWatch } from './query-watch.ts'

export type Dialect = 'postgres' | 'duckdb'
export type ResultFormat = 'rows' | 'csv' | 'markdown'
export type ParamValue = string | number | boolean | null

/** The limits of one query after project, source and caller were heard. */
export interface QueryLimits {
  readonly maxRows: number
  readonly maxBytes: number
  readonly maxCellBytes: number
  readonly timeoutMs: number
  /** A query whose plan is estimated above these is not run; undefined for any. See contracts/v1/project.ts. */
  readonly maxEstimatedRows?: number | undefined
  readonly maxEstimatedCost?: number | undefined
}

/**
 * What of a source a statement was judged upon. It is read from only while that is so still: the metadata is older than the
 * statement, and what a policy hides may have come since, or a function that may not be called.
 */
export interface Basis {
  /** `SourceCatalog.stamp`, where the source has one stamp for all. */
  readonly stamp?: string | undefined
  /** Relations that are read, with the name where the statement writes one, and `functionsStamp`. */
  readonly relations: readonly { readonly name?: RelationName; readonly stamp: RelationStamp }[]
}

/** One state of a relation: its columns, its grants, the query of a view, the children of a parent. */
export interface RelationStamp {
  readonly schema: string
  readonly name: string
  readonly oid: string
  readonly stamp: string
}

/** One statement on its way to a database. The guard has seen this very text. */
export interface Query {
  readonly sql: string
  readonly basis?: Basis | undefined
  readonly params: readonly ParamValue[]
  /** Rows of the result to skip: a later page. */
  readonly offset: number
  readonly limits: QueryLimits
  readonly format: ResultFormat
  /** Aborted when the caller cancels or goes away; the database stops working within a second. */
  readonly signal: AbortSignal
  /** Tells of the query in the database's own monitoring. */
  readonly tag: QueryTag
  /** Hears how far it is. */
  readonly watch?: QueryWatch | undefined
  /** Whose turn it takes when many wait. */
  readonly caller: string
  /** True when all that it calls is known to keep nothing in the session; otherwise the session is examined afterwards. */
  readonly keepsNothing: boolean
  /** Called with the number of rows that were read so far, while they are. */
  readonly onRows?: ((rowCount: number) => void) | undefined
}

/** What a query gave, already in the form it is sent in. */
export interface QueryResult {
  readonly columns: readonly Column[]
  /** Format rows: a JSON array of arrays. */
  readonly rows?: EncodedJson
  /** Formats csv and markdown. */
  readonly text?: string
  readonly rowCount: number
  /** The limit that cut the result; undefined when it is whole. Exact: the next row was seen. */
  readonly truncatedBy?: 'rows' | 'bytes' | 'tokens'
  /** UTF-8 size of rows or text. */
  readonly bytes: number
  /** The row of each cell that was cut at `maxCellBytes`, from 0. */
  readonly cutCells: readonly number[]
  /** Milliseconds from the first message to the database until its last. */
  readonly elapsedMs: number
}

/** A query whose whole result is read, row by row. */
export interface StreamQuery extends Pick<Query, 'sql' | 'basis' | 'params' | 'signal' | 'tag' | 'watch' | 'caller' | 'keepsNothing'> {
  /** `timeoutMs` is the time until the last row was taken. No value is cut: a row beyond `maxRowBytes` ends the stream. */
  readonly limits: Omit<QueryLimits, 'maxCellBytes'> & { readonly maxRowBytes: number }
}

/** How a stream ended. */
export interface StreamEnd {
  readonly end: {
    readonly rowCount: number
    /** The limit that cut the result; undefined when it is whole. */
    readonly truncatedBy?: 'rows' | 'bytes' | undefined
    /** Bytes of all lines. */
    readonly bytes: number
    /** Milliseconds from the first message to the database until its last, waiting for the reader included. */
    readonly elapsedMs: number
  }
}

/** A result on its way. The database waits while nobody reads; the signal of the query stops it. */
export interface RowStream {
  readonly columns: readonly Column[]
  /** The next rows, or how the result ended. Throws `Fault`s, as `Source` does. */
  read(): Promise<RowBatch | StreamEnd>
}

/** A relation that a statement names, as written there, unquoted. */
export interface RelationName {
  /** Only where the statement names it. */
  readonly database?: string
  readonly schema?: string
  readonly name: string
  /** Where it stands, see `UsedName`. */
  readonly position?: number
}

/** Something that a statement names: a function, a type, an operator, a field, a kind of syntax. */
export interface UsedName {
  readonly schema?: string
  readonly name: string
  /** Arguments of a function call. */
  readonly arguments?: number
  /** A function that stands where a table does. */
  readonly isTable?: boolean
  /** Of a type: the name is a text that may name some. */
  readonly isMaybe?: boolean
  /** Of a field: the relation whose row it is taken from, where that is known. */
  readonly relations?: readonly RelationName[]
  /** Of a field: it is taken from the row of a subquery, so only a function of whole rows can be meant by it. */
  readonly isRow?: boolean
  /** Offset in the text, in bytes of its UTF-8. */
  readonly position?: number
}

/** A column that a statement may read. */
export interface ColumnUse {
  /** `*` for a whole row. */
  readonly column: string
  /** The relations it may be a column of. */
  readonly relations: readonly RelationName[]
  /** Those further out, level by level: meant when no relation before has such a column. */
  readonly outer?: readonly (readonly RelationName[])[]
  /** The name written before it. */
  readonly qualifier?: string
  /** A name follows it behind a dot: when there is no such column, a table is missed. */
  readonly isQualifier?: boolean
  /** That name means nothing where the column stands. */
  readonly isOutOfSight?: boolean
  /** It stands in USING; the side of the join that must have it. With `*`: both sides, of a NATURAL JOIN. */
  readonly joins?: 'left' | 'right' | 'natural'
  /** With `*`: it is no whole row when one of the relations, or of those in sight, has a column of this name. */
  readonly orNamed?: string
  readonly inSight?: readonly RelationName[]
  /** With `*` and `orNamed`: it is one only when there is a function of this name. */
  readonly asFunction?: boolean
  /** With `*`: only whether there is a row is asked, for which its columns are not read; the login has to have a right to all. */
  readonly inExists?: boolean
  /** With `*`: columns that are left out of the row. */
  readonly except?: readonly string[]
  readonly position?: number
}

/** What the engine's own grammar says of a text. Facts only; the guard decides. */
export interface StatementFacts {
  /** Statements in the text. */
  readonly count: number
  /** Kind of the first one, in lower case: select, insert, explain, explain analyze, show, set, ... */
  readonly kind: string
  /** Why the statement is more than a read, in the words of the grammar ("INSERT in WITH", "FOR UPDATE"); empty when it only reads. */
  readonly writes: readonly string[]
  /** Where the first of `writes` stands, or the statement that is none of those served, or the second one; see `UsedName`. */
  readonly position?: number
  /** Relations it reads, common table expressions left out. */
  readonly relations: readonly RelationName[]
  /** True when its outermost level has ORDER BY. */
  readonly ordered: boolean
  readonly functions: readonly UsedName[]
  readonly types: readonly UsedName[]
  readonly operators: readonly UsedName[]
  /** Fields of values and rows, which some engines read as function calls. */
  readonly fields: readonly UsedName[]
  readonly columns: readonly ColumnUse[]
  /** Schemas of what has no list of its own: collations, text search configurations. */
  readonly schemas?: readonly UsedName[]
  /** Settings that it shows. */
  readonly settings: readonly string[]
  /** Syntax that the walk does not know. */
  readonly unknown: readonly UsedName[]
  /** Where `*` stands in a list of columns, outside EXISTS. No rule of the guard. */
  readonly stars: readonly UsedName[]
  /** Where a number of rows is taken of a query without an order, outside EXISTS. No rule of the guard. */
  readonly looseLimits: readonly UsedName[]
  /** Names of the columns of the result, letters perhaps of another case; absent where the text does not tell all. No rule of the guard. */
  readonly results?: readonly string[]
}

/** A statement that the guard let pass; without a basis it rests on nothing that can change. */
export interface JudgedStatement extends StatementFacts {
  readonly basis?: Basis | undefined
}

/** What a query names and is made of. */
export type QueryFacts = Omit<StatementFacts, 'count' | 'kind' | 'settings'>

/** What a source has beside its tables that a statement can name. */
export interface SourceObjects {
  /** The name of the database, where statements may write it before a schema. */
  readonly database?: string
  /** Schemas in which unqualified names are looked up, in order. */
  readonly searchPath: readonly string[]
  /** Functions, macros and operators that are not the engine's own; `isTrusted` when they only compute. */
  readonly functions: readonly SourceFunction[]
  readonly operators: readonly SourceFunction[]
  /** Types that are not the engine's own; `isTrusted` when making a value of them runs no code of a user's. */
  readonly types: readonly SourceObject[]
  /** Names of every function of the engine that can be called with one argument. */
  readonly builtinFunctions: ReadonlySet<string>
  /** Names of all of them, and of the engine's types and operators, where they are known. */
  readonly engineFunctions?: ReadonlySet<string>
  readonly engineTypes?: ReadonlySet<string>
  readonly engineOperators?: ReadonlySet<string>
  /** Names of the engine's own relations that are found before anyone's when no schema is written. */
  readonly engineRelations?: ReadonlySet<string>
  /** Relations that can be read and are not listed as tables. */
  readonly hidden: readonly Partition[]
  /** The relations that reading one reads: those behind a view, the children of a parent. */
  readonly reads: readonly {
    readonly relation: RelationName
    readonly from: RelationName
    /** The columns it reads of it; undefined when that may be any. */
    readonly columns?: readonly string[]
  }[]
  /** Views of which it cannot be told what they read, such as those that call a table function. */
  readonly opaque: readonly RelationName[]
  /** The state of all functions, operators and casts that are not the engine's own, where it is known. */
  readonly functionsStamp?: RelationStamp | undefined
  /** Every relation of the database, listed or not, where each has a stamp and something of the source is hidden. */
  readonly stamps?: readonly RelationStamp[] | undefined
  /** Views that call functions which may read anything; held back where a policy restricts what is read. */
  readonly callers?: readonly RelationName[]
}

export interface Partition extends RelationName {
  /** The table it is a part of, which may be a partition itself. */
  readonly parent: RelationName
}

export interface SourceObject {
  readonly schema: string
  readonly name: string
  readonly isTrusted: boolean
  /** Of a type: the values of each enumeration in it, which are data; empty when they are not known. Trusted when a table shows them. */
  readonly values?: readonly (readonly string[])[]
}

export interface SourceFunction extends SourceObject {
  /** One of the engine's takes the same arguments and is found first, unless the schema is written. */
  readonly isShadowed?: boolean
  /** The fewest arguments and the most it can be called with; null for any number. */
  readonly arity?: readonly [fewest: number, most: number | null]
  /** What it can be called on in the form `value.function`. */
  readonly takes?: 'value' | 'row'
  /** Of a macro: it stands where a table does. */
  readonly isTable?: boolean
  /** Of a macro: the engine has a function of this name, which a qualified name still reaches. */
  readonly hidesEngines?: boolean
  /** What each of its forms computes and reads, when that is a single SELECT: it may be called where the SELECT may be written. */
  readonly bodies?: readonly QueryFacts[]
}

export interface CatalogColumn {
  readonly name: string
  readonly type: CanonicalType
  readonly databaseType: string
  readonly nullable: boolean
  readonly default?: string
  readonly comment?: string
  readonly enumValues?: readonly string[]
  /** A test of dbt gives the values, not the database. */
  readonly enumFromDbt?: true
  /** Tests of dbt. */
  readonly tests?: readonly string[]
}

export interface CatalogForeignKey {
  readonly name?: string
  readonly columns: readonly string[]
  readonly references: { readonly schema: string; readonly table: string; readonly columns: readonly string[] }
  /** A test of dbt says so, not the database. */
  readonly fromDbt?: true
}

export interface CatalogIndex {
  readonly name: string
  /** Columns or expressions, in order. */
  readonly columns: readonly string[]
  readonly unique: boolean
  /** All that it says, its condition and the columns it carries along included, where that is more. Shown to nobody. */
  readonly definition?: string
}

export interface CatalogTable {
  readonly schema: string
  readonly name: string
  readonly kind: TableKind
  readonly comment?: string
  readonly rowEstimate?: RowEstimate
  readonly columns: readonly CatalogColumn[]
  readonly primaryKey: readonly string[]
  /** Tests of dbt say so, not the database. */
  readonly primaryKeyFromDbt?: true
  readonly foreignKeys: readonly CatalogForeignKey[]
  readonly indexes: readonly CatalogIndex[]
  /** What dbt says of it, of what is served alone. */
  readonly dbt?: DbtTable
  /** Columns that no statement may read, shown or not. */
  readonly unreadColumns?: readonly string[]
  /** Columns that the login may not read; told of to nobody unless the policy masks them. */
  readonly closedColumns?: readonly string[]
  /** A row of it, taken as one value, has casts with code of the database's own. */
  readonly rowRunsCode?: boolean
  /** Policies of the database say which of its rows are seen; a plan would name what they are made of. */
  readonly hasRowPolicies?: boolean
  /** Something of it names columns that are hidden: an index, a computed column. A plan would name it. */
  readonly namesHidden?: boolean
  /** A view that the policy vouches for, over what it hides; a plan would name that. */
  readonly readsHidden?: boolean
  /** Its rows are read from files at each query; a plan that was run would name them. */
  readonly readsFiles?: boolean
}

/** Something a source declares and the catalog lacks, since it could not be read. */
export interface UnreadPart {
  /** Absent for the descriptions of a data package. */
  readonly table?: string
  /** Of a view that reads what is closed to SQL; absent for a file. */
  readonly schema?: string
  /** Names files, so it is for the operator alone. */
  readonly reason: string
  /** What the operator can do. */
  readonly hint: string
}

/** The one read model of a source's metadata; every tool that speaks of tables reads this. Ordered by schema and name. */
export interface SourceCatalog {
  /** Changes when anything in it changes. */
  readonly version: string
  /** The version of the data that it was read from, where all has one and something of the source is hidden. */
  readonly stamp?: string | undefined
  readonly schemas: readonly string[]
  readonly tables: readonly CatalogTable[]
  readonly objects: SourceObjects
  /** Where what dbt says comes from. */
  readonly dbt?: DbtProjectInfo
  /** Absent when everything was read. */
  readonly unread?: readonly UnreadPart[]
}

/** One thing that keeps a source read-only. */
export interface ReadOnlyProof {
  readonly layer: 'guard' | 'engine' | 'role'
  readonly holds: boolean
  readonly detail: string
}

/**
 * A named database. Opens itself on first use, reconnects by itself, and throws only `Fault`s:
 * SOURCE_UNAVAILABLE when it cannot be reached, or is stale as `Basis` says, TABLE_NOT_FOUND, SQL_ERROR, QUERY_TIMEOUT, CANCELLED, PERMISSION_DENIED.
 */
export interface Source {
  readonly name: string
  readonly type: SourceType
  readonly dialect: Dialect
  readonly description?: string | undefined
  /** That reaching it takes a network, which may be silent: the time of a call bounds it. Opening files has its own time. */
  readonly isRemote?: true
  /** Schema that unqualified names mean. */
  readonly defaultSchema: string
  /** Parses with the engine's grammar and touches no data. Throws SQL_ERROR with a position on a syntax error. */
  analyze(sql: string, signal: AbortSignal): Promise<StatementFacts>
  query(query: Query): Promise<QueryResult>
  /** Resolves when the columns are known. At most half of the source's queries at once are streams. */
  stream(query: StreamQuery): Promise<RowStream>
  /** Reads the metadata afresh; caching is not its business. At most 3 queries whatever the number of tables. */
  introspect(signal: AbortSignal): Promise<SourceCatalog>
  /** The first rows of a table, for samples: decoded JSON values, at most `rows`, values cut at 256 characters. */
  sample(table: CatalogTable, rows: number, signal: AbortSignal, basis?: Basis): Promise<unknown[][]>
  /** What keeps this source read-only, checked against the live database. */
  prove(signal: AbortSignal): Promise<ReadOnlyProof[]>
  /** How busy it is now. */
  pool(): PoolState
  /** Ends every session. Idempotent. */
  close(): Promise<void>
}
