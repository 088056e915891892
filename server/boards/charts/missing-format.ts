import type { Chart } from '../../../contracts/v1/board/charts.ts'
import { toNumber } from '../formats/value-kind.ts'

const money = /(^|_|\b)(revenue|price|cost|amount|sales|spend|profit|mrr|arr|gmv|salary|income|budget|usd|eur)(_|\b|$)/i
const share = /(^|_|\b)(pct|percent|percentage|rate|ratio|share)(_|\b|$)/i

/** Words by which a text says what its figures are. */
const inMoney =
  /[$€£¥₹]|\b(usd|eur|gbp|jpy|chf|cad|aud|nzd|inr|cny|sek|nok|dkk|pln|czk|brl|mxn|zar|dollars?|euros?|pounds?|yen|francs?|cents?|rupees?|yuan|kron[ae]r?|pesos?)\b/i
const inPercent = /%|\b(percent|percentage|per cent|pct)\b/i
const units =
  'milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|hours?|hrs?|h|days?|weeks?|months?|years?|units?|pieces|points|bps|mm|cm|m|km|miles?|feet|inches|kg|grams?|g|tons?|tonnes?|lbs?|litres?|liters?|gb|mb|kb'
/** A unit where a text says one: "Budget (hours)", "Sales, units", "Spend in minutes". */
const inUnits = new RegExp(String.raw`(\(|,\s*|\bin )(${units})\b`, 'i')
/** A rate that is no share: "Arrivals per hour", "Deaths per 100,000". */
const inRates = new RegExp(String.raw`(\bper |/ ?)(\d|hundred|thousand|million|capita|person|(${units})\b)`, 'i')

interface Shown {
  readonly type: Chart['type']
  readonly column: string
  readonly values: readonly unknown[]
  /** What stands beside the figures: title, label, title of the axis. */
  readonly texts: readonly (string | undefined)[]
}

/**
 * What to say of a measure without a format whose name speaks of money or a share; undefined when it does not, or when a text
 * beside it says the unit. Shares of 1 under a text that says % are told even so, for they read as other figures.
 */
export function missingFormat({ type, column, values, texts }: Shown): { readonly message: string; readonly fix: string } | undefined {
  const kind = share.test(column) ? 'a share' : money.test(column) ? 'money' : undefined
  if (kind === undefined) return undefined
  const beside = texts.filter((text) => text !== undefined).join('\n')
  const numbers = values.flatMap((value) => toNumber(value) ?? [])
  const isOfOne = numbers.length > 0 && numbers.every((number) => Math.abs(number) <= 1)
  const slot = type === 'kpi' ? 'style.value.format' : type === 'table' ? `style.columns.${column}.format` : 'style.number_format'
  const orUnit = ', or say the unit in the title.'
  if (inUnits.test(beside)) return undefined
  if (kind === 'money') {
    if (inMoney.test(beside)) return undefined
    return { message: `"${column}" sounds like money, and no format says so.`, fix: `Set ${slot}: currency_whole${orUnit}` }
  }
  const isPercent = inPercent.test(beside)
  if (isPercent && isOfOne && numbers.some((number) => !Number.isInteger(number)))
    return { message: `A text beside "${column}" says %, and its values are shares of 1.`, fix: `Set ${slot}: percent.` }
  if (isPercent || (!isOfOne && inRates.test(beside))) return undefined
  const isText = type === 'kpi' || type === 'table'
  const format = isOfOne
    ? `Set ${slot}: percent`
    : isText
      ? `Set ${slot}: percent_number`
      : `Divide by 100 in the query and set ${slot}: percent`
  return { message: `"${column}" sounds like a share, and no format says so.`, fix: format + orUnit }
}
