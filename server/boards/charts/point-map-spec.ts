import type { MapChart } from '../../../contracts/v1/board/charts.ts'
import type { Rows } from '../compiled-board.ts'
import { toNumber, valueKind } from '../formats/value-kind.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { categoryText, findColumn, findMeasure, listNames } from './chart-data.ts'
import { checkSizes } from './design-checks.ts'
import { closeUp, reachOf } from './geo-projections.ts'
import { geoSource } from './geo-sources.ts'
import { projectionOf, shapesOf } from './map-spec.ts'
import { numberExpression, tooltipFormat } from './number-expression.ts'
import { pointMark } from './point-mark.ts'
import { amountLegend, gradientScale, seriesColors, seriesLegend, singleColor } from './series-color.ts'
import { sizeNote } from './size-note.ts'
import type { Spec } from './spec.ts'

/** What a legend above a map takes of its height, at most. */
const legendHeight = 40

interface Place {
  readonly longitude: number
  readonly latitude: number
  readonly size: number | null
  readonly series?: string
  readonly shade?: number | null
  readonly name?: string
  readonly row: number
}

/** Points at their longitude and latitude over a map. Undefined after a finding. */
export function pointMapSpec(chart: MapChart, rows: Rows, context: ChartContext, room: Room): Spec | undefined {
  const { findings, theme } = context
  if (chart.latitude === undefined || chart.longitude === undefined) {
    const missing = chart.latitude === undefined ? 'latitude' : 'longitude'
    findings.add('MISSING_KEY', `A ${chart.type} needs ${missing}; the query gives ${listNames(rows.columns.map(({ name }) => name))}.`)
    return undefined
  }
  const latitude = findMeasure(rows, chart.latitude, 'latitude', findings)
  const longitude = findMeasure(rows, chart.longitude, 'longitude', findings)
  const size = chart.size === undefined ? undefined : findMeasure(rows, chart.size, 'size', findings)
  const color = chart.color === undefined ? undefined : findColumn(rows, chart.color, 'color', findings)
  if (size !== undefined) checkSizes(size, context)
  if (latitude === undefined || longitude === undefined || findings.error !== undefined) return undefined
  const naming = placeColumn({ ...chart, select: undefined }, rows.columns)
  const name = naming === undefined ? undefined : findColumn(rows, naming, 'lookup', findings)
  const isShaded = color !== undefined && valueKind(color.column.type) === 'number'
  const all = rows.rows.flatMap((_, row): Place[] => {
    const [north, east] = [toNumber(latitude.values[row]), toNumber(longitude.values[row])]
    if (north === undefined || east === undefined || Math.abs(north) > 90 || Math.abs(east) > 180) return []
    return [
      {
        longitude: east,
        latitude: north,
        size: size === undefined ? null : (toNumber(size.values[row]) ?? null),
        ...(color !== undefined &&
          (isShaded ? { shade: toNumber(color.values[row]) ?? null } : { series: categoryText(color.values[row]) })),
        ...(name !== undefined && { name: categoryText(name.values[row]) }),
        row,
      },
    ]
  })
  if (all.length === 0) {
    findings.add('ZERO_ROWS', 'No row has a latitude from -90 to 90 and a longitude from -180 to 180.')
    return undefined
  }
  if (all.length < rows.rows.length)
    findings.add('UNKNOWN_PLACE', `${countOf(rows.rows.length - all.length, 'has', 'have')} no place on a map.`)
  const { style } = chart
  const named = chart.basemap?.source ?? chart.geo_source ?? chart.geo ?? basemapOf(style?.basemap?.source)
  const areas = named ?? (all.every(isInUnitedStates) ? 'us-states' : 'world-countries')
  const projection = projectionOf(chart, areas)
  const isShown = reachOf(projection.type)
  const inside = all.filter(isShown)
  if (inside.length < all.length)
    findings.add('UNKNOWN_PLACE', `${countOf(all.length - inside.length, 'lies', 'lie')} outside the projection ${projection.type}.`)
  if (inside.length === 0) {
    findings.add('ZERO_ROWS', `No row has a place that the projection ${projection.type} shows.`)
    return undefined
  }
  const places = chart.collapse === true && size === undefined ? collapsed(inside) : inside
  const isSized = size !== undefined || chart.collapse === true
  const source = geoSource(areas)
  const series = isShaded || color === undefined ? [] : [...new Set(places.flatMap((place) => place.series ?? []))]
  const shades = places.flatMap(({ shade }) => shade ?? [])
  const format = context.format(style?.number_format, size, 'axis')
  // A map that is asked for is shown whole.
  const isChosen = named !== undefined || chart.projection !== undefined || style?.projection !== undefined
  const near =
    isChosen || areas === 'us-states' ? undefined : closeUp(projection.type, inside, { ...room, height: room.height - legendHeight })
  const legend = color === undefined ? null : amountLegend(color.column.name, room, style?.legend, context)
  const point = style?.marks?.point
  const note = isSized
    ? sizeNote(
        chart.size ?? 'rows',
        places.map((place) => place.size),
        format,
        style?.legend,
      )
    : undefined
  return {
    ...(note !== undefined && { note }),
    projection: { ...projection, ...near },
    layer: [
      {
        data: shapesOf(source),
        mark: {
          type: 'geoshape',
          fill: context.color(chart.basemap?.fill, theme.grid),
          stroke: context.color(chart.basemap?.stroke, theme.card),
          strokeWidth: 0.6,
          tooltip: null,
        },
      },
      {
        data: { values: places },
        mark: {
          type: 'point',
          ...pointMark(point, context),
          opacity: point?.opacity ?? 0.75,
          ...(!isSized && { size: point?.size ?? (places.length > 500 ? 18 : 46) }),
          ...(series.length === 0 && !isShaded && { color: singleColor(style?.color, point, context) }),
        },
        encoding: {
          longitude: { field: 'longitude', type: 'quantitative' },
          latitude: { field: 'latitude', type: 'quantitative' },
          ...(isSized && {
            size: {
              field: 'size',
              type: 'quantitative',
              scale: { range: [16, places.length > 100 ? 400 : 900], zero: true },
              legend: null,
            },
          }),
          ...(series.length > 0 && {
            color: {
              field: 'series',
              type: 'nominal',
              sort: null,
              scale: { domain: series, range: seriesColors(series, chart.color, style?.color, context) },
              legend: seriesLegend(style?.legend, series, room.width, { context }),
            },
          }),
          ...(isShaded && {
            color: {
              field: 'shade',
              type: 'quantitative',
              scale: gradientScale(style?.color, shades, context, (theme.palettes.sequential ?? []).slice(2)),
              legend: legend === null ? null : { ...legend, labelExpr: numberExpression(undefined, Math.max(0, ...shades.map(Math.abs))) },
            },
          }),
          tooltip: [
            ...(name === undefined ? [] : [{ field: 'name', type: 'nominal', title: name.column.name }]),
            ...(series.length > 0 ? [{ field: 'series', type: 'nominal', title: chart.color }] : []),
            ...(isShaded ? [{ field: 'shade', type: 'quantitative', title: chart.color, format: ',.4~f' }] : []),
            ...(isSized ? [{ field: 'size', type: 'quantitative', title: chart.size ?? 'count', format: tooltipFormat(format) }] : []),
            { field: 'latitude', type: 'quantitative', title: latitude.column.name, format: '.4~f' },
            { field: 'longitude', type: 'quantitative', title: longitude.column.name, format: '.4~f' },
          ],
        },
      },
    ],
  }
}

/**
 * The column that points are known by: `lookup`, else the one that their variable is named after, else the first of texts.
 * Undefined when there is none, and where points on one place are one: those are known by their place.
 */
export function placeColumn(chart: MapChart, columns: Rows['columns']): string | undefined {
  if (chart.lookup !== undefined) return chart.lookup
  if (chart.collapse === true) return undefined
  const found =
    columns.find(({ name }) => name === chart.select) ??
    columns.find(({ name, type }) => valueKind(type) === 'text' && name !== chart.color)
  return found?.name
}

const countOf = (count: number, one: string, many: string): string => `${count} ${count === 1 ? `row ${one}` : `rows ${many}`}`

/** Points on one place as one, as large as they are many. */
function collapsed(places: readonly Place[]): Place[] {
  const found = new Map<string, { place: Place; count: number }>()
  for (const place of places) {
    const key = `${place.latitude},${place.longitude}`
    const known = found.get(key)
    if (known === undefined) found.set(key, { place, count: 1 })
    else known.count++
  }
  return [...found.values()].map(({ place, count }) => ({ ...place, size: count }))
}

const isInUnitedStates = ({ latitude, longitude }: Place): boolean =>
  latitude >= 18.5 && latitude <= 71.5 && longitude >= -179 && longitude <= -66.5 && (latitude <= 49.5 || longitude <= -129)

const basemapOf = (name: string | undefined): MapChart['geo_source'] => {
  if (name === undefined) return undefined
  return name.startsWith('us') ? (name.includes('count') ? 'us-counties' : 'us-states') : 'world-countries'
}
