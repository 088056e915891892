import { quoteName } from './quote-name.ts'
import type {
  CatalogColumn,
  CatalogIndex,
  CatalogTable,
  Partition,
  RelationName,
  SourceCatalog,
  SourceFunction,
  SourceObject,
} from './source.ts'

/** Which tables and columns of a source may be read; see `tables` and `columns` in contracts/v1/project.ts. */
export interface TablePolicy {
  /** Schemas that are shown; undefined for all but the system's. */
  readonly schemas?: readonly string[] | undefined
  /** Globs over `schema.table`; a pattern without a dot means the table in any schema. */
  readonly tables?: { readonly allow?: readonly string[] | undefined; readonly deny?: readonly string[] | undefined } | undefined
  /** Globs over `schema.table.column`, `table.column` or `column`. */
  readonly columns?: { readonly deny?: readonly string[] | undefined; readonly mask?: readonly string[] | undefined } | undefined
}

/** Schemas of the engine's own. */
export const systemSchemas = /^(pg_catalog|pg_toast.*|pg_temp.*|information_schema)$/i

/** A glob as a test of whole names, without regard to case: `*` is any run of characters, `?` any one. */
const globTest = (glob: string): ((name: string) => boolean) => {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const test = new RegExp(`^${pattern}$`, 'is')
  return (name) => test.test(name)
}

const keyOf = (schema: string, name: string): string => `${schema}.${name}`

/** Tests `schema.table` against globs of which those without a dot mean any schema. */
const tableTest = (globs: readonly string[]): ((schema: string, name: string) => boolean) => {
  const tests = globs.map((glob) => globTest(glob.includes('.') ? glob : `*.${glob}`))
  return (schema, name) => tests.some((test) => test(keyOf(schema, name)))
}

/** What a policy keeps from callers, for texts that name more than is served. */
export interface Hidden {
  /** False when there is no policy: nothing but what cannot be read is kept back. */
  readonly isRestricted: boolean
  /** Whether a relation is there and not served, or would not be served if it were. */
  hides(relation: RelationName): boolean
  /** Whether `tables.deny` names a relation: it is a secret, and not only beside what is of interest. */
  denies(relation: RelationName): boolean
  /** Tables that are there and not served. */
  readonly tables: readonly RelationName[]
  /** Names of columns that are there and not served, in lower case. */
  readonly columns: ReadonlySet<string>
}

const isRestrictive = ({ schemas, tables, columns }: TablePolicy): boolean =>
  schemas !== undefined || tables !== undefined || columns !== undefined

/** Whether a policy itself lets a relation be served, whatever reading it reads. */
const permits = ({ schemas, tables }: TablePolicy): ((relation: RelationName) => boolean) => {
  const allows = tables?.allow === undefined ? () => true : tableTest(tables.allow)
  const denies = tableTest(tables?.deny ?? [])
  return ({ schema = '', name }) =>
    !systemSchemas.test(schema) && (schemas?.includes(schema) ?? true) && allows(schema, name) && !denies(schema, name)
}

/** What is left out of `shown`; without metadata only what the policy itself tells. */
export const hiddenBy = (policy: TablePolicy, whole?: SourceCatalog, shown?: SourceCatalog): Hidden => {
  const isPermitted = permits(policy)
  const denies = tableTest(policy.tables?.deny ?? [])
  const key = ({ schema = '', name }: RelationName): string => keyOf(schema, name).toLowerCase()
  const served = new Set(shown?.tables.map(key))
  const withheld = (whole?.tables ?? []).filter((table) => !served.has(key(table)))
  const gone = new Set(withheld.map(key))
  const columnsOf = (tables: readonly CatalogTable[] = []): string[] =>
    tables.flatMap(({ columns }) => columns.map(({ name }) => name.toLowerCase()))
  const shownColumns = new Set(columnsOf(shown?.tables))
  return {
    isRestricted: isRestrictive(policy),
    hides: (relation) => !served.has(key(relation)) && (gone.has(key(relation)) || !isPermitted(relation)),
    denies: ({ schema = '', name }) => denies(schema, name),
    tables: withheld.map(({ schema, name }) => ({ schema, name })),
    columns: new Set(columnsOf(whole?.tables).filter((name) => !shownColumns.has(name))),
  }
}

/** Tests a column against globs of one, two or three parts. */
const columnTest = (globs: readonly string[]): ((table: RelationName, column: string) => boolean) => {
  const tests = globs.map((glob) => {
    const dots = glob.split('.').length - 1
    return globTest(dots >= 2 ? glob : dots === 1 ? `*.${glob}` : `*.*.${glob}`)
  })
  return ({ schema = '', name }, column) => tests.some((test) => test(`${keyOf(schema, name)}.${column}`))
}

/** Values of an enumeration and a default are data. */
const withoutValues = ({ enumValues: _values, default: _default, ...column }: CatalogColumn): CatalogColumn => column

/** The name of a type without a schema that is not served. */
const withoutSchema = (type: string, schemas: readonly string[] | undefined): string => {
  const [before, quoted, plain] = /^(?:"((?:[^"]|"")+)"|(\w+))\./.exec(type) ?? []
  return before === undefined || schemas === undefined || schemas.includes(quoted ?? plain ?? '') ? type : type.slice(before.length)
}

/**
 * The metadata that a policy leaves: every tool, the guard and every suggestion reads this, so what it hides is nowhere
 * to be told from what does not exist. A view or a parent table is left only when all that reading it reads may be read;
 * naming it exactly in `tables.allow` vouches for it. The same holds for foreign tables once there is a policy.
 */
export const applyPolicy = (catalog: SourceCatalog, policy: TablePolicy): SourceCatalog => {
  const { schemas, tables, columns } = policy
  const isRestricted = isRestrictive(policy)
  const denies = tableTest(tables?.deny ?? [])
  const vouched = new Set((tables?.allow ?? []).filter((glob) => !/[*?]/.test(glob)).map((name) => name.toLowerCase()))
  const isVouched = ({ schema = '', name }: RelationName) =>
    vouched.has(keyOf(schema, name).toLowerCase()) || vouched.has(name.toLowerCase())
  const isUnread = columnTest([...(columns?.deny ?? []), ...(columns?.mask ?? [])])
  const isDenied = columnTest(columns?.deny ?? [])
  const isMasked = columnTest(columns?.mask ?? [])

  const listed = new Map(catalog.tables.map((table) => [keyOf(table.schema, table.name), table]))
  const isPermitted = permits(policy)
  const columnNames = ({ schema = '', name }: RelationName): string[] =>
    (listed.get(keyOf(schema, name))?.columns ?? []).map((column) => column.name)
  const keysOf = (relations: readonly RelationName[]) => new Set(relations.map(({ schema = '', name }) => keyOf(schema, name)))
  const hiddenKeys = keysOf(catalog.objects.hidden)
  const isHidden = ({ schema = '', name }: RelationName): boolean => hiddenKeys.has(keyOf(schema, name))
  /** Whether a partition belongs to a table that is permitted and of which no column is left out. */
  const isOpenPartition = (partition: Partition): boolean => {
    const { schema = '', name } = partition.parent
    if (systemSchemas.test(schema) || schemas?.includes(schema) === false || denies(schema, name)) return false
    const above = catalog.objects.hidden.find((other) => other.schema === schema && other.name === name)
    if (above !== undefined) return isOpenPartition(above)
    return !columnNames(partition.parent).some((column) => isUnread(partition.parent, column) || isUnread(partition, column))
  }

  const behind = Map.groupBy(catalog.objects.reads, ({ relation }) => keyOf(relation.schema ?? '', relation.name))
  const opaque = keysOf(catalog.objects.opaque)
  const callers = keysOf(catalog.objects.callers ?? [])
  const verdicts = new Map<string, boolean>()
  /** Whether a relation, and all that reading it reads, may be read. */
  const isReadable = (relation: RelationName): boolean => {
    const key = keyOf(relation.schema ?? '', relation.name)
    const known = verdicts.get(key)
    if (known !== undefined) return known
    verdicts.set(key, true)
    const verdict =
      isPermitted(relation) &&
      (isVouched(relation) ||
        (!opaque.has(key) &&
          !(isRestricted && listed.get(key)?.kind === 'foreign_table') &&
          !(isRestricted && callers.has(key)) &&
          isOpen(key)))
    verdicts.set(key, verdict)
    return verdict
  }
  /** Whether reading a relation reads only what may be read. */
  const isOpen = (key: string): boolean =>
    (behind.get(key) ?? []).every(
      ({ from, columns: read }) => isReadBehind(from) && !(read ?? columnNames(from)).some((column) => isUnread(from, column)),
    )
  /** A partition or a base table may be left out of `allow`, since it is read by way of what was allowed. */
  const isReadBehind = (from: RelationName): boolean =>
    isReadable(from) ||
    (tables?.allow !== undefined &&
      !systemSchemas.test(from.schema ?? '') &&
      (schemas?.includes(from.schema ?? '') ?? true) &&
      isHidden(from) &&
      !denies(from.schema ?? '', from.name))

  const visible = catalog.tables.filter(isReadable)
  const seen = new Set(visible.map((table) => keyOf(table.schema, table.name)))
  /** What the login may not read is there for nobody, unless it is masked. */
  const isGone = (table: CatalogTable, column: string): boolean =>
    isDenied(table, column) || (table.closedColumns?.includes(column) === true && !isMasked(table, column))
  const shown = visible.map((whole): CatalogTable => {
    const { closedColumns = [], ...table } = whole
    const names = table.columns.map((column) => column.name)
    const unread = names.filter(
      (column) => isUnread(table, column) || table.unreadColumns?.includes(column) === true || closedColumns.includes(column),
    )
    const gone = new Set(names.filter((column) => isGone(whole, column)))
    const isWhole = (names: readonly string[]): boolean => !names.some((name) => gone.has(name))
    const inQuotes = [...gone].map(quoteName)
    /** Expressions of indexes and defaults name columns too. */
    const isSilent = (text: string): boolean => ![...gone, ...inQuotes].some((name) => text.includes(name))
    const tells = ({ definition = '' }: CatalogIndex): boolean =>
      (definition.match(/\w+/g) ?? []).some((word) => gone.has(word)) || inQuotes.some((name) => definition.includes(name))
    const indexes = table.indexes.filter(
      (index) =>
        index.columns.every((text) => (table.columns.some(({ name }) => name === text) ? !gone.has(text) : isSilent(text))) &&
        !tells(index),
    )
    const namesHidden = indexes.length < table.indexes.length || table.columns.some((column) => !isSilent(column.default ?? ''))
    return {
      ...table,
      columns: table.columns
        .filter((column) => !gone.has(column.name))
        .map((column) => (unread.includes(column.name) ? withoutValues(column) : column))
        .map((column) => ({ ...column, databaseType: withoutSchema(column.databaseType, schemas) }))
        .map(({ default: value, ...column }) => ({ ...column, ...(value !== undefined && isSilent(value) && { default: value }) })),
      primaryKey: isWhole(table.primaryKey) ? table.primaryKey : [],
      indexes,
      ...(namesHidden && { namesHidden }),
      foreignKeys: table.foreignKeys.filter(
        ({ columns: own, references }) =>
          isWhole(own) &&
          seen.has(keyOf(references.schema, references.table)) &&
          !references.columns.some((name) => isGone(listed.get(keyOf(references.schema, references.table)) as CatalogTable, name)),
      ),
      ...(unread.length > 0 && { unreadColumns: unread }),
      ...(closedColumns.length > 0 && { closedColumns }),
      ...(!isOpen(keyOf(table.schema, table.name)) && { readsHidden: true }),
    }
  })
  const { unread, stamp, ...known } = catalog
  /** What a closed view reads is not known, so beside anything hidden it is hidden too. */
  const told = unread?.filter(({ schema, table: name }) => {
    if (name === undefined) return true
    const relation = { schema: schema ?? catalog.objects.searchPath[0] ?? '', name }
    return isPermitted(relation) && (schema === undefined || (!isRestricted && !isVouched(relation)))
  })
  // An enumeration lists values, which a column that is shown has told.
  const readable = shown.flatMap(({ columns: all, unreadColumns = [] }) => all.filter(({ name }) => !unreadColumns.includes(name)))
  const shownTypes = new Set(readable.map(({ databaseType }) => databaseType.replace(/(\[\])+$/, '').replaceAll('"', '')))
  const isShownType = ({ schema, name }: SourceObject): boolean => shownTypes.has(name) || shownTypes.has(keyOf(schema, name))
  const shownLists = [
    ...readable.map(({ enumValues }) => enumValues),
    ...catalog.objects.types.filter(isShownType).flatMap(({ values = [] }) => values),
  ]
  const shownValues = new Set(shownLists.map((list) => JSON.stringify(list)))
  const types = catalog.objects.types.map((type) =>
    type.values === undefined
      ? type
      : { ...type, isTrusted: !isRestricted || type.values.every((list) => shownValues.has(JSON.stringify(list))) },
  )
  /** Where every table of a schema is denied, so is what its code computes, unless it came with an extension that was reviewed. */
  const withoutCode = (called: SourceFunction): SourceFunction => {
    if (called.isTrusted || called.hidesEngines === true || !denies(called.schema, '')) return called
    const { bodies: _bodies, ...rest } = called
    return rest
  }
  return {
    ...known,
    ...(told !== undefined && told.length > 0 && { unread: told }),
    ...(isRestricted && { stamp }),
    schemas:
      schemas === undefined
        ? [...new Set(shown.map((table) => table.schema))]
        : catalog.schemas.filter((schema) => schemas.includes(schema)),
    tables: shown,
    objects: {
      ...catalog.objects,
      functions: catalog.objects.functions.map(withoutCode),
      operators: catalog.objects.operators.map(withoutCode),
      types,
      stamps: isRestricted ? catalog.objects.stamps : undefined,
      hidden: catalog.objects.hidden.filter((partition) => isReadable(partition) && isOpenPartition(partition)),
    },
  }
}
