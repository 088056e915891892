import type { Chart } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import { listNames, unknownColumn } from '../charts/chart-data.ts'
import { otherColumns, shownColumns } from '../columns-of-chart.ts'
import { diagnostic } from '../compile/diagnostic.ts'
import type { CompiledChart, Rows } from '../compiled-board.ts'
import { countRows } from '../encoded-rows.ts'
import { findUses } from '../template/find-uses.ts'
import { TemplateFault } from '../template/template-fault.ts'

/** The rows that a chart reads, and those of its layers, as far as its queries gave them. */
export interface ReadRows {
  readonly rows: Rows | undefined
  readonly layers: readonly (Rows | undefined)[] | undefined
}

/**
 * The columns that a chart names and its rows have not, wherever it names them: all at once, without a look at a value, and
 * whatever else keeps it from being drawn. `variables` are those of the board, which links may name too.
 */
export const checkColumns = (
  { id, locate }: Pick<CompiledChart, 'id' | 'locate'>,
  chart: Chart,
  { rows, layers }: ReadRows,
  variables: ReadonlyMap<string, unknown>,
): BoardDiagnostic[] => {
  const about = { chart: id }
  const found: BoardDiagnostic[] = []
  /** Names that two columns have, and where the chart names them. */
  const twice = new Map<string, readonly PropertyKey[]>()
  const unknown = new Set<string>()
  // A pivot makes columns of its own, which its style may name.
  const isPivot = chart.type === 'table' && (chart.columns ?? []).length > 0
  for (const { name, role, path, layer } of [...shownColumns(chart), ...otherColumns(chart)]) {
    const names = namesOf(layer === undefined || !hasOwnQuery(chart, layer) ? rows : layers?.[layer])
    if (names !== undefined && names.indexOf(name) !== names.lastIndexOf(name)) twice.set(name, path)
    if (names === undefined || names.includes(name) || (isPivot && role === 'style.columns')) continue
    // A layer takes over the x of its chart, and its mistake with it.
    if (layer !== undefined && path.at(-1) === 'x' && name === xOf(chart) && unknown.has(name)) continue
    unknown.add(name)
    found.push(diagnostic('UNKNOWN_COLUMN', locate(path), unknownColumn(names, name, role), undefined, about))
  }
  const names = namesOf(rows)
  // A table shows all that there is.
  if (chart.type === 'table' && !isPivot)
    for (const [index, name] of (names ?? []).entries()) if (names?.indexOf(name) !== index && !twice.has(name)) twice.set(name, [])
  for (const [name, path] of twice)
    found.push(diagnostic('DUPLICATE_COLUMN', locate(path), `The query gives two columns "${name}".`, undefined, about))
  if (rows !== undefined && names !== undefined) {
    for (const { name, position } of namedByLink(chart)) {
      if (names.includes(name) || variables.has(name) || marksOf(chart).includes(name)) continue
      const near = nearestName(name, [...names, ...variables.keys()])
      const hint = near === undefined ? '' : ` Did you mean "${near}"?`
      const message = `link names "${name}", which is no column and no variable; the query gives ${listNames(names)}.${hint}`
      found.push(diagnostic('UNKNOWN_COLUMN', locate(['link'], position), message, undefined, about))
    }
    if (chart.type === 'kpi' && countRows(rows) > 1)
      found.push(diagnostic('KPI_MULTIROW', locate([]), `The query returned ${countRows(rows)} rows.`, undefined, about))
  }
  return found
}

const xOf = (chart: Chart): string | undefined => ('x' in chart ? chart.x : undefined)

/** Whether a layer reads other rows than its chart. */
const hasOwnQuery = (chart: Chart, layer: number): boolean => 'layers' in chart && chart.layers?.[layer]?.query !== undefined

const namesOf = (rows: Rows | undefined): readonly string[] | undefined => rows?.columns.map(({ name }) => name)

/** What a mark gives to a link beside the columns of its row. */
const marksOf = (chart: Chart): readonly string[] => {
  switch (chart.type) {
    case 'kpi':
    case 'callout':
      return []
    case 'heatmap':
    case 'pie':
    case 'donut':
      return ['x', 'color']
    default:
      return 'color' in chart && chart.color !== undefined ? ['x', 'color'] : ['x']
  }
}

/** The names that the link of a chart takes from its row, but for those that may be missing. */
const namedByLink = ({ link }: Chart) => {
  if (typeof link !== 'string') return []
  try {
    return findUses(link, 'text').variables.filter(({ isTested }) => !isTested)
  } catch (error) {
    if (error instanceof TemplateFault) return []
    throw error
  }
}
