import { Fault } from '../envelope/fault.ts'
import { withColumnHint } from '../search/column-hint.ts'
import { tableNotFound } from '../search/find-table.ts'
import type { CatalogTable, ColumnUse, RelationName, SourceCatalog, StatementFacts, UsedName } from '../sources/source.ts'
import { systemSchemas } from '../sources/table-policy.ts'
import { type Allowed, findRelation, type Judging, positionOf, type Reject } from './judging.ts'

/** Throws TABLE_NOT_FOUND for a relation that callers may not see, as for one that does not exist. */
export const judgeRelation = (relation: RelationName, sql: string, allowed: Allowed, catalog: SourceCatalog): void => {
  const { schema, name, database, position } = relation
  const isHidden =
    (database === undefined || database === catalog.objects.database) &&
    catalog.objects.hidden.some(
      (hidden) =>
        allowed.sameName(hidden.name, name) &&
        (schema === undefined ? catalog.objects.searchPath.includes(hidden.schema ?? '') : hidden.schema === schema),
    )
  const isSystems = schema === undefined && catalog.objects.engineRelations?.has(name) === true
  if (!isSystems && (isHidden || findRelation(relation, allowed, catalog) !== undefined)) return
  const fault = tableNotFound(catalog, [database, schema, name].filter((part) => part !== undefined).join('.'), 'sql')
  throw new Fault(fault.code, fault.message, {
    ...fault.details,
    ...((isSystems || systemSchemas.test(schema ?? '')) && {
      hint: 'System catalogs are not served. list_tables and describe_table tell what there is.',
    }),
    ...(position !== undefined && { position: positionOf(sql, position) }),
  })
}

/** Refuses columns that callers may not read, by name or as a part of a whole row. `missing`: fields that are told as such. */
export const judgeColumns = (
  facts: StatementFacts,
  missing: readonly UsedName[],
  sql: string,
  allowed: Allowed,
  catalog: SourceCatalog,
  reject: Reject,
): void => {
  if (!catalog.tables.some((table) => (table.unreadColumns ?? []).length > 0 || table.rowRunsCode === true)) return
  const tablesOf = (relations: readonly RelationName[]): CatalogTable[] =>
    relations.flatMap((relation) => findRelation(relation, allowed, catalog) ?? [])
  const has = (names: readonly string[], name: string): boolean => names.some((one) => allowed.sameName(one, name))
  /** Of a column in USING that the right side lacks: the left one is looked at first. */
  const isMissingLeft = ({ joins, column, position }: ColumnUse): boolean => {
    const left = facts.columns.find((use) => use.joins === 'left' && use.column === column && use.position === position)
    return (
      joins === 'right' &&
      left !== undefined &&
      left.relations.length > 0 &&
      !tablesOf(left.relations).some((table) => has(columnNames(table), column))
    )
  }
  for (const use of facts.columns) {
    const { column, orNamed, except } = use
    for (const tables of [use.relations, ...(use.outer ?? [])].map(tablesOf)) {
      const partly = tables.filter((table) => (table.unreadColumns ?? []).length > 0)
      // Answered here for every column, since an answer for those that are hidden would tell them from the missing.
      if (use.isOutOfSight === true && partly.length > 0)
        throw new Fault('TABLE_NOT_FOUND', `Missing FROM-clause entry for table "${(use.qualifier ?? '').slice(0, 100)}".`, {
          path: 'sql',
          hint: 'Name a table or an alias of the FROM clause before the column.',
          ...(use.position !== undefined && { position: positionOf(sql, use.position) }),
        })
      if (column !== '*') {
        const closed = partly.find((table) => has(table.unreadColumns ?? [], column))
        const stranger = use.isQualifier === true ? allowed.missingQualifier?.(column) : undefined
        if (closed !== undefined && !has(columnNames(closed), column) && stranger !== undefined)
          throw new Fault('SQL_ERROR', stranger.message, {
            path: 'sql',
            hint: stranger.hint,
            ...(use.position !== undefined && { position: positionOf(sql, use.position) }),
          })
        if (closed !== undefined && !has(columnNames(closed), column))
          throw withColumnHint(
            new Fault('SQL_ERROR', allowed.missingColumn(isMissingLeft(use) ? { ...use, joins: 'left' } : use), {
              path: 'sql',
              ...(use.position !== undefined && { position: positionOf(sql, use.position) }),
            }),
            column,
            sql,
            facts.relations,
            catalog,
          )
        if (closed !== undefined)
          reject(
            use,
            `The column "${column.slice(0, 100)}" is masked: it is described, and no statement may read it.`,
            `Leave it out. Columns of ${closed.name} that can be read: ${readableColumns(closed)}.`,
          )
        // Found at this level, it is none of those further out.
        if (tables.some((table) => has(columnNames(table), column))) break
        continue
      }
      if (use.inExists === true && tables.every(({ closedColumns = [] }) => closedColumns.length === 0)) continue
      if (use.asFunction === true && !isFunction(orNamed ?? '', catalog)) continue
      if (use.asFunction === true && missing.some(({ name, position }) => name === orNamed && position === use.position)) continue
      if (orNamed !== undefined && [...tables, ...tablesOf(use.inSight ?? [])].some((table) => has(columnNames(table), orNamed))) continue
      const casting = tables.find((table) => table.rowRunsCode === true)
      if (casting !== undefined)
        reject(
          use,
          `A row of ${casting.name} has casts of the database's own, so name its columns.`,
          `They are ${readableColumns(casting)}.`,
        )
      // A hidden column cannot be left out by its name: that would tell that it is there.
      const left = (table: CatalogTable): string[] => columnNames(table).filter((name) => has(except ?? [], name))
      const closed = partly.find((table) => !(table.unreadColumns ?? []).every((name) => has(left(table), name)))
      if (closed !== undefined && use.joins === 'natural')
        reject(
          use.relations.find((relation) => tablesOf([relation])[0] === closed) ?? {},
          `NATURAL JOIN joins by every column, and not every column of ${closed.name} can be read${maskedAmong(closed, [])}.`,
          `Join with USING or ON. Columns of ${closed.name} that can be read: ${readableColumns(closed)}.`,
        )
      if (closed !== undefined)
        reject(
          use,
          `Not every column of ${closed.name} can be read${maskedAmong(closed, left(closed))}.`,
          `Name those you want: ${readableColumns(closed)}.`,
        )
    }
  }
}

/** Whether a function of this name can be called on one value without its schema. */
const isFunction = (name: string, { objects }: SourceCatalog): boolean =>
  objects.builtinFunctions.has(name) ||
  objects.functions.some((object) => object.name === name && object.takes !== undefined && objects.searchPath.includes(object.schema))

/** A plan names what it reads: what is behind a view, and once it was run, files. */
export const judgePlan = (table: CatalogTable, kind: string, used: RelationName, { catalog }: Judging, reject: Reject): void => {
  const name = table.name.slice(0, 100)
  if (table.readsHidden === true || !isPlain(table) || !isOpen(table, catalog as SourceCatalog))
    reject(used, `The plan of "${name}" would show more than may be seen.`, 'Run the query itself.')
  if (table.readsFiles === true && kind === 'explain analyze')
    reject(used, `Running the plan of "${name}" would show where its files are.`, 'EXPLAIN without ANALYZE shows the plan.')
}

/** Whether a plan names nothing of a table but what is shown of it. */
const isPlain = ({ hasRowPolicies, namesHidden }: CatalogTable): boolean => hasRowPolicies !== true && namesHidden !== true

/** Whether every part of all that reading a relation reads may be read, and a plan names no more of it. */
const isOpen = (relation: RelationName, catalog: SourceCatalog, seen: readonly RelationName[] = []): boolean => {
  const isShown = ({ schema = '', name }: RelationName): boolean =>
    catalog.tables.some(
      (table) => table.schema === schema && table.name === name && (table.unreadColumns ?? []).length === 0 && isPlain(table),
    ) || catalog.objects.hidden.some((hidden) => hidden.schema === schema && hidden.name === name)
  return catalog.objects.reads
    .filter((read) => read.relation.schema === relation.schema && read.relation.name === relation.name)
    .every(({ from }) => isShown(from) && (seen.includes(from) || isOpen(from, catalog, [...seen, from])))
}

const columnNames = (table: CatalogTable): string[] => table.columns.map((column) => column.name)

/** The columns that are shown and not read, but for those left out, as the end of a sentence. */
const maskedAmong = (table: CatalogTable, left: readonly string[]): string => {
  const masked = columnNames(table).filter((name) => table.unreadColumns?.includes(name) === true && !left.includes(name))
  if (masked.length === 0) return ''
  const names = masked.slice(0, 10).map((name) => `"${name}"`)
  return `: ${names.join(', ')}${masked.length > names.length ? ' and others' : ''} ${masked.length === 1 ? 'is' : 'are'} masked`
}

const readableColumns = (table: CatalogTable): string =>
  table.columns
    .map((column) => column.name)
    .filter((name) => table.unreadColumns?.includes(name) !== true)
    .slice(0, 50)
    .join(', ') || 'none'
