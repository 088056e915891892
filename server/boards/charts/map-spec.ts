import type { MapChart } from '../../../contracts/v1/board/charts.ts'
import type { Rows } from '../compiled-board.ts'
import { toNumber } from '../formats/value-kind.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { categoryText, checkNulls, findColumn, findMeasure, listNames } from './chart-data.ts'
import { greatestOf, leastOf } from './extent.ts'
import { type GeoName, type GeoSource, geoSource, isUnitedStates } from './geo-sources.ts'
import { numberExpression, tooltipFormat } from './number-expression.ts'
import { amountLegend, gradientScale, seriesColors, seriesLegend } from './series-color.ts'
import type { Spec } from './spec.ts'
import { strokeSpec } from './stroke-spec.ts'

/** Areas in the colour of a measure or of a group. Undefined after a finding. */
export function areaMapSpec(chart: MapChart, rows: Rows, context: ChartContext, room: Room): Spec | undefined {
  const { findings, theme } = context
  const shown = chart.value ?? chart.color
  if (chart.lookup === undefined || shown === undefined) {
    const missing = chart.lookup === undefined ? 'lookup' : 'value'
    findings.add('MISSING_KEY', `A map needs ${missing}; the query gives ${listNames(rows.columns.map(({ name }) => name))}.`)
    return undefined
  }
  const lookup = findColumn(rows, chart.lookup, 'lookup', findings)
  const measure = chart.value === undefined ? undefined : findMeasure(rows, chart.value, 'value', findings)
  const group = chart.value === undefined ? findColumn(rows, shown, 'color', findings) : undefined
  if (lookup === undefined || (measure === undefined && group === undefined)) return undefined
  const name = chart.geo_source ?? chart.geo ?? 'world-countries'
  const projection = projectionOf(chart, name)
  const source = geoSource(name, projection.type)
  const unknown = new Set<string>()
  const areas = new Map<string, Spec>()
  for (const [row, place] of lookup.values.entries()) {
    const id = source.find(place)
    if (id === undefined) {
      if (place !== null) unknown.add(String(place))
      continue
    }
    areas.set(id, {
      id,
      place: categoryText(place),
      row,
      ...(measure !== undefined && { value: toNumber(measure.values[row]) ?? null }),
      ...(group !== undefined && { series: categoryText(group.values[row]) }),
    })
  }
  if (unknown.size > 0)
    findings.add('UNKNOWN_PLACE', `The map has no ${listNames([...unknown].slice(0, 8))}${unknown.size > 8 ? ', …' : ''}.`)
  if (areas.size === 0) {
    findings.add('ZERO_ROWS', `None of the values of "${lookup.column.name}" is an area of the map.`)
    return undefined
  }
  if (measure !== undefined) checkNulls(measure, findings)
  const { style } = chart
  const values = [...areas.values()].flatMap(({ value }) => (typeof value === 'number' ? [value] : []))
  const format = context.format(style?.number_format, measure, 'axis')
  const largest = Math.max(0, greatestOf(values.map(Math.abs)))
  const isDiverging = Math.min(0, leastOf(values)) < 0 && largest > 0
  // The palest shade would not stand out from areas without a value.
  const usual = (isDiverging ? theme.palettes.diverging : theme.palettes.sequential?.slice(1)) ?? theme.category
  const series = [...new Set([...areas.values()].flatMap(({ series: name }) => (typeof name === 'string' ? [name] : [])))]
  const legend = measure === undefined ? null : amountLegend(measure.column.name, room, style?.legend, context)
  const shape = style?.marks?.geoshape
  const isKnown = measure === undefined ? 'isValid(datum.series)' : 'isValid(datum.value)'
  const missing = context.color(shape?.fill, context.color(style?.color?.gradient?.null_color, theme.grid))
  const mark = { type: 'geoshape', stroke: theme.card, strokeWidth: 0.6, ...strokeSpec(shape?.stroke, context), ...opacityOf(shape) }
  return {
    projection: source.isFlat ? { type: 'identity' } : projection,
    data: shapesOf(source),
    transform: [{ lookup: 'id', from: { data: { values: [...areas.values()] }, key: 'id', fields: ['place', 'row', 'value', 'series'] } }],
    layer: [
      { transform: [{ filter: `!(${isKnown})` }], mark: { ...mark, fill: missing, tooltip: null } },
      {
        transform: [{ filter: isKnown }],
        mark,
        encoding: {
          color:
            measure === undefined
              ? {
                  field: 'series',
                  type: 'nominal',
                  sort: null,
                  scale: { domain: series, range: seriesColors(series, chart.color, style?.color, context) },
                  legend: seriesLegend(style?.legend, series, room.width, { context }),
                }
              : {
                  field: 'value',
                  type: 'quantitative',
                  scale: { interpolate: 'lab', ...gradientScale(style?.color, values, context, usual) },
                  legend: legend === null ? null : { ...legend, labelExpr: numberExpression(format, largest) },
                },
          tooltip: [
            { field: 'place', type: 'nominal', title: lookup.column.name },
            measure === undefined
              ? { field: 'series', type: 'nominal', title: shown }
              : { field: 'value', type: 'quantitative', title: measure.column.name, format: tooltipFormat(format) },
          ],
        },
      },
    ],
  }
}

/** Where the areas of a source are in a specification. */
export const shapesOf = ({ topology, feature }: GeoSource): Spec => ({
  values: topology,
  format: { type: 'topojson', feature },
})

const opacityOf = (mark: { readonly opacity?: number | undefined } | undefined): Spec =>
  mark?.opacity === undefined ? {} : { opacity: mark.opacity }

const projections = [
  'albers',
  'albersUsa',
  'azimuthalEqualArea',
  'azimuthalEquidistant',
  'conicConformal',
  'conicEqualArea',
  'conicEquidistant',
  'equalEarth',
  'equirectangular',
  'gnomonic',
  'identity',
  'mercator',
  'naturalEarth1',
  'orthographic',
  'stereographic',
  'transverseMercator',
] as const

/** The projection that is asked for, or what suits the areas. */
export function projectionOf({ projection, style }: MapChart, areas: GeoName): { readonly type: string } {
  const asked = (typeof projection === 'object' ? projection.type : projection) ?? style?.projection?.type
  const known = projections.find((name) => name.toLowerCase() === asked?.toLowerCase().replace(/[\s_-]/g, ''))
  return { type: known ?? (isUnitedStates(areas) ? 'albersUsa' : 'equalEarth') }
}
