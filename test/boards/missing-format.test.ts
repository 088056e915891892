/** Whether a reader knows what the figures of a measure are: by their format, or by what stands beside them. */
import { describe, expect, test } from 'vitest'
import { missingFormat } from '../../server/boards/charts/missing-format.ts'

const told = (column: string, text: string, values: readonly unknown[], type: 'bar' | 'kpi' | 'table' = 'bar'): string | undefined =>
  missingFormat({ type, column, values, texts: [undefined, text] })?.fix

describe('what a text says needs no format', () => {
  test.each<[string, string, readonly unknown[]]>([
    ['share', 'Share of flights (%)', [40.5, 60]],
    ['on_time_rate', 'On-time rate, %', [82, 91.5]],
    ['win_rate', 'Win rate in percent', ['50.2']],
    ['win_rate', '% of deals won', [50.2]],
    ['pct', 'Percentage of visits', [50.2]],
    ['revenue', 'Revenue (USD)', [1200]],
    ['revenue', 'Revenue in $', [1200]],
    ['revenue', 'Revenue, € thousand', [1200]],
    ['sales', 'Sales in dollars', [1200]],
    ['sales', 'Sales, units', [1200]],
    ['budget', 'Budget (hours)', [1200]],
    ['budget', 'Spend in minutes', [1200]],
    ['arrival_rate', 'Arrivals per hour', [12, 20]],
    ['death_rate', 'Deaths per 100,000', [120]],
    ['price_ratio', 'Price in months of pay', [3]],
  ])('%s under "%s"', (column, text, values) => {
    expect(told(column, text, values)).toBeUndefined()
  })
})

describe('what no text says is told', () => {
  test.each<[string, string, readonly unknown[]]>([
    ['share', 'Share of flights', [0.4, 0.6]],
    ['share', 'Share of flights', [40, 60]],
    ['on_time_rate', 'On-time rate per carrier', [0.8]],
    ['churn_rate', 'Churn per month', [0.02]],
    ['revenue', 'Revenue', [1200]],
    ['revenue', 'Revenue per region', [1200]],
    ['revenue', 'Revenue, last 30 days', [1200]],
    ['revenue', 'Revenue by region (2024)', [1200]],
    ['revenue', 'Revenue and share, %', [1200]],
    ['share', 'Revenue (USD) and share', [0.2]],
  ])('%s under "%s"', (column, text, values) => {
    expect(told(column, text, values)).toMatch(/^(Set|Divide by 100 in the query and set) style\./)
  })
})

test('shares of 1 under a text that says % read as other figures', () => {
  expect(told('share', 'Share of flights (%)', [0.4, 0.6])).toBe('Set style.number_format: percent.')
  expect(told('share', 'Share of flights (%)', [0, 1])).toBeUndefined()
})

test('the fix names the key of its chart, and the format that fits the values', () => {
  expect(told('share', 'T', [0.5], 'kpi')).toBe('Set style.value.format: percent, or say the unit in the title.')
  expect(told('share', 'T', [50], 'table')).toBe('Set style.columns.share.format: percent_number, or say the unit in the title.')
  expect(told('share', 'T', [50])).toMatch(/^Divide by 100 in the query and set style.number_format: percent,/)
  expect(told('revenue', 'T', [50], 'table')).toMatch(/^Set style.columns.revenue.format: currency_whole,/)
})

test('other names speak of neither', () => {
  for (const name of ['orders', 'delay', 'priced', 'shared', 'moderate']) expect(told(name, 'T', [1])).toBeUndefined()
})
