import * as z from 'zod'
import { boardSchema } from '../../../contracts/v1/board/board.ts'
import { type Chart, type ChartType, chartSchema, chartTypes, mapTypes } from '../../../contracts/v1/board/charts.ts'
import { type Format, formatSchema } from '../../../contracts/v1/board/formats.ts'
import type { Query } from '../../../contracts/v1/board/queries.ts'
import { isChartType, requiredKeys } from '../../../contracts/v1/board/required-keys.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import { valueAt } from '../../yaml/schema-at.ts'
import { walkSchema } from '../../yaml/walk-schema.ts'
import { formatName, type OwnFormats } from '../formats/resolve-format.ts'
import { checkRules } from './check-rules.ts'
import { checkShape, isMeant, nearestType } from './check-shape.ts'
import { undrawnKeys } from './check-style.ts'
import { type Block, type Compiling, styleOf } from './compile-board.ts'
import { type Foreign, queryOfChart } from './compile-queries.ts'
import { readReferred } from './inherit.ts'
import { soundParts, wordsOf } from './keep-sound.ts'
import { isBlock, mergeBlocks } from './merge-boards.ts'
import { idFor, type Scope } from './scope.ts'

/** Adds the charts of a group to those of the board, and gives the names that the group sees. */
export const compileCharts = async (
  group: Block,
  path: readonly PropertyKey[],
  scope: Scope,
  compiling: Compiling,
): Promise<ReadonlyMap<string, string>> => {
  const names = new Map(scope.charts)
  for (const [name, written] of Object.entries(isBlock(group.charts) ? group.charts : {})) {
    const id = await addChart(name, written, [...path, 'charts', name], scope, compiling)
    if (id !== undefined) names.set(name, id)
  }
  for (const [name, written] of compiling.refusedIn([...path, 'charts'])) {
    const at = [...path, 'charts', name]
    names.set(name, (await addChart(name, written, at, scope, compiling, true)) ?? addUnread(name, at, compiling))
  }
  return names
}

/** A chart that does not fit the language, which is told already, is drawn as a message that says why. */
const unread = (name: string, written?: Block): Chart => {
  const fault = written === undefined ? undefined : checkShape(boardSchema, { charts: { [name]: written } }).faults[0]
  const why = fault === undefined ? '' : [fault.message, fault.fix?.()].join(' ').replace(/ ?(Known keys|Use one of): .*$/s, '')
  // A callout is Markdown and a template; what its message quotes is neither.
  const text = `The chart "${name}" cannot be read. ${why.replace(/[{}<>*`[\]\\]/g, '')}`.trim()
  return { type: 'callout', text: text.length > 300 ? `${text.slice(0, 300)}…` : text, tone: 'negative' }
}

const addUnread = (name: string, path: readonly PropertyKey[], compiling: Compiling): string => {
  const id = idFor(name, path, compiling.charts)
  compiling.charts.set(id, { id, chart: unread(name), query: undefined, place: compiling.placeOf(path), locate: compiling.locatorOf(path) })
  return id
}

/** Adds one chart and gives its id; undefined when it is no chart at all, which the schema has said. */
export const addChart = async (
  name: string,
  written: unknown,
  path: readonly PropertyKey[],
  scope: Scope,
  compiling: Compiling,
  isRefused = false,
): Promise<string | undefined> => {
  const isReferred = isBlock(written) && typeof written.ref === 'string'
  const { block, foreign } = isReferred ? await referred(written, path, compiling) : { block: written }
  if (isReferred && block === undefined) return addUnread(name, path, compiling)
  if (!isBlock(block)) return undefined
  const id = idFor(name, path, compiling.charts)
  const about = { chart: id }
  if (typeof block.id === 'string') {
    if (compiling.named.has(block.id)) compiling.report('DUPLICATE_CHART', [...path, 'id'], `Another chart has the id "${block.id}".`)
    compiling.named.add(block.id)
  }
  const styled = withDefaults(block, scope.chartStyle)
  const parsed = chartSchema.safeParse(styled)
  if (!parsed.success && block !== written)
    compiling.report('WRONG_VALUE', path, `The chart "${name}" does not fit the one it refers to.`, undefined, about)
  if (!parsed.success || isRefused) return addRefused(id, name, { styled, block }, path, scope, compiling)
  const chart = parsed.data
  const query = await queryOfChart(id, chart.query as Query | undefined, [...path, 'query'], scope, compiling, foreign)
  checkKeys(id, chart.type, chart, path, compiling)
  checkRules(id, chart, path, compiling)
  compiling.written.push({ schema: chartSchema, value: block, path, chart: id, type: chart.type })
  if (block === written) reportUndrawn(id, chart, block, path, compiling)
  const layers = await queriesOfLayers(id, chart, path, scope, compiling, foreign)
  compiling.charts.set(id, {
    id,
    chart,
    query,
    ...(layers !== undefined && { layers }),
    place: compiling.placeOf(path),
    locate: compiling.locatorOf(path),
  })
  return id
}

/** A chart that was refused keeps its place, and what is sound of it is checked as if nothing else were wrong. */
const addRefused = async (
  id: string,
  name: string,
  { styled: written, block }: { readonly styled: Block; readonly block: Block },
  path: readonly PropertyKey[],
  scope: Scope,
  compiling: Compiling,
): Promise<string> => {
  for (const word of wordsOf(written)) compiling.mentioned.add(word)
  const type = isChartType(written.type) ? written.type : nearestType(written.type)
  const parts = type === undefined ? written : soundParts(chartSchema, { ...written, type })
  const isNamed = type !== undefined || typeof written.query === 'string'
  const query = isNamed ? await queryOfChart(id, parts.query as Query | undefined, [...path, 'query'], scope, compiling) : undefined
  const layers = type === undefined ? undefined : await queriesOfLayers(id, parts as unknown as Chart, path, scope, compiling)
  if (type !== undefined) {
    checkKeys(id, type, written, path, compiling)
    checkRules(id, parts as unknown as Chart, path, compiling)
    // What it inherits is told where that stands.
    compiling.written.push({ schema: chartSchema, value: soundParts(chartSchema, { ...block, type }), path, chart: id, type })
  }
  compiling.charts.set(id, {
    id,
    chart: unread(name, written),
    query: undefined,
    place: compiling.placeOf(path),
    locate: compiling.locatorOf(path),
    refused: { parts, query, layers },
  })
  return id
}

/** Keys without which a chart cannot be drawn, of which the schema does not tell. */
const checkKeys = (id: string, type: ChartType, written: Block, path: readonly PropertyKey[], compiling: Compiling): void => {
  const about = { chart: id }
  if (type === 'table' && written.columns !== undefined && written.rows === undefined && written.values === undefined)
    compiling.report(
      'MISSING_KEY',
      [...path, 'columns'],
      'columns makes a pivot, which needs rows or values too.',
      'Add them; or leave columns out, and select in the query what is to be shown.',
      about,
    )
  const { shape } = chartSchema.options.find((option) => option.shape.type.value === type) as z.ZodObject
  // An unknown key that was meant to be the missing one is told already.
  const unknown = Object.keys(written).filter((key) => !Object.hasOwn(shape, key))
  for (const keys of requiredKeys[type]) {
    const [key = ''] = keys
    const isThere = keys.some((one) => written[one] !== undefined || unknown.some((given) => isMeant(given, one)))
    if (isThere || !(entryOf(shape, key) instanceof z.ZodOptional)) continue
    if (key === 'query') compiling.report('QUERY_MISSING', path, `The chart "${id}" has no query.`, undefined, about)
    else
      compiling.report(
        'MISSING_KEY',
        path,
        `A chart of type ${type} needs ${keys.join(' or ')}.`,
        `Add ${key}: and the name of a column of its query.`,
        about,
      )
  }
}

/** Keys of its style that change nothing are told, unless the chart ignores such warnings. */
const reportUndrawn = (
  id: string,
  { type, warnings_ignore: ignored }: Chart,
  { style }: Block,
  path: readonly PropertyKey[],
  compiling: Compiling,
): void => {
  if (ignored?.includes('STYLE_NOT_APPLIED')) return
  for (const key of undrawnKeys(style, type))
    compiling.report(
      'STYLE_NOT_APPLIED',
      [...path, 'style', ...key],
      `style.${key.join('.')} changes nothing on ${type === 'area' ? 'an' : 'a'} ${type} chart.`,
      undefined,
      {
        chart: id,
      },
    )
}

/** The queries that layers have of their own; undefined when none has. */
const queriesOfLayers = async (
  id: string,
  chart: Chart,
  path: readonly PropertyKey[],
  scope: Scope,
  compiling: Compiling,
  foreign?: Foreign,
): Promise<(string | undefined)[] | undefined> => {
  const layers = 'layers' in chart ? (chart.layers ?? []) : []
  if (!layers.some(({ query }) => query !== undefined)) return undefined
  const found: (string | undefined)[] = []
  for (const [index, { query }] of layers.entries())
    found.push(
      await queryOfChart(
        query === undefined ? id : `${id}.layer${index + 1}`,
        query,
        [...path, 'layers', index, 'query'],
        scope,
        compiling,
        foreign,
      ),
    )
  return found
}

/** Styles of the board for all charts and for those of the type, with the chart's own over them. */
const withDefaults = (chart: Block, defaults: Block): Block => {
  const family = typeof chart.type === 'string' ? entryOf(defaults, chart.type) : undefined
  const perType = new Set<string>([...chartTypes, 'category_colors'])
  const all = Object.fromEntries(Object.entries(defaults).filter(([key]) => !perType.has(key)))
  const isCartesian = ['bar', 'histogram', 'line', 'area', 'scatter', 'heatmap', 'spark_bar', ...mapTypes].includes(String(chart.type))
  const style = [isCartesian ? all : {}, family, chart.style].filter(isBlock).reduce((below, above) => mergeBlocks(below, above), {})
  return Object.keys(style).length === 0 ? chart : { ...chart, style }
}

/** A chart that says in full what the formats of its board stand for. */
const withFormats = (chart: Block, formats: OwnFormats = {}): Block => {
  const full = structuredClone(chart)
  walkSchema(chartSchema, chart, (schema, given, path) => {
    const own = schema === formatSchema ? entryOf(formats, formatName(given as Format)) : undefined
    if (own === undefined || path.length === 0) return
    const around = valueAt(full, path.slice(0, -1)) as Record<PropertyKey, unknown>
    const whole = typeof own === 'string' ? { spec: own } : own
    around[path.at(-1) as PropertyKey] = { ...whole, ...(typeof given === 'string' ? {} : { ...(given as object), spec: whole.spec }) }
  })
  return full
}

/** A chart of another board, with what is written beside `ref` over it, and the queries that it may name. */
const referred = async (
  { ref, ...own }: Block,
  path: readonly PropertyKey[],
  compiling: Compiling,
): Promise<{ readonly block?: Block; readonly foreign?: Foreign }> => {
  const { file, name, board, entries } = await readReferred(String(ref), 'charts', /[A-Za-z_][\w-]*/, compiling)
  const chart = entryOf(entries, name)
  if (isBlock(chart)) {
    const { queries, ...rest } = board?.value ?? {}
    const foreign = { file, board, entries: isBlock(queries) ? queries : {} }
    return { block: mergeBlocks(withFormats(chart, styleOf(rest).formats), own), foreign }
  }
  const fix = compiling.suggest(name, Object.keys(entries))
  compiling.report('EXTENDS_UNRESOLVED', path, `There is no chart "${String(ref)}".`, fix)
  return {}
}
