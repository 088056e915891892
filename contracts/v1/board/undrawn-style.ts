import type { ChartType } from './charts.ts'

/**
 * Keys of style that the language takes, since boards of other products have them, and that change nothing in the picture of a
 * chart of the type. Using one is the finding STYLE_NOT_APPLIED. A path covers what is under it; `*` stands for any letters of
 * a key, `**` for any keys before. A test draws every key of every type and holds this list to what it sees.
 */

/** Paths, one after the other. */
const keys = (paths: string): string[] => paths.trim().split(/\s+/)

const everywhere = ['**.font.family', '**.font.decoration', '**.font.case', '**.font.line_height']

/** Of the card that a chart stands in. */
const card = [
  ...keys(`
    border.line_cap border.dash_offset margin title.level title.subtitle.overflow title.compact_weight title.sizes
    title.width_offsets title.min_height title.overflow title.position subtitle.level subtitle.subtitle
    subtitle.compact_weight subtitle.sizes subtitle.width_offsets subtitle.min_height subtitle.overflow
    subtitle.position preferred_width
  `),
]

/** Of all charts with a plot. */
const plot = ['font', 'marks.slice', 'marks.circle', 'marks.rule', 'min_width', 'projection', 'basemap']

/** Of charts with axes. */
const axes = [
  ...keys(`
    marks.geoshape max_bars bar label count axis*.title.font.align axis*.labels.overlap.tilt axis*.labels.font.align
    axis*.labels.expr axis*.labels.clock axis*.labels.tilt_increments axis*.grid.threshold axis*.grid.zero axis*.type axis*.fill
    axis*.fiscal_year_start_month axis*.band_position
  `),
]

/** Of charts whose marks make series. */
const series = [
  ...keys(`
    legend.title.font.align legend.compact_columns legend.label.font.align marks.rect marks.text labels.font.align
    labels.offset labels.line_height labels.default_template cell_padding bin_maxbins axis.mirror.expr
    axis_y.mirror.expr axis_quantitative.mirror.expr axis_x.mirror axis_y.labels.time_unit axis_y.labels.values
    axis_y.ticks.time_unit axis_y.time_unit
  `),
]

/** Of lines and areas. */
const lines = [
  ...keys(`
    legend.title.visible color.gradient marks.bar marks.line.size marks.line.radius marks.line.connect
    marks.line.visible marks.line.labels.font.align marks.line.labels.offset marks.line.labels.line_height
    marks.line.labels.default_template marks.line.total_label marks.line.border marks.line.band_width marks.line.padding
    marks.line.gap marks.line.min_size marks.line.max_size marks.line.corner_radius marks.line.shape marks.line.filled
    marks.line.fill marks.line.stroke_width marks.line.halo_multiplier marks.line.disconnected_cap marks.line.backdrop
    marks.line.stacked marks.line.font marks.line.align marks.area.size marks.area.width marks.area.stroke
    marks.area.radius marks.area.connect marks.area.dash marks.area.visible marks.area.labels.font.align
    marks.area.labels.offset marks.area.labels.line_height marks.area.labels.default_template marks.area.total_label
    marks.area.border marks.area.band_width marks.area.padding marks.area.gap marks.area.min_size marks.area.max_size
    marks.area.corner_radius marks.area.shape marks.area.filled marks.area.fill marks.area.stroke_width
    marks.area.halo_multiplier marks.area.disconnected_cap marks.area.backdrop marks.area.stacked marks.area.font
    marks.area.align marks.point.width marks.point.radius marks.point.interpolate marks.point.curve marks.point.connect
    marks.point.dash marks.point.labels.font.align marks.point.labels.offset marks.point.labels.line_height
    marks.point.labels.default_template marks.point.total_label marks.point.border marks.point.band_width
    marks.point.padding marks.point.gap marks.point.min_size marks.point.max_size marks.point.corner_radius
    marks.point.halo_multiplier marks.point.disconnected_cap marks.point.backdrop marks.point.stacked marks.point.font
    marks.point.align orientation stack_order overlap support_table.font.align support_table.label.font.align
    support_table.divider support_table.row support_table.padding_top support_table.padding_bottom
    support_table.label_max_lines axis_x.scale.continuous.zero axis_x.scale.continuous.type axis_x.scale.continuous.log
    axis_x.scale.continuous.pow axis_x.scale.continuous.symlog axis_x.scale.clamp axis_band.scale.clamp
    axis_x.scale.round axis_band.scale.round axis_x.scale.headroom axis_band.scale.headroom axis_band.mirror
    axis_band.labels.time_unit axis_band.labels.values axis_band.ticks.time_unit axis_band.time_unit
    axis_band.labels.format axis_band.ticks.count axis_band.ticks.step axis_band.scale.continuous axis_band.scale.domain
    axis_band.scale.nice axis_band.scale.padding axis_band.scale.values
  `),
]

/** Of maps. */
const maps = [
  ...keys(`
    time_format axis axis_x axis_y axis_band axis_quantitative legend.title.font.align legend.compact_columns
    legend.label.font.align marks.bar marks.line marks.area marks.rect marks.text labels endpoint_labels orientation
    stack stack_order overlap support_table cell_padding bin_maxbins max_bars bar label count
  `),
]

/** Of pies and donuts. */
const pies = [
  ...keys(`
    legend.title.visible legend.title.font.align legend.compact_columns legend.label.font.align color.static
    color.categorical.single_series_palette color.gradient marks.bar marks.line marks.area marks.point marks.slice.color
    marks.slice.size marks.slice.width marks.slice.interpolate marks.slice.curve marks.slice.connect marks.slice.dash
    marks.slice.visible marks.slice.labels.position marks.slice.labels.font.align marks.slice.labels.field
    marks.slice.labels.dx marks.slice.labels.dy marks.slice.labels.default_template marks.slice.total_label
    marks.slice.border marks.slice.band_width marks.slice.padding marks.slice.min_size marks.slice.max_size
    marks.slice.shape marks.slice.filled marks.slice.fill marks.slice.stroke_width marks.slice.halo_multiplier
    marks.slice.disconnected_cap marks.slice.backdrop marks.slice.stacked marks.slice.font marks.slice.align marks.rect
    marks.geoshape marks.circle marks.text marks.rule labels.position labels.font.align labels.field labels.dx labels.dy
    labels.default_template
  `),
]

const areaMap = [
  ...everywhere,
  ...card,
  ...plot,
  ...maps,
  ...keys(`
    legend.values color.static color.categorical marks.point marks.geoshape.color marks.geoshape.size
    marks.geoshape.width marks.geoshape.radius marks.geoshape.interpolate marks.geoshape.curve marks.geoshape.connect
    marks.geoshape.dash marks.geoshape.visible marks.geoshape.labels marks.geoshape.total_label marks.geoshape.border
    marks.geoshape.band_width marks.geoshape.padding marks.geoshape.gap marks.geoshape.min_size marks.geoshape.max_size
    marks.geoshape.corner_radius marks.geoshape.shape marks.geoshape.filled marks.geoshape.stroke_width
    marks.geoshape.halo_multiplier marks.geoshape.disconnected_cap marks.geoshape.backdrop marks.geoshape.stacked
    marks.geoshape.font marks.geoshape.align
  `),
]

const pointMap = [
  ...everywhere,
  ...card,
  ...plot,
  ...maps,
  ...keys(`
    legend.title.visible color.gradient marks.point.width marks.point.radius marks.point.interpolate marks.point.curve
    marks.point.connect marks.point.dash marks.point.visible marks.point.labels marks.point.total_label
    marks.point.border marks.point.band_width marks.point.padding marks.point.gap marks.point.min_size
    marks.point.max_size marks.point.corner_radius marks.point.halo_multiplier marks.point.disconnected_cap
    marks.point.backdrop marks.point.stacked marks.point.font marks.point.align marks.geoshape
  `),
]

export const undrawnStyle: Readonly<Record<ChartType, readonly string[]>> = {
  bar: [
    ...everywhere,
    ...card,
    ...plot,
    ...axes,
    ...series,
    ...keys(`
    legend.title.visible color.gradient marks.bar.interpolate marks.bar.curve marks.bar.connect marks.bar.dash
    marks.bar.visible marks.bar.labels.font.align marks.bar.labels.offset marks.bar.labels.line_height
    marks.bar.labels.default_template marks.bar.total_label.font.align marks.bar.border.line_cap
    marks.bar.border.dash_offset marks.bar.padding marks.bar.gap marks.bar.min_size marks.bar.max_size marks.bar.shape
    marks.bar.filled marks.bar.fill marks.bar.stroke_width marks.bar.halo_multiplier marks.bar.disconnected_cap
    marks.bar.backdrop marks.bar.stacked marks.bar.font marks.bar.align marks.line marks.area marks.point
    endpoint_labels support_table.font.align support_table.label.font.align support_table.divider
    support_table.row support_table.padding_top support_table.padding_bottom support_table.label_max_lines
    axis_x.scale.continuous axis_band.scale.continuous axis_x.scale.domain axis_band.scale.domain axis_x.scale.nice
    axis_band.scale.nice axis_x.scale.clamp axis_band.scale.clamp axis_x.scale.round axis_band.scale.round
    axis_x.scale.padding axis_band.scale.padding axis_x.scale.headroom axis_band.scale.headroom axis_band.mirror
    axis_quantitative.labels.time_unit axis_quantitative.labels.values axis_quantitative.ticks.time_unit
    axis_quantitative.time_unit
  `),
  ],
  histogram: [
    ...everywhere,
    ...card,
    ...plot,
    ...axes,
    ...keys(`
    time_format axis_band legend color.categorical.palette color.gradient marks.bar.size marks.bar.width
    marks.bar.interpolate marks.bar.curve marks.bar.connect marks.bar.dash marks.bar.visible marks.bar.labels
    marks.bar.total_label marks.bar.border.radius marks.bar.border.line_cap marks.bar.border.dash_offset
    marks.bar.band_width marks.bar.padding marks.bar.gap marks.bar.min_size marks.bar.max_size marks.bar.corner_radius
    marks.bar.shape marks.bar.filled marks.bar.fill marks.bar.stroke_width marks.bar.halo_multiplier
    marks.bar.disconnected_cap marks.bar.backdrop marks.bar.stacked marks.bar.font marks.bar.align marks.line marks.area
    marks.point marks.rect marks.text labels endpoint_labels orientation stack stack_order overlap support_table
    cell_padding axis*.labels.time_unit axis*.labels.values axis*.ticks.time_unit axis*.mirror axis*.time_unit
    axis_x.scale.continuous axis_x.scale.domain axis_x.scale.nice axis_x.scale.clamp axis_x.scale.round
    axis_x.scale.padding axis_x.scale.headroom axis_y.labels.format
  `),
  ],
  line: [
    ...everywhere,
    ...card,
    ...plot,
    ...axes,
    ...series,
    ...lines,
    'marks.area.color',
    'marks.area.opacity',
    'endpoint_labels.label_offset',
    'endpoint_labels.height',
    'stack',
  ],
  area: [
    ...everywhere,
    ...card,
    ...plot,
    ...axes,
    ...series,
    ...lines,
    'marks.line.opacity',
    'endpoint_labels.label_offset',
    'endpoint_labels.height',
  ],
  scatter: [
    ...everywhere,
    ...card,
    ...plot,
    ...axes,
    ...series,
    ...keys(`
    axis_band color.gradient.null_color marks.bar marks.line marks.area marks.point.width marks.point.radius
    marks.point.interpolate marks.point.curve marks.point.connect marks.point.dash marks.point.visible
    marks.point.labels.font.align marks.point.labels.offset marks.point.labels.line_height
    marks.point.labels.default_template marks.point.total_label marks.point.border marks.point.band_width
    marks.point.padding marks.point.gap marks.point.min_size marks.point.max_size marks.point.corner_radius
    marks.point.halo_multiplier marks.point.disconnected_cap marks.point.backdrop marks.point.stacked marks.point.font
    marks.point.align endpoint_labels orientation stack overlap support_table axis_x.scale.continuous.log
  `),
  ],
  heatmap: [
    ...everywhere,
    ...card,
    ...plot,
    ...axes,
    ...keys(`
    time_format axis_quantitative legend.values legend.title.font.align legend.compact_columns legend.label.font.align
    color.static color.categorical color.gradient.null_color marks.bar.color marks.bar.opacity marks.bar.size
    marks.bar.width marks.bar.stroke marks.bar.radius marks.bar.interpolate marks.bar.curve marks.bar.connect
    marks.bar.dash marks.bar.visible marks.bar.labels.format marks.bar.labels.template marks.bar.labels.where
    marks.bar.labels.position marks.bar.labels.font marks.bar.labels.field marks.bar.labels.dx marks.bar.labels.dy
    marks.bar.labels.offset marks.bar.labels.line_height marks.bar.labels.default_template marks.bar.total_label
    marks.bar.border marks.bar.band_width marks.bar.padding marks.bar.gap marks.bar.min_size marks.bar.max_size
    marks.bar.corner_radius marks.bar.shape marks.bar.filled marks.bar.fill marks.bar.stroke_width
    marks.bar.halo_multiplier marks.bar.disconnected_cap marks.bar.backdrop marks.bar.stacked marks.bar.font
    marks.bar.align marks.line marks.area marks.point marks.rect.color marks.rect.size marks.rect.width
    marks.rect.interpolate marks.rect.curve marks.rect.connect marks.rect.dash marks.rect.visible
    marks.rect.labels.format marks.rect.labels.template marks.rect.labels.where marks.rect.labels.position
    marks.rect.labels.font marks.rect.labels.field marks.rect.labels.dx marks.rect.labels.dy marks.rect.labels.offset
    marks.rect.labels.line_height marks.rect.labels.default_template marks.rect.total_label marks.rect.border.radius
    marks.rect.border.line_cap marks.rect.border.dash_offset marks.rect.band_width marks.rect.padding marks.rect.gap
    marks.rect.min_size marks.rect.max_size marks.rect.shape marks.rect.filled marks.rect.fill marks.rect.stroke_width
    marks.rect.halo_multiplier marks.rect.disconnected_cap marks.rect.backdrop marks.rect.stacked marks.rect.font
    marks.rect.align marks.text.color marks.text.opacity marks.text.size marks.text.width marks.text.stroke
    marks.text.radius marks.text.interpolate marks.text.curve marks.text.connect marks.text.dash marks.text.visible
    marks.text.labels.format marks.text.labels.template marks.text.labels.where marks.text.labels.position
    marks.text.labels.font marks.text.labels.field marks.text.labels.dx marks.text.labels.dy marks.text.labels.offset
    marks.text.labels.line_height marks.text.labels.default_template marks.text.total_label marks.text.border
    marks.text.band_width marks.text.padding marks.text.gap marks.text.min_size marks.text.max_size
    marks.text.corner_radius marks.text.shape marks.text.filled marks.text.fill marks.text.stroke_width
    marks.text.halo_multiplier marks.text.disconnected_cap marks.text.backdrop marks.text.stacked marks.text.font
    marks.text.align labels.format labels.template labels.where labels.position labels.font labels.field labels.dx
    labels.dy labels.offset labels.line_height labels.default_template endpoint_labels orientation stack stack_order
    overlap support_table bin_maxbins axis*.labels.format axis*.labels.time_unit axis*.labels.values axis*.ticks.count
    axis*.ticks.time_unit axis*.ticks.step axis*.scale axis*.mirror axis*.time_unit
  `),
  ],
  spark_bar: [
    ...everywhere,
    ...card,
    ...plot,
    ...keys(`
    time_format axis axis_x axis_y axis_band axis_quantitative legend color.categorical.palette color.gradient
    marks.bar.size marks.bar.width marks.bar.stroke marks.bar.radius marks.bar.interpolate marks.bar.curve
    marks.bar.connect marks.bar.dash marks.bar.visible marks.bar.labels marks.bar.total_label marks.bar.border
    marks.bar.band_width marks.bar.padding marks.bar.gap marks.bar.min_size marks.bar.max_size marks.bar.corner_radius
    marks.bar.shape marks.bar.filled marks.bar.fill marks.bar.stroke_width marks.bar.halo_multiplier
    marks.bar.disconnected_cap marks.bar.backdrop marks.bar.stacked marks.bar.font marks.bar.align marks.line marks.area
    marks.point marks.rect marks.geoshape marks.text labels endpoint_labels orientation stack stack_order overlap
    support_table cell_padding bin_maxbins bar.padding bar.background count.width
  `),
  ],
  pie: [...everywhere, ...card, ...pies, 'total'],
  donut: [...everywhere, ...card, ...pies, 'total.value.font.align', 'total.label.font.align'],
  kpi: [
    ...everywhere,
    ...keys(`
    border.line_cap border.dash_offset margin value.font.align value.visible label.format label.font.align
    support.font.align font.align glyph.font.size glyph.font.align affix title preferred_width min_card_width
    default_height content_padding
  `),
  ],
  table: [
    ...everywhere,
    ...card,
    ...keys(`
    columns.*.header_overflow columns.*.scale.background.nice columns.*.scale.color.nice
    columns.*.spark.min_max_visible columns.*.spark.thresholds columns.*.spark.negative_color
    column_defaults.link column_defaults.header_link
    column_defaults.header_overflow column_defaults.scale.background.nice column_defaults.scale.color.nice
    column_defaults.spark.type column_defaults.spark.min_max_visible column_defaults.spark.thresholds
    column_defaults.spark.negative_color color.gradient header.font.style header.font.align header.font_compact
    header.overflow header.rule header_overflow row.rule.continuous row.roles rule.continuous outer_padding
    bottom_padding column_layout title_row wrap paginator more_rows empty_state spark text_baseline_offset
    title_subtitle_gap
  `),
  ],
  callout: [
    ...everywhere,
    ...keys(`
    border.dash_array border.line_cap border.dash_offset margin font.style title.font.style title.font.align title.level
    title.subtitle title.compact_weight title.sizes title.width_offsets title.min_height title.overflow title.position
    title.y_offset message.font.weight message.font.style message.y_offset column preferred_width section_gap
  `),
  ],
  map: areaMap,
  geoshape: areaMap,
  point_map: pointMap,
  bubble_map: pointMap,
}

/** The same of the style of a board; what it says of its charts is told by their type. */
export const undrawnBoardStyle: readonly string[] = [
  ...everywhere,
  ...keys(`
    margin border.dash_array border.line_cap border.dash_offset box_shadow font.size font.weight font.style font.align
    font.emoji frame.card_padding title.subtitle title.compact_weight title.sizes title.width_offsets title.min_height
    title.overflow title.position title.font.style text.column text.paragraph text.heading text.code text.blockquote
    text.bold text.rule text.font.weight text.font.style text.font.align placeholder layout.align layout.tabs
    layout.details layout.grid.columns variables.position variables.gap variables.label_position
    variables.title_inline_band_bottom_pad variables.title_inline_title_max_width variables.font variables.label
    variables.value variables.placeholder variables.container_height variables.border variables.control_gap
    variables.input footer.link footer.y_offset footer.rule footer.font.style footer.font.align timestamp charts.tooltip
    charts.hover_emphasis charts.dashes charts.default_chart_height charts.default_table_height
    charts.label_usable_ratio charts.view charts.series_label charts.font
  `),
]
