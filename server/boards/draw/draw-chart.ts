import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { ChartOptions } from '../charts/chart-context.ts'
import type { BoundChart } from '../compiled-board.ts'
import { chartBox } from './chart-box.ts'
import { svgDocument } from './svg.ts'

export interface Picture {
  readonly svg: string
  readonly findings: readonly BoardDiagnostic[]
}

/**
 * One chart as a document of its own.
 * @param options.width pixels; default 640. `height` undefined takes what the chart wants.
 */
export async function drawChart(
  bound: BoundChart,
  options: ChartOptions & { readonly width?: number; readonly height?: number },
): Promise<Picture> {
  const width = options.width ?? 640
  const box = await chartBox(bound, options, 'c')
  const height = Math.round(options.height ?? box.measure(width))
  const body = await box.draw({ x: 0, y: 0, width, height })
  const { chart } = bound
  const label = ('label' in chart ? chart.label : undefined) ?? chart.title ?? bound.id
  return { svg: svgDocument(body, { width, height, background: undefined, label }), findings: box.findings }
}
