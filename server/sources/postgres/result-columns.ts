import { joinColumns, type NamedColumns, type ResultColumns, renamedColumns, starColumns } from '../result-columns.ts'
import { type Node, nameOf, strings } from './tree-nodes.ts'

/** The columns that a SELECT gives, as far as its text tells. */
export const resultColumns = (select: Node, around: readonly NamedColumns[] = []): ResultColumns => {
  let tables = around
  const { ctes = [], recursive } = (select.withClause as { ctes?: Node[]; recursive?: boolean } | undefined) ?? {}
  for (const { CommonTableExpr } of ctes) {
    const cte = CommonTableExpr as Node
    const name = String(cte.ctename)
    // A recursive one has the names of its first part, which does not read itself.
    const inner = recursive === true ? [{ name, columns: undefined }, ...tables] : tables
    tables = [{ name, columns: renamedColumns(columnsOfQuery(cte.ctequery, inner), strings(cte.aliascolnames)) }, ...tables]
  }
  if (select.larg !== undefined) return resultColumns(select.larg as Node, tables)
  if (select.valuesLists !== undefined) return undefined
  const from = ((select.fromClause as Node[] | undefined) ?? []).map((item) => entriesOf(item, tables))
  const entries = from.includes(undefined) ? undefined : from.flatMap((one) => one ?? [])
  return joinColumns(((select.targetList as Node[] | undefined) ?? []).map(({ ResTarget }) => columnsOfTarget(ResTarget as Node, entries)))
}

const columnsOfQuery = (query: unknown, tables: readonly NamedColumns[]): ResultColumns => {
  const select = (query as Node | undefined)?.SelectStmt as Node | undefined
  return select === undefined ? undefined : resultColumns(select, tables)
}

const columnsOfTarget = ({ name, val }: Node, entries: readonly NamedColumns[] | undefined): ResultColumns => {
  if (name !== undefined) return [String(name)]
  const fields = (((val as Node | undefined)?.ColumnRef as Node | undefined)?.fields as Node[] | undefined) ?? []
  if (fields.some((field) => field.A_Star !== undefined)) {
    const [of, ...more] = strings(fields)
    return more.length > 0 ? undefined : starColumns(entries, of)
  }
  const own = usualName(val as Node | undefined)
  return own === undefined ? undefined : [own]
}

/** What the engine calls a column without an alias: the column or function that it is of. */
const usualName = (value: Node | undefined): string | undefined => {
  if (value?.TypeCast !== undefined) return usualName((value.TypeCast as Node).arg as Node | undefined)
  if (value?.ColumnRef !== undefined) return strings((value.ColumnRef as Node).fields).at(-1)
  return value?.FuncCall === undefined ? undefined : nameOf((value.FuncCall as Node).funcname).name
}

/** What an item of FROM brings to stars; undefined where a star over it does not tell. */
const entriesOf = (item: Node, tables: readonly NamedColumns[]): NamedColumns[] | undefined => {
  const [type = '', body = {}] = Object.entries(item)[0] ?? []
  const node = body as Node
  const alias = node.alias as { aliasname?: string; colnames?: unknown[] } | undefined
  const renamed = (columns: ResultColumns): ResultColumns => renamedColumns(columns, strings(alias?.colnames))
  switch (type) {
    case 'RangeVar': {
      const name = String(node.relname)
      const table = node.schemaname === undefined ? tables.find((one) => one.name === name) : undefined
      return [{ name: alias?.aliasname ?? name, columns: renamed(table?.columns) }]
    }
    case 'RangeSubselect':
      return [{ name: alias?.aliasname ?? '', columns: renamed(columnsOfQuery(node.subquery, tables)) }]
    case 'JoinExpr': {
      const sides = [node.larg, node.rarg].map((side) => entriesOf(side as Node, tables))
      if (alias !== undefined || node.usingClause !== undefined || node.isNatural === true || sides.includes(undefined)) return undefined
      return sides.flatMap((one) => one ?? [])
    }
    default:
      return [{ name: alias?.aliasname ?? '', columns: undefined }]
  }
}
