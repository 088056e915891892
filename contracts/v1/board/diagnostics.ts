// One table, so that the list of codes is seen to be closed; it grows by a row per code.
import * as z from 'zod'

/** What is known of a finding without seeing it: one row per code, read by the tools and by the docs. */
export interface DiagnosticDefinition {
  /** With `error` the board, or the part that it is about, is not drawn; a `warning` can be ignored by name. */
  readonly level: 'error' | 'warning'
  /** When it is found: from the text alone, from the rows, by the rules of design, by measuring what was drawn. */
  readonly found: 'compile' | 'data' | 'design' | 'fit'
  /** One sentence: what is wrong. */
  readonly summary: string
  /** One sentence: what to do. */
  readonly fix: string
}

/** The closed list of findings about boards. A code is never renamed or reused. */
export const diagnosticDefinitions = {
  FILE_NOT_FOUND: {
    level: 'error',
    found: 'compile',
    summary: 'There is no board of that path.',
    fix: 'Call list_dashboards and use one of its paths.',
  },
  FILE_TOO_LARGE: {
    level: 'error',
    found: 'compile',
    summary: 'The file is larger than a board may be.',
    fix: 'Keep data in a source and boards below 1 MB.',
  },
  EMPTY_DOCUMENT: { level: 'error', found: 'compile', summary: 'The file holds no board.', fix: 'Start with title: and charts:.' },
  YAML_ERROR: { level: 'error', found: 'compile', summary: 'The text is not YAML.', fix: 'Correct it where the finding points.' },
  DUPLICATE_KEY: { level: 'error', found: 'compile', summary: 'A key is written twice in its block.', fix: 'Keep one of the two.' },
  UNKNOWN_KEY: {
    level: 'error',
    found: 'compile',
    summary: 'The language has no such key here.',
    fix: 'Use the suggested name, or remove the key.',
  },
  MISSING_KEY: { level: 'error', found: 'compile', summary: 'A key that is required is not there.', fix: 'Add it.' },
  WRONG_TYPE: {
    level: 'error',
    found: 'compile',
    summary: 'A value has another shape than it must have.',
    fix: 'Write it as the finding says.',
  },
  WRONG_VALUE: {
    level: 'error',
    found: 'compile',
    summary: 'A value is none of those that are known.',
    fix: 'Use one of the values it lists.',
  },
  BAD_NAME: {
    level: 'error',
    found: 'compile',
    summary: 'A name has characters that names cannot have.',
    fix: 'Start with a letter or _; go on with letters, digits, _ and -.',
  },
  UNSUPPORTED_CHART_TYPE: {
    level: 'error',
    found: 'compile',
    summary: 'There is no chart of that type.',
    fix: 'Use the type that the finding names, or its recipe.',
  },
  RAW_VEGA_LITE: {
    level: 'error',
    found: 'compile',
    summary: 'Keys of Vega-Lite are not part of the language.',
    fix: 'Use x, y, color and style.',
  },
  NO_LAYOUT: {
    level: 'error',
    found: 'compile',
    summary: 'The board shows nothing.',
    fix: 'Add charts, text, or one of rows, cols, grid and tabs.',
  },
  SEVERAL_LAYOUTS: {
    level: 'error',
    found: 'compile',
    summary: 'A board has one of rows, cols, grid and tabs, not several.',
    fix: 'Keep one and nest the other inside it.',
  },
  UNKNOWN_CHART: {
    level: 'error',
    found: 'compile',
    summary: 'The layout names a chart that is not there.',
    fix: 'Correct the name, or add the chart.',
  },
  UNKNOWN_QUERY: {
    level: 'error',
    found: 'compile',
    summary: 'A query of that name is not there.',
    fix: 'Correct the name, or add the query.',
  },
  UNKNOWN_VARIABLE: {
    level: 'error',
    found: 'compile',
    summary: 'A template names a variable that the board does not have.',
    fix: 'Correct the name, or add it under variables.',
  },
  UNKNOWN_THEME: {
    level: 'warning',
    found: 'compile',
    summary: 'There is no theme of that name; the default is used.',
    fix: 'Use clarity, paper, vivid, neon or stark.',
  },
  UNKNOWN_SOURCE: {
    level: 'error',
    found: 'compile',
    summary: 'The project has no source of that name.',
    fix: 'Call list_sources and use one of its names.',
  },
  NO_SOURCE: {
    level: 'error',
    found: 'compile',
    summary: 'A query names no source, and the project has several.',
    fix: 'Add source: to the query or the board.',
  },
  DUPLICATE_CHART: { level: 'error', found: 'compile', summary: 'Two charts have the same name.', fix: 'Rename one.' },
  QUERY_MISSING: { level: 'error', found: 'compile', summary: 'A chart of this type needs a query.', fix: 'Add query:.' },
  QUERY_CYCLE: {
    level: 'error',
    found: 'compile',
    summary: 'Queries use each other in a circle.',
    fix: 'Write one of them without the other.',
  },
  QUERY_UNSUPPORTED: { level: 'error', found: 'compile', summary: 'This kind of query cannot be run here.', fix: 'Write it as SQL.' },
  EXTENDS_UNRESOLVED: {
    level: 'error',
    found: 'compile',
    summary: 'A board that is extended or referred to is not there.',
    fix: 'Correct the path.',
  },
  EXTENDS_CYCLE: { level: 'error', found: 'compile', summary: 'Boards extend each other in a circle.', fix: 'Remove one extends.' },
  TEMPLATE_ERROR: {
    level: 'error',
    found: 'compile',
    summary: 'A template cannot be read or evaluated.',
    fix: 'Correct it where the finding points.',
  },
  TEMPLATE_POSITION: {
    level: 'error',
    found: 'compile',
    summary: 'A value stands where SQL takes no parameter.',
    fix: 'Values can stand for values, not for names, keywords or parts of SQL.',
  },
  BAD_VARIABLE_VALUE: {
    level: 'error',
    found: 'compile',
    summary: 'The value of a variable does not fit it.',
    fix: 'Give a value of the kind that the variable declares.',
  },
  MISSING_VARIABLE_VALUE: { level: 'error', found: 'data', summary: 'A variable that is required has no value.', fix: 'Choose one.' },
  REF_UNKNOWN: { level: 'error', found: 'compile', summary: 'ref() or source() names what is not there.', fix: 'Correct the name.' },
  SQL_REJECTED: { level: 'error', found: 'compile', summary: 'The query is not one statement that only reads.', fix: 'Write one SELECT.' },
  SQL_ERROR: {
    level: 'error',
    found: 'compile',
    summary: 'The SQL of a query cannot be read.',
    fix: 'Correct it where the finding points.',
  },
  FORMAT_INVALID: {
    level: 'error',
    found: 'compile',
    summary: 'A format is neither a known name nor a d3 format.',
    fix: 'Use a name such as currency_whole, or a d3 format such as ",.2f".',
  },
  FORMAT_PREDEFINED_SHADOW: {
    level: 'error',
    found: 'compile',
    summary: 'style.formats names a format that exists.',
    fix: 'Choose another name.',
  },
  FORMAT_KIND_MISMATCH: {
    level: 'error',
    found: 'data',
    summary: 'A number format is used for text or dates, or the reverse.',
    fix: 'Use a format of the right kind, or none.',
  },
  FORMAT_NATIVE_IN_AXIS: {
    level: 'error',
    found: 'compile',
    summary: 'This format is for KPIs and tables only.',
    fix: 'Divide by 100 in the query and use percent.',
  },
  PERCENT_RANGE: {
    level: 'error',
    found: 'data',
    summary: 'A percent format takes a share of 1, and the values look like 0 to 100.',
    fix: 'Divide by 100 in the query, or use percent_number.',
  },
  STYLE_NOT_APPLIED: { level: 'warning', found: 'compile', summary: 'This key of style has no effect here.', fix: 'Remove it.' },
  SCHEMA_MIGRATED: {
    level: 'warning',
    found: 'compile',
    summary: 'The board is written in an older grammar and was read as the finding says.',
    fix: 'Run dft migrate, which rewrites the file.',
  },
  UNREFERENCED_CHART: { level: 'warning', found: 'compile', summary: 'A chart stands in no layout.', fix: 'Place it, or remove it.' },
  UNREFERENCED_QUERY: {
    level: 'warning',
    found: 'compile',
    summary: 'No chart, variable or query uses this query.',
    fix: 'Use it, or remove it.',
  },
  UNREFERENCED_VARIABLE: {
    level: 'warning',
    found: 'compile',
    summary: 'Nothing uses this variable.',
    fix: 'Use it in a query, or remove it.',
  },
  HTML_POLICY_CAPPED: { level: 'warning', found: 'compile', summary: 'Raw HTML is not painted.', fix: 'Use Markdown.' },

  QUERY_FAILED: {
    level: 'error',
    found: 'data',
    summary: 'The query was refused or failed.',
    fix: 'Correct the query as the finding says.',
  },
  UNKNOWN_COLUMN: {
    level: 'error',
    found: 'data',
    summary: 'The query gives no column of that name.',
    fix: 'Use one of the columns it lists.',
  },
  KPI_MULTIROW: { level: 'error', found: 'data', summary: 'A KPI takes exactly one row.', fix: 'Aggregate in the query.' },
  MEASURE_NOT_NUMERIC: {
    level: 'error',
    found: 'data',
    summary: 'A measure holds no numbers.',
    fix: 'Name a numeric column, or cast it in the query.',
  },
  PIE_NEGATIVE_SLICE: {
    level: 'error',
    found: 'data',
    summary: 'A slice cannot be negative.',
    fix: 'Use a bar chart, or leave the row out.',
  },
  LOG_SCALE_NOT_POSITIVE: {
    level: 'error',
    found: 'data',
    summary: 'A log scale takes positive values only.',
    fix: 'Use symlog, or leave the rows out.',
  },
  DUPLICATE_ROWS: {
    level: 'warning',
    found: 'data',
    summary: 'Several rows fall on the same mark.',
    fix: 'Aggregate in the query, or name the column that tells them apart as color.',
  },
  ZERO_ROWS: { level: 'warning', found: 'data', summary: 'The query returned no rows.', fix: 'Check its filters and the variables.' },
  MOSTLY_NULL: {
    level: 'warning',
    found: 'data',
    summary: 'More than half of the values are null.',
    fix: 'Filter them, or check the join.',
  },
  SINGLE_POINT: { level: 'warning', found: 'data', summary: 'A line of one point shows nothing.', fix: 'Use a KPI, or widen the period.' },
  RESULT_TRUNCATED: {
    level: 'warning',
    found: 'data',
    summary: 'The query was cut at a limit; the chart shows part of it.',
    fix: 'Aggregate or filter in the query.',
  },
  SORT_COLUMN_MISSING: {
    level: 'error',
    found: 'data',
    summary: 'The query gives no column to sort by.',
    fix: 'Use one of the columns it lists.',
  },
  UNKNOWN_COLOR: {
    level: 'warning',
    found: 'compile',
    summary: 'There is no colour or palette of that name.',
    fix: 'Use a hex colour, or a token of the theme.',
  },

  PIE_TOO_MANY_SLICES: {
    level: 'warning',
    found: 'design',
    summary: 'A pie of more than six slices cannot be read.',
    fix: 'Use a bar chart.',
  },
  PIE_DOMINANT_SLICE: {
    level: 'warning',
    found: 'design',
    summary: 'One slice is nearly the whole pie.',
    fix: 'Use a KPI, or a bar chart.',
  },
  TOO_MANY_COLORS: {
    level: 'warning',
    found: 'design',
    summary: 'More colours than a reader can tell apart.',
    fix: 'Group the small ones as other.',
  },
  TOO_MANY_CATEGORIES: {
    level: 'warning',
    found: 'design',
    summary: 'More categories than the axis can show.',
    fix: 'Keep the largest in the query.',
  },
  MISSING_FORMAT: {
    level: 'warning',
    found: 'design',
    summary: 'The name speaks of money or a share, and no format says so.',
    fix: 'Set style.number_format or style.value.format.',
  },
  SCALE_MISMATCH: {
    level: 'warning',
    found: 'design',
    summary: 'Measures on one axis differ a hundredfold; the small ones are flat.',
    fix: 'Use two charts, or a layer with its own axis.',
  },
  REDUNDANT_COLOR: { level: 'warning', found: 'design', summary: 'Colour repeats what the axis says.', fix: 'Remove color.' },
  MISSING_TITLE: { level: 'warning', found: 'design', summary: 'A chart has no title.', fix: 'Say in a title what it shows.' },
  MISSING_NOTES: { level: 'warning', found: 'design', summary: 'The board does not say what it is for.', fix: 'Add notes.' },
  DUPLICATE_QUERY: { level: 'warning', found: 'design', summary: 'Two queries are the same.', fix: 'Keep one and let both charts use it.' },
  TOO_MANY_CHARTS: {
    level: 'warning',
    found: 'design',
    summary: 'More charts than one look takes in.',
    fix: 'Use tabs, or split the board.',
  },
  PIE_ONE_SLICE: { level: 'warning', found: 'design', summary: 'A pie of one slice shows nothing.', fix: 'Use a KPI.' },
  MIXED_FORMATS: {
    level: 'warning',
    found: 'design',
    summary: 'A measure is money in one chart and a share or a plain number in another.',
    fix: 'Write it in one way in all charts.',
  },
  FORMAT_NOT_NAMED: {
    level: 'warning',
    found: 'design',
    summary: 'A d3 format says what a named format says.',
    fix: 'Use the name, so that it is written alike everywhere.',
  },
  MISSING_UNIT: {
    level: 'warning',
    found: 'design',
    summary: 'A measure has a unit, and nothing says which.',
    fix: 'Say it in the title, the label or the format: "Delay, minutes".',
  },
  SELECT_STAR: {
    level: 'warning',
    found: 'design',
    summary: 'A query takes whatever columns there are.',
    fix: 'Name the columns that the charts use.',
  },
  LIMIT_WITHOUT_ORDER: {
    level: 'warning',
    found: 'data',
    summary: 'A query is cut by LIMIT, and nothing says which rows are kept.',
    fix: 'Add ORDER BY.',
  },
  KPI_NOT_FIRST: { level: 'warning', found: 'design', summary: 'KPIs stand below charts.', fix: 'Put the row of KPIs first.' },
  LOW_CONTRAST: {
    level: 'warning',
    found: 'design',
    summary: 'Text is hard to read on its background.',
    fix: 'Use a colour with a contrast of at least 4.5.',
  },

  TEXT_TRUNCATED: {
    level: 'warning',
    found: 'fit',
    summary: 'Text is cut because it has no room.',
    fix: 'Shorten it, or give it more room.',
  },
  LABELS_COLLIDE: {
    level: 'warning',
    found: 'fit',
    summary: 'Labels of an axis have no room and some are left out.',
    fix: 'Turn the chart, widen it, or show fewer.',
  },
  CHART_TOO_SMALL: {
    level: 'warning',
    found: 'fit',
    summary: 'A chart has too little room to be read.',
    fix: 'Give it more width or height.',
  },
  TABLE_CUT: {
    level: 'warning',
    found: 'fit',
    summary: 'A picture shows the first rows of a table only.',
    fix: 'Open the page, or download the rows.',
  },
} as const satisfies Record<string, DiagnosticDefinition>

export type BoardDiagnosticCode = keyof typeof diagnosticDefinitions

export const diagnosticCodes = Object.keys(diagnosticDefinitions) as [BoardDiagnosticCode, ...BoardDiagnosticCode[]]

export const boardDiagnosticSchema = z.object({
  level: z.enum(['error', 'warning']),
  code: z.string().describe('SCREAMING_SNAKE; new codes may appear.'),
  message: z.string(),
  fix: z.string().optional().describe('What to do.'),
  file: z.string().describe('Relative to the project.'),
  line: z.int().min(1),
  column: z.int().min(1),
  chart: z.string().optional(),
  query: z.string().optional(),
})

export type BoardDiagnostic = z.output<typeof boardDiagnosticSchema>
