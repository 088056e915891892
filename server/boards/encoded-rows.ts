import type { Column } from '../../contracts/v1/values.ts'
import { EncodedJson } from '../envelope/encoded-json.ts'
import type { BoundBoard, BoundChart, Rows } from './compiled-board.ts'

/**
 * Rows as their source wrote them. They are decoded when they are first looked at: for most that is in the thread that
 * draws them, so that many rows hold up nobody else.
 */
export class EncodedRows implements Rows {
  readonly columns: readonly Column[]
  readonly rowCount: number
  readonly json: EncodedJson
  readonly truncated?: string
  #rows: Rows['rows'] | undefined

  constructor({ columns, rowCount, json, truncated }: Pick<EncodedRows, 'columns' | 'rowCount' | 'json' | 'truncated'>) {
    this.columns = columns
    this.rowCount = rowCount
    this.json = json
    if (truncated !== undefined) this.truncated = truncated
  }

  get rows(): Rows['rows'] {
    this.#rows ??= this.json.toJSON() as Rows['rows']
    return this.#rows
  }
}

/** How many rows there are, without decoding them. */
export const countRows = (rows: Rows): number => (rows instanceof EncodedRows ? rows.rowCount : rows.rows.length)

/** How many rows charts are made of: those of a query once, however many show them. */
export const countRowsOf = (charts: Iterable<BoundChart>): number => {
  const all = new Set([...charts].flatMap(({ rows, layers = [] }) => [rows, ...layers]))
  return [...all].reduce((sum, rows) => sum + (rows === undefined ? 0 : countRows(rows)), 0)
}

/** Rows on their way to a thread: bytes are copied much faster than what they hold. */
type PackedRows = Pick<EncodedRows, 'columns' | 'rowCount' | 'truncated'> & { readonly bytes: Uint8Array<ArrayBuffer> }

type PackedChart = Omit<BoundChart, 'rows' | 'layers'> & {
  readonly rows: Rows | PackedRows | undefined
  readonly layers?: readonly (Rows | PackedRows | undefined)[]
}

/** A board whose charts can be sent to a thread. */
export type PackedBoard = Omit<BoundBoard, 'charts'> & { readonly charts: ReadonlyMap<string, PackedChart> }

/** Packs the rows of a board, each once; `transfer` are the buffers that go along without being copied again. */
export const packBoard = (board: BoundBoard): { readonly packed: PackedBoard; readonly transfer: readonly ArrayBuffer[] } => {
  const transfer: ArrayBuffer[] = []
  const pack = onceEach((rows: Rows): Rows | PackedRows => {
    if (!(rows instanceof EncodedRows)) return rows
    const { columns, rowCount, truncated } = rows
    const bytes = rows.json.copyBytes()
    transfer.push(bytes.buffer)
    return { columns, rowCount, bytes, ...(truncated !== undefined && { truncated }) }
  })
  return { packed: { ...board, charts: mapCharts(board.charts, pack) }, transfer }
}

/** The board that was packed. */
export const unpackBoard = (board: PackedBoard): BoundBoard => {
  const unpack = onceEach(
    (rows: Rows | PackedRows): Rows =>
      'bytes' in rows ? new EncodedRows({ ...rows, json: new EncodedJson(Buffer.from(rows.bytes.buffer)) }) : rows,
  )
  return { ...board, charts: mapCharts(board.charts, unpack) }
}

const mapCharts = <From, To, Chart extends { readonly rows: From; readonly layers?: readonly From[] }>(
  charts: ReadonlyMap<string, Chart>,
  map: (rows: From) => To,
) =>
  new Map(
    [...charts].map(([id, { layers, ...chart }]) => [id, { ...chart, rows: map(chart.rows), ...(layers && { layers: layers.map(map) }) }]),
  )

/** Charts share the rows of a query. */
const onceEach = <From extends object, To>(map: (one: From) => To): ((one: From | undefined) => To | undefined) => {
  const done = new Map<From, To>()
  return (one) => {
    if (one === undefined) return undefined
    const known = done.get(one)
    if (known !== undefined) return known
    const made = map(one)
    done.set(one, made)
    return made
  }
}
