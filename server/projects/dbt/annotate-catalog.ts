import type { DbtProjectInfo, DbtTable } from '../../../contracts/v1/tables.ts'
import type { CatalogColumn, CatalogForeignKey, CatalogTable, SourceCatalog } from '../../sources/source.ts'
import type { Hidden } from '../../sources/table-policy.ts'
import type { DbtGraph, DbtNode, DbtTest } from './graph.ts'
import { lineageOf } from './lineage.ts'
import { matchTables } from './match-tables.ts'
import { safeWords } from './safe-words.ts'
import { semanticsOf } from './show-semantics.ts'

/** Entries of one list. */
const most = 50
/** Exposures and metrics, which have texts of their own. */
const mostUses = 30

/**
 * The metadata with what dbt says of it. Only of what is in `catalog`, which a policy has been applied to: tables, columns
 * and texts that name others are left out. What the database says itself comes before what dbt says.
 */
export const annotateCatalog = (catalog: SourceCatalog, graph: DbtGraph, hidden: Hidden, info: DbtProjectInfo): SourceCatalog => {
  const matched = matchTables(graph, catalog, hidden)
  const words = safeWords(graph, catalog, hidden, matched)
  const lineage = lineageOf(graph, matched)
  const semantics = semanticsOf(graph, matched, words)
  const safeList = (list: readonly string[]): string[] => list.flatMap((text) => words.text(text) ?? []).slice(0, most)

  const tableFacts = (table: CatalogTable, node: DbtNode): DbtTable => {
    const hasColumn = columnTest(table)
    const tests = node.tests
      .filter(({ column, columns = [] }) => column === undefined && columns.every(hasColumn))
      .map(({ kind, columns = [] }) => (columns.length === 0 ? kind : `${kind}(${columns.join(', ')})`))
    const meta = Object.entries(node.meta).filter(([key, value]) => words.text(`${key} ${value}`) !== undefined)
    const { metrics, semanticModel } = semantics(table)
    const isUsed = (id: string): boolean =>
      lineage.isTable(id, table) || (id.startsWith('metric.') && metrics.some(({ name }) => id.endsWith(`.${name}`)))
    const exposures = graph.exposures
      .filter(({ name, dependsOn }) => dependsOn.some(isUsed) && words.text(name) !== undefined)
      .slice(0, mostUses)
      .map(({ name, type, label, owner, url }) => ({
        name,
        ...textsOf({ type, label: words.text(label), owner: words.text(owner), url: words.text(url) }),
      }))
    return {
      kind: node.kind,
      name: node.name,
      ...textsOf({
        package: node.package === graph.project ? undefined : node.package,
        version: node.version,
        owner: words.text(node.owner),
        group: words.text(node.group),
        access: node.access,
        freshness: node.freshness,
      }),
      ...listsOf({
        tags: safeList(node.tags),
        tests: safeList([...new Set(tests)]),
        upstream: lineage.upstream(table).slice(0, most),
        downstream: lineage.downstream(table).slice(0, most),
      }),
      ...(meta.length > 0 && { meta: Object.fromEntries(meta) }),
      ...(exposures.length > 0 && { exposures }),
      ...(metrics.length > 0 && { metrics: metrics.slice(0, mostUses) }),
      ...(semanticModel !== undefined && { semantic_model: semanticModel }),
    }
  }

  const annotateColumn = (column: CatalogColumn, table: CatalogTable, node: DbtNode): CatalogColumn => {
    const isOwn = columnTest({ columns: [column] })
    const description = words.text(node.columns.find(({ name, description }) => isOwn(name) && description !== undefined)?.description)
    const tests = node.tests.filter((test) => test.column !== undefined && isOwn(test.column))
    const values = tests.find(
      (test) => test.kind === 'accepted_values' && test.isPartial !== true && (test.values?.length ?? 0) > 0,
    )?.values
    const isRead = table.unreadColumns?.includes(column.name) !== true
    const kinds = safeList([...new Set(tests.map(({ kind }) => kind))])
    return {
      ...column,
      ...(column.comment === undefined && description !== undefined && { comment: description }),
      ...(column.enumValues === undefined &&
        values !== undefined &&
        isRead && { enumValues: values.slice(0, 200), enumFromDbt: true as const }),
      ...(kinds.length > 0 && { tests: kinds }),
    }
  }

  const keysOf = (table: CatalogTable, node: DbtNode): readonly CatalogForeignKey[] =>
    node.tests.flatMap((test): CatalogForeignKey[] => {
      const to = test.to === undefined ? undefined : graph.nodes.get(test.to.node)
      const target = to === undefined ? undefined : matched.tableOf(to)
      const column = spelling(table, test.column)
      const field = target === undefined ? undefined : spelling(target, test.to?.column)
      if (target === undefined || column === undefined || field === undefined || test.isPartial === true) return []
      const references = { schema: target.schema, table: target.name, columns: [field] }
      return isKnown(table.foreignKeys, column, references) ? [] : [{ columns: [column], references, fromDbt: true }]
    })

  const annotate = (table: CatalogTable): CatalogTable => {
    const [node] = matched.nodesOf(table)
    if (node === undefined) return table
    const comment = table.comment ?? words.text(node.description)
    const primaryKey = table.primaryKey.length > 0 ? [] : primaryKeyOf(table, node)
    return {
      ...table,
      ...(comment !== undefined && { comment }),
      columns: table.columns.map((column) => annotateColumn(column, table, node)),
      ...(primaryKey.length > 0 && { primaryKey, primaryKeyFromDbt: true as const }),
      foreignKeys: [...table.foreignKeys, ...unique(keysOf(table, node))],
      dbt: tableFacts(table, node),
    }
  }
  return { ...catalog, tables: catalog.tables.map(annotate), dbt: info }
}

const textsOf = <Key extends string>(texts: Readonly<Record<Key, string | undefined>>): { [K in Key]?: string } =>
  Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)) as { [K in Key]?: string }

const listsOf = <Key extends string>(lists: Readonly<Record<Key, string[]>>): { [K in Key]?: string[] } =>
  Object.fromEntries(Object.entries<string[]>(lists).filter(([, list]) => list.length > 0)) as { [K in Key]?: string[] }

type Columns = Pick<CatalogTable, 'columns'>

/** A column as the table spells it. */
const spelling = ({ columns }: Columns, name: string | undefined): string | undefined =>
  name === undefined
    ? undefined
    : (
        columns.find((column) => column.name === unquoted(name)) ??
        columns.find((column) => column.name.toLowerCase() === unquoted(name).toLowerCase())
      )?.name

/** Names may be written as SQL quotes them. */
const unquoted = (name: string): string => (/^".*"$/.test(name) ? name.slice(1, -1) : name)

const columnTest =
  (table: Columns) =>
  (name: string): boolean =>
    spelling(table, name) !== undefined

/** Columns that a constraint of dbt names, or the first that is tested to be unique and not null. */
const primaryKeyOf = (table: CatalogTable, { primaryKey, tests, meta }: DbtNode): string[] => {
  const declared = primaryKey.map((name) => spelling(table, name))
  if (declared.length > 0) return declared.every((name) => name !== undefined) ? declared : []
  const tested = (kind: DbtTest['kind']): string[] =>
    tests.filter((test) => test.kind === kind && test.isPartial !== true).flatMap(({ column }) => spelling(table, column) ?? [])
  const filled = new Set(tested('not_null'))
  const keys = tested('unique').filter((column) => filled.has(column))
  const named = typeof meta.primary_key === 'string' ? spelling(table, meta.primary_key) : undefined
  const key = named !== undefined && keys.includes(named) ? named : keys[0]
  return key === undefined ? [] : [key]
}

const isKnown = (keys: readonly CatalogForeignKey[], column: string, { schema, table }: CatalogForeignKey['references']): boolean =>
  keys.some(
    ({ columns, references }) =>
      columns.length === 1 && columns[0] === column && references.schema === schema && references.table === table,
  )

const unique = (keys: readonly CatalogForeignKey[]): CatalogForeignKey[] => [
  ...new Map(keys.map((key) => [JSON.stringify(key), key])).values(),
]
