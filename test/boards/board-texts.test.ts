/** Every text of the language is a template that is checked and rendered, SQL, a condition, or plain for a reason. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { boardSchema } from '../../contracts/v1/board/board.ts'
import { chartTexts, groupTexts, variableTexts } from '../../server/boards/board-texts.ts'
import { boardProject } from '../support/board-project.ts'

/** Paths of all texts that the schema takes; `*` is any entry, and a board within a board stands where the board does. */
const textPaths = (): string[] => {
  const found = new Set<string>()
  const walk = (schema: unknown, path: readonly string[], trail: readonly unknown[]): void => {
    if (trail.includes(schema)) return
    const inside = [...trail, schema]
    if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodLazy)
      walk(schema.unwrap(), path, inside)
    else if (schema instanceof z.ZodString) found.add(path.join('.'))
    else if (schema instanceof z.ZodObject) for (const [key, one] of Object.entries(schema.shape)) walk(one, [...path, key], inside)
    else if (schema instanceof z.ZodDiscriminatedUnion || schema instanceof z.ZodUnion)
      for (const option of schema.options) walk(option, path, inside)
    else if (schema instanceof z.ZodArray) walk(schema.element, [...path, '*'], inside)
    else if (schema instanceof z.ZodTuple) for (const item of schema.def.items) walk(item, [...path, '*'], inside)
    else if (schema instanceof z.ZodRecord) walk(schema.valueType, [...path, '*'], inside)
  }
  walk(boardSchema, [], [])
  // Layouts hold boards and charts, whose texts are the same there; the look of all charts is that of each.
  return [...found].filter(
    (path) => !/^(rows|cols|grid|tabs)\.(?!items\.\*\.(title|icon|notes)$)/.test(path) && !path.startsWith('style.charts.'),
  )
}

const templates = new Set([
  ...groupTexts.map((path) => path.join('.')),
  ...chartTexts.map((path) => ['charts', '*', ...path].join('.')),
  ...variableTexts.map((path) => ['variables', '*', ...path].join('.')),
  'tabs.items.*.title',
])

const isSql =
  /^(queries\.\*|queries\.\*\.sql|charts\.\*\.query|charts\.\*\.query\.sql|charts\.\*\.drill|variables\.\*\.(query|options\.query))$/
const isCondition = /(^|\.)(visible|enabled)$/

/** Why a text is none of these: what it is, by the keys that it ends with. */
const plain: readonly (readonly [reason: string, keys: RegExp])[] = [
  ['metadata for search and agents, never painted', /\.?(notes|tags\.\*|aliases\.\*|_schema_version)$/],
  ['names the row as well, and is rendered for each', /\.(link|header_link|labels\.template|labels\.where|labels\.field)$/],
  [
    'the name of a source, a theme, a file or an id',
    /(^|\.)(source|theme|extends|extends\.\*|ref|id|icon|target|basemap\.source|projection|chart_focus)$/,
  ],
  [
    'the name of a query, a column or a variable',
    /\.(enabled|visible)\.(query|column)$|^(visible)\.(query|column)$|\.options\.(column|label_column)$|^variables\.\*\.column$/,
  ],
  [
    'the name of a column or a variable',
    /^charts\.\*\.(x|y|y\.\*|color|size|shape|value|theta|y_start|select|lookup|latitude|longitude|sort\.by|rows\.\*|columns\.\*|values\.\*|multiples\.(rows|columns)|support\.value|support_table\.(entries\.)?\*(\.source|\.per_series)?|layers\.\*\.(x|y|y_start|color|query))$/,
  ],
  [
    'a value, not a text',
    /^variables\.\*\.(default|default\.\*|min|max|options\.\*|options\.static\.\*)$|\.when\.\*\.(eq|ne|lt|lte|gt|gte|between\.\*|in\.\*)$|\.legend\.values\.\*$|\.(values|rows)\.\*\.\*$/,
  ],
  ['a code', /\.(warnings_ignore|ignore)\.\*$/],
  ['how long rows are kept', /(^|\.)cache(\.ttl)?$/],
  [
    'not run: http, metrics, structure, setup',
    /\.(setup_sql|incremental|metrics\.\*|dimensions\.\*|filters\.\*|url|headers\.\*|params\.\*|json_path|schema|table|column|fields\.\*)$|^incremental$/,
  ],
  ['a name of a column that is written in the board', /\.columns\.\*$/],
  ['a size', /(^|\.)(width|height|max_width|min_height|max_height|margin|padding|card_padding)$/],
  [
    'a colour or a palette',
    /(^|\.)(background|border|border\.color|box_shadow|accent|muted|color|stroke|fill|static|palette|palette\.\*|single_series_palette|single_series_palette\.\*|glyph_color|null_color|palettes\.\*\.\*|tones\.\*|roles\.\*|category_colors\.\*\.values\.\*)$/,
  ],
  ['a font', /\.?font\.(family|weight)$/],
  [
    'a format, or part of one',
    /\.((format|number_format|time_format)(\.(spec|prefix|suffix))?|formats\.\*(\.(spec|prefix|suffix))?|value_suffix|labels\.expr|mirror\.expr)$/,
  ],
  [
    'how it looks',
    /\.(dasharray|align|weight|family|compact_weight|emoji|overflow|gap|content_padding|label_position|role|character|projection\.type|thresholds\.\*|palettes\.\*)$/,
  ],
  ['ends or values of a scale', /\.scale\.(continuous\.)?(domain|values)\.\*$/],
  ['a column of numbers for rows', /\.row_numbers\.header$/],
  ['a mark of one character or a place', /\.(glyph|position|column)$/],
]

test('each text is a template, SQL, a condition, or plain for a reason', () => {
  const paths = textPaths()
  expect(paths.length).toBeGreaterThan(300)
  const unknown = paths.filter(
    (path) => !templates.has(path) && !isSql.test(path) && !isCondition.test(path) && !plain.some(([, keys]) => keys.test(path)),
  )
  expect(unknown).toEqual([])
})

test('each template is a text of the language', () => {
  const paths = new Set(textPaths())
  expect([...templates].filter((path) => !paths.has(path))).toEqual([])
  expect([...templates].filter((path) => plain.some(([, keys]) => keys.test(path)))).toEqual([])
})

const board = (text: string): string => `
title: T ${text}
text: M ${text}
variables:
  region: {default: North, label: L ${text}, placeholder: P ${text}}
queries: {q: {columns: [a, b], values: [[x, 1], [y, 2]]}, one: {columns: [b], values: [[1]]}}
style: {footer: {text: F ${text}}}
charts:
  bar:
    {type: bar, query: q, x: a, y: b, title: T ${text}, subtitle: S ${text}, x_label: X ${text}, y_label: Y ${text},
    support_table: [{source: b, label: ST ${text}}],
    layers: [{type: line, y: b, label: LL ${text}, axis_y: {title: LA ${text}}}],
    style: {legend: {title: LT ${text}}, axis: {title: A ${text}}, axis_x: {title: AX ${text}}, axis_y: {title: {text: AY ${text}}}, axis_band: {title: {text: AB ${text}}}, axis_quantitative: {title: AQ ${text}}}}
  kpi: {type: kpi, query: one, value: b, label: K ${text}, support: {label: KS ${text}}}
  donut: {type: donut, query: q, theta: b, color: a, title: D ${text}, total: {label: DT ${text}}}
  table: {type: table, query: q, title: TT ${text}, style: {column_defaults: {label: CD ${text}}, columns: {a: {label: CL ${text}}}}}
  callout: {type: callout, text: C ${text}, title: CT ${text}}
rows:
  - tabs:
      items:
        - {title: TAB ${text}, rows: [bar, kpi, donut, table, callout], details: {summary: DS ${text}, expanded_title: DE ${text}, expanded: true}}
        - {title: TAB2, text: x, details: DD ${text}}
`

test('each is checked where it stands, and rendered', async () => {
  const project = await boardProject({})
  try {
    const bad = await project.data<{ diagnostics: { code: string; line: number; column: number }[] }>('validate_yaml', {
      yaml: board('{{ nowhere }}').replaceAll(/([A-Z0-9]+ \{\{ nowhere \}\})/g, '"$1"'),
    })
    const found = bad.diagnostics.filter(({ code }) => code === 'UNKNOWN_VARIABLE')
    expect(new Set(found.map(({ line, column }) => `${line}:${column}`)).size).toBe(found.length)
    expect(found.length).toBeGreaterThan(30)
    const yaml = board('{{ region }}').replaceAll(/([A-Z0-9]+ \{\{ region \}\})/g, '"$1"')
    const texts = yaml.match(/[A-Z0-9]+ \{\{ region \}\}/g) ?? []
    expect(found.length).toBe(texts.length)
    const { content, diagnostics } = await project.data<{ content: string; diagnostics: { level: string }[] }>('render_dashboard', {
      yaml,
      format: 'html',
    })
    expect(diagnostics.filter(({ level }) => level === 'error')).toEqual([])
    expect(content).not.toContain('{{')
    for (const shown of ['T North', 'TAB North', 'DE North', 'KS North', 'DT North', 'CL North', 'F North', 'L North'])
      expect(content).toContain(shown)
  } finally {
    await project.close()
  }
})
