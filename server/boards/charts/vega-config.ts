import { fontFamily } from '../fonts/text-width.ts'
import type { Spec } from './spec.ts'
import type { Theme } from './theme.ts'

/** Text of axes and legends, in pixels. */
export const labelSize = 12

/** How all charts look: quiet grid lines, no frames, numbers and names in a muted ink. */
export function vegaConfig(theme: Theme): Spec {
  return {
    // One label for the whole picture says more than one per mark.
    aria: false,
    background: 'transparent',
    font: fontFamily,
    padding: 0,
    view: { stroke: null },
    axis: {
      labelColor: theme.muted,
      labelFontSize: labelSize,
      labelPadding: 8,
      titleColor: theme.muted,
      titleFontSize: labelSize,
      titleFontWeight: 500,
      titlePadding: 10,
      domain: false,
      ticks: false,
      gridColor: theme.grid,
      gridWidth: 1,
    },
    axisBand: { domain: true, domainColor: theme.baseline, grid: false },
    axisPoint: { domain: true, domainColor: theme.baseline, grid: false },
    legend: {
      labelColor: theme.muted,
      labelFontSize: labelSize,
      labelLimit: 180,
      titleColor: theme.muted,
      titleFontSize: labelSize,
      titleFontWeight: 500,
      symbolType: 'circle',
      symbolSize: 80,
      symbolStrokeWidth: 0,
      rowPadding: 6,
      columnPadding: 18,
      offset: 14,
      layout: { right: { anchor: 'middle' }, left: { anchor: 'middle' }, bottom: { anchor: 'middle' } },
    },
    header: { labelColor: theme.ink, labelFontSize: labelSize, labelFontWeight: 600, labelPadding: 6, title: null },
    line: { strokeWidth: 2.25, strokeCap: 'round', strokeJoin: 'round' },
    text: { fontSize: 11, fill: theme.ink },
    scale: { bandPaddingInner: 0.25, bandPaddingOuter: 0.15 },
  }
}
