import { foldName } from '../fold-name.ts'
import { joinColumns, type NamedColumns, type ResultColumns, renamedColumns, starColumns } from '../result-columns.ts'
import type { Node } from './read-tree.ts'

interface CommonTable {
  readonly aliases?: string[]
  readonly query?: { readonly node?: Node }
}

/** The columns that a query gives, as far as its text tells; letters may be of another case than those of the table. */
export const resultColumns = (node: Node, around: readonly NamedColumns[] = []): ResultColumns => {
  let tables = around
  for (const { key, value } of (node.cte_map as { map?: { key: string; value: CommonTable }[] } | undefined)?.map ?? []) {
    const columns = value.query?.node === undefined ? undefined : resultColumns(value.query.node, tables)
    tables = [{ name: foldName(key), columns: renamedColumns(columns, value.aliases ?? []) }, ...tables]
  }
  switch (node.type) {
    case 'SET_OPERATION_NODE':
      return /^(?:UNION|EXCEPT|INTERSECT)$/.test(String(node.setop_type)) ? resultColumns(node.left as Node, tables) : undefined
    case 'RECURSIVE_CTE_NODE':
      return resultColumns(node.left as Node, tables)
    case 'SELECT_NODE': {
      const entries = node.from_table === undefined ? [] : entriesOf(node.from_table as Node, tables)
      return joinColumns(((node.select_list as Node[] | undefined) ?? []).map((item) => columnsOfItem(item, entries)))
    }
    default:
      return undefined
  }
}

const isEmpty = (list: unknown): boolean => !Array.isArray(list) || list.length === 0

const columnsOfItem = (item: Node, entries: readonly NamedColumns[] | undefined): ResultColumns => {
  if (item.class === 'STAR') {
    const { relation_name: of, exclude_list, replace_list, qualified_exclude_list, rename_list } = item
    const isPlain = [exclude_list, replace_list, qualified_exclude_list, rename_list].every(isEmpty)
    if (!isPlain || item.columns === true || (item.expr ?? null) !== null) return undefined
    return starColumns(entries, of === '' || of === undefined ? undefined : foldName(String(of)))
  }
  if (typeof item.alias === 'string' && item.alias !== '') return [item.alias]
  const own = item.class === 'COLUMN_REF' ? (item.column_names as string[]).at(-1) : undefined
  return own === undefined ? undefined : [own]
}

/** What a part of FROM brings to stars; undefined where a star over it does not tell. */
const entriesOf = (node: Node, tables: readonly NamedColumns[]): NamedColumns[] | undefined => {
  const alias = foldName(String(node.alias ?? ''))
  const renamed = (columns: ResultColumns): ResultColumns => renamedColumns(columns, (node.column_name_alias as string[] | undefined) ?? [])
  switch (node.type) {
    case 'EMPTY':
      return []
    case 'BASE_TABLE': {
      const name = foldName(String(node.table_name))
      const isOpen = (node.schema_name ?? '') === '' && (node.catalog_name ?? '') === ''
      const table = isOpen ? tables.find((one) => one.name === name) : undefined
      return [{ name: alias === '' ? name : alias, columns: renamed(table?.columns) }]
    }
    case 'SUBQUERY': {
      const query = (node.subquery as { readonly node?: Node } | undefined)?.node
      return [{ name: alias, columns: renamed(query === undefined ? undefined : resultColumns(query, tables)) }]
    }
    case 'JOIN': {
      const isPlain = /^(?:REGULAR|CROSS)$/.test(String(node.ref_type)) && /^(?:INNER|LEFT|RIGHT|OUTER)$/.test(String(node.join_type))
      const sides = [node.left, node.right].map((side) => entriesOf(side as Node, tables))
      return isPlain && isEmpty(node.using_columns) && !sides.includes(undefined) ? sides.flatMap((one) => one ?? []) : undefined
    }
    default:
      return [{ name: alias, columns: undefined }]
  }
}
