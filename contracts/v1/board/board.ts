import * as z from 'zod'
import { type Chart, chartRefSchema, chartSchema } from './charts.ts'
import { cacheSchema, querySchema } from './queries.ts'
import { boardStyleSchema } from './style.ts'
import { variableSchema } from './variables.ts'

/** The language of dashboards. A change that refuses a board which was accepted before needs a new major version. */
export const boardVersion = '1.0.0'

const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,100}$/)
const size = z
  .union([z.number().min(0).max(10_000), z.string().regex(/^\d+(\.\d+)?(px|%)?$/)])
  .describe('Pixels, or a share such as "50%".')
const visible = z
  .union([z.boolean(), z.string().max(1000), z.strictObject({ query: z.string(), column: z.string() })])
  .describe('true, false, a variable, an expression, or a column of a query of one row.')

const contentShape = {
  title: z.string().max(500).optional(),
  notes: z.string().max(5000).optional().describe('What it is for; for search and agents, never painted.'),
  text: z.string().max(50_000).optional().describe('Markdown.'),
  source: z.string().min(1).max(500).optional().describe('Source of the queries that name none.'),
  cache: cacheSchema.optional(),
  variables: z.record(name, variableSchema.nullable()).optional(),
  queries: z.record(name, querySchema).optional(),
  charts: z.record(name, z.union([chartSchema, chartRefSchema])).optional(),
  card_gap: z
    .union([z.number().min(0).max(200), z.boolean()])
    .optional()
    .describe('Pixels between cards; false for none.'),
  id: z.string().max(200).optional(),
  style: boardStyleSchema.optional(),
  theme: z.string().max(100).optional(),
  auto_link: z.boolean().optional(),
}

export type LayoutItem = string | Chart | NestedBoard | Readonly<Record<string, Chart>>

export interface GridItem {
  item: LayoutItem
  col?: number | undefined
  row?: number | undefined
  col_span?: number | undefined
  row_span?: number | undefined
  width?: number | undefined
  height?: number | undefined
  notes?: string | undefined
  visible?: z.output<typeof visible> | undefined
}

export interface Grid {
  columns?: number | undefined
  items: GridItem[]
}

export interface Tab extends NestedBoard {
  title: string
  icon?: string | undefined
}

export interface Tabs {
  id?: string | undefined
  position?: 'top' | 'left' | undefined
  default?: string | number | undefined
  items: Tab[]
}

/** A place in a layout: the name of a chart, a chart written there, or a board within the board. */
export const layoutItemSchema: z.ZodType<LayoutItem> = z
  .lazy(() =>
    z.union([
      name.describe('Name of a chart.'),
      chartSchema,
      nestedBoardSchema,
      z.record(name, chartSchema).describe('A chart written here, by its name.'),
    ]),
  )
  .meta({ id: 'LayoutItem', description: 'The name of a chart, a chart written here, or a board within the board.' })

const gridSchema: z.ZodType<Grid> = z
  .lazy(() =>
    z.strictObject({
      columns: z.int().min(1).max(48).optional().describe('Default 24.'),
      items: z
        .array(
          z.strictObject({
            item: layoutItemSchema,
            col: z.int().min(0).max(48).optional().describe('From 0; without it and row the next free place.'),
            row: z.int().min(0).max(1000).optional().describe('From 0.'),
            col_span: z.int().min(1).max(48).optional(),
            row_span: z.int().min(1).max(100).optional(),
            width: z.int().min(1).max(48).optional(),
            height: z.int().min(1).max(100).optional(),
            notes: z.string().max(5000).optional(),
            visible: visible.optional(),
          }),
        )
        .max(500),
    }),
  )
  .meta({ id: 'Grid', description: 'Places in columns and rows.' })

const tabsSchema: z.ZodType<Tabs> = z
  .lazy(() =>
    z.strictObject({
      id: z.string().max(100).optional(),
      position: z.enum(['top', 'left']).optional(),
      default: z.union([z.string().max(200), z.int().min(0)]).optional(),
      items: z
        .array(nestedBoardSchema.extend({ title: z.string().min(1).max(200), icon: z.string().max(50).optional() }))
        .min(1)
        .max(50),
    }),
  )
  .meta({ id: 'Tabs', description: 'One board at a time.' })

const layoutShape = {
  rows: z.array(layoutItemSchema).max(500).meta({ id: 'LayoutRows', description: 'One below the other.' }).optional(),
  cols: z.array(layoutItemSchema).max(100).meta({ id: 'LayoutCols', description: 'Side by side.' }).optional(),
  grid: gridSchema.optional(),
  tabs: tabsSchema.optional(),
}

export const nestedBoardSchema = z
  .strictObject({
    ...contentShape,
    ...layoutShape,
    width: size.optional(),
    height: size.optional(),
    visible: visible.optional(),
    details: z
      .union([
        z.string().max(50_000),
        z.strictObject({ summary: z.string().max(500), expanded_title: z.string().max(500).optional(), expanded: z.boolean().optional() }),
      ])
      .optional()
      .describe('The line that opens what stands below the title. A text of a board with nothing else below is opened itself.'),
  })
  .meta({ id: 'NestedBoard', description: 'A board within a board.' })

export const boardSchema = z.strictObject({
  ...contentShape,
  ...layoutShape,
  width: size.optional(),
  height: size.optional(),
  visible: visible.optional(),
  details: nestedBoardSchema.shape.details,
  tags: z.array(z.string().max(100)).max(50).optional(),
  aliases: z.array(z.string().max(500)).max(50).optional().describe('Other addresses of the board.'),
  _schema_version: z.union([z.string(), z.number()]).optional(),
  html_policy: z.enum(['none', 'safe-subset', 'trusted-raw']).optional(),
  incremental: z.union([z.string(), z.literal(false)]).optional(),
  chart_focus: z
    .union([z.boolean(), z.string().max(200)])
    .optional()
    .describe('Whether a chart can be opened alone.'),
  extends: z
    .union([z.string().max(500), z.array(z.string().max(500)).max(20)])
    .optional()
    .describe('Themes and template boards, the strongest last.'),
})

/** `meta.yml` of a folder: a board without layout, whose keys are defaults of every board below it. */
export const metaSchema = boardSchema.omit({ rows: true, cols: true, grid: true, tabs: true, aliases: true })

export type Board = z.output<typeof boardSchema>
export interface NestedBoard extends z.output<typeof nestedBoardSchema> {}
