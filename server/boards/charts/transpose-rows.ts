import type { TableModel } from './table-model.ts'

/** Turns a table over: its first column heads the columns, the labels of the others lead the rows. */
export function transposeRows(table: TableModel): TableModel {
  const [first, ...rest] = table.columns
  if (first === undefined) return table
  const plain = {
    width: undefined,
    isNumeric: true,
    isCuttable: true,
    weight: 400,
    color: undefined,
    background: undefined,
    spark: undefined,
  }
  return {
    ...table,
    columns: [
      { ...first, width: undefined },
      ...table.rows.map((row, index) => ({ ...plain, name: String(index), label: row[0]?.text ?? '', align: 'right' as const })),
    ],
    rows: rest.map((column, index) => [{ text: column.label }, ...table.rows.map((row) => row[index + 1] ?? { text: '' })]),
    pageRows: undefined,
  }
}
