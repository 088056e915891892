/** A whole board that uses most of what the language has, with its rows in itself: the reference begins with it, and a test runs it. */
export const exampleBoard = `title: Coffee shops{% if region %} in {{ region }}{% endif %}
notes: What three shops earn by month, for the weekly meeting.
theme: clarity

variables:
  region: { label: Region, options: [North, South] }

queries:
  months:
    columns: [month, shop, revenue, visits]
    values:
      - [2026-01-01, Harbour, 41200, 3100]
      - [2026-01-01, Station, 38900, 4200]
      - [2026-02-01, Harbour, 44100, 3300]
      - [2026-02-01, Station, 37200, 4050]
      - [2026-03-01, Harbour, 47800, 3500]
      - [2026-03-01, Station, 40300, 4400]
  goals:
    columns: [month, goal]
    values: [[2026-01-01, 82000], [2026-02-01, 83000], [2026-03-01, 84000]]
  total:
    rows: [{ revenue: 249500, growth: 0.082 }]
  shops:
    rows:
      - { shop: Harbour, state: WA, revenue: 133100, share: 0.53 }
      - { shop: Station, state: OR, revenue: 116400, share: 0.47 }

charts:
  revenue:
    type: kpi
    query: total
    label: Revenue
    value: revenue
    support: { value: growth, label: against last year, format: percent_delta, tone: positive }
    style: { value: { format: currency_whole } }
  by_month:
    type: bar
    query: months
    title: Revenue by month
    x: month
    y: revenue
    color: shop
    style:
      stack: zero
      number_format: currency
      axis_x: { labels: { time_unit: month } }
      marks: { bar: { total_label: { visible: true } } }
    layers:
      - { type: line, query: goals, y: goal, label: Goal, style: { marks: { line: { dash: [4, 3] } } } }
    support_table:
      - { aggregate: sum, source: visits, label: Visits, format: integer }
  places:
    type: map
    query: shops
    title: Where it is earned
    geo_source: us-states
    lookup: state
    value: revenue
    style: { number_format: currency }
  list:
    type: table
    query: shops
    title: Shops
    style:
      columns:
        state: { visible: false }
        revenue: { format: currency_whole }
        share: { label: Share, format: percent, spark: { type: bar, max: 1 } }
    conditional_formatting:
      share: { when: [{ gte: 0.5, glyph: "▲", tone: positive }] }

rows:
  - cols: [revenue, list]
  - by_month
  - places
  - text: |
      Goals are **set each quarter**.
`
