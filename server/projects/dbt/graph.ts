/** The kinds of nodes that are tables. */
export type NodeKind = 'model' | 'seed' | 'snapshot' | 'source'

/** A test of one column, or of a whole table. */
export interface DbtTest {
  /** `unique`, `not_null`, `accepted_values`, `relationships`, or the name of another, with its package. */
  readonly kind: string
  readonly column?: string | undefined
  /** Of accepted_values. */
  readonly values?: readonly string[] | undefined
  /** Of relationships: the node that is pointed at, by id once all are known and by name before, and its column. */
  readonly to?: { readonly node: string; readonly column: string } | undefined
  /** Columns that are unique together. */
  readonly columns?: readonly string[] | undefined
  /** It looks at some of the rows only. */
  readonly isPartial?: boolean | undefined
}

export interface DbtColumn {
  readonly name: string
  readonly description?: string | undefined
}

/** A model, a seed, a snapshot or a table of a source. */
export interface DbtNode {
  /** As dbt has it: `model.package.name`, `source.package.source.table`. */
  readonly id: string
  readonly kind: NodeKind
  readonly package: string
  /** Of a source `source.table`. */
  readonly name: string
  readonly version?: string | undefined
  /** Whether ref() without a version means it. */
  readonly isLatest: boolean
  /** Where its table may be, the likeliest first: what is compiled has one schema, what is read from files may have several. */
  readonly schemas: readonly string[]
  /** The custom schema that it is given, where that is known apart from the name. */
  readonly customSchema?: string | undefined
  /** The name of its table. */
  readonly alias: string
  /** False for what is ephemeral: no table holds it. */
  readonly isTable: boolean
  /** The database that it is in, where that is written. */
  readonly database?: string | undefined
  /** The same, where it is a database that is not served. */
  readonly attachedTo?: string | undefined
  /** Whether dbt reads it from a file, so that there may be no table. */
  readonly isFile?: boolean | undefined
  readonly description?: string | undefined
  readonly columns: readonly DbtColumn[]
  readonly tests: readonly DbtTest[]
  /** Declared by a constraint, or by dbt's own inference. */
  readonly primaryKey: readonly string[]
  readonly tags: readonly string[]
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly access?: string | undefined
  readonly meta: Readonly<Record<string, string | number | boolean>>
  /** Ids of the nodes it reads. */
  readonly dependsOn: readonly string[]
  readonly freshness?: string | undefined
}

export interface DbtExposure {
  readonly name: string
  readonly type?: string | undefined
  readonly label?: string | undefined
  readonly owner?: string | undefined
  readonly url?: string | undefined
  readonly dependsOn: readonly string[]
}

/** A part of a semantic model; `expr` is SQL, or the name itself where it is absent. */
export interface SemanticPart {
  readonly name: string
  readonly type?: string | undefined
  readonly agg?: string | undefined
  readonly expr?: string | undefined
  readonly description?: string | undefined
}

export interface DbtSemanticModel {
  readonly name: string
  /** Id of the model that it describes. */
  readonly model: string
  readonly entities: readonly SemanticPart[]
  readonly dimensions: readonly SemanticPart[]
  readonly measures: readonly SemanticPart[]
}

export interface DbtMetric {
  readonly name: string
  readonly label?: string | undefined
  readonly description?: string | undefined
  /** Names of the measures and metrics it is computed from. */
  readonly measures: readonly string[]
  readonly metrics: readonly string[]
  /** Names of the semantic models that it computes from without a measure. */
  readonly semanticModels: readonly string[]
  /** Ids of the models it is computed from, where the metric says so itself. */
  readonly dependsOn: readonly string[]
  /** SQL that it holds, such as its filter: shown to nobody. */
  readonly sql: readonly string[]
}

/** What a dbt project says of its tables. */
export interface DbtGraph {
  readonly project: string
  readonly from: 'manifest' | 'files'
  readonly generatedAt?: string | undefined
  readonly nodes: ReadonlyMap<string, DbtNode>
  readonly exposures: readonly DbtExposure[]
  readonly semanticModels: readonly DbtSemanticModel[]
  readonly metrics: readonly DbtMetric[]
}

/** A finding about the files of a dbt project, for its operator. */
export interface DbtFinding {
  readonly code:
    | 'DBT_FILE_UNREADABLE'
    | 'DBT_TEMPLATE'
    | 'DBT_MANIFEST_UNREADABLE'
    | 'DBT_MANIFEST_STALE'
    | 'DBT_DUPLICATE_NAME'
    | 'DBT_TOO_LARGE'
  /** Relative to the folder of the dbt project, with the line where there is one. */
  readonly place: string
  readonly message: string
  readonly hint: string
}
