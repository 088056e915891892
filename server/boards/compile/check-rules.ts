import type { Chart, ConditionalFormatting } from '../../../contracts/v1/board/charts.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import type { Compiling } from './compile-board.ts'

type Rule = ConditionalFormatting[string]['when'][number]

const tests = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'between', 'in', 'is_null', 'default'] as const satisfies (keyof Rule)[]

/** Rules of a chart that never apply, apply otherwise than they read, or change nothing. `path` leads to the chart. */
export const checkRules = (id: string, chart: Pick<Chart, 'type'>, path: readonly PropertyKey[], { report }: Compiling): void => {
  const {
    type,
    value,
    conditional_formatting: columns,
    style,
  } = chart as {
    readonly type: Chart['type']
    readonly value?: string
    readonly conditional_formatting?: ConditionalFormatting
    readonly style?: {
      readonly glyph?: unknown
      readonly columns?: Readonly<Record<string, { readonly glyph?: unknown }>>
      readonly column_defaults?: { readonly glyph?: unknown }
    }
  }
  for (const [column, { when = [] }] of Object.entries(columns ?? {})) {
    const at = [...path, 'conditional_formatting', column]
    const tell = (code: 'WRONG_VALUE' | 'STYLE_NOT_APPLIED', keys: readonly PropertyKey[], message: string, fix: string): void => {
      report(code, [...at, ...keys], message, fix, { chart: id })
    }
    if (type === 'kpi' && value !== undefined && column !== value)
      tell(
        'STYLE_NOT_APPLIED',
        [],
        `A KPI is formatted by its value, "${value}", and not by "${column}".`,
        `Write the rules under ${value}.`,
      )
    const glyph = style?.glyph ?? style?.column_defaults?.glyph ?? entryOf(style?.columns ?? {}, column)?.glyph
    const last = when.findIndex((rule) => rule.default === true)
    for (const [index, rule] of when.entries()) {
      const fault = faultOf(rule)
      if (fault !== undefined) tell('WRONG_VALUE', ['when', index], ...fault)
      else if (last >= 0 && index > last)
        tell('STYLE_NOT_APPLIED', ['when', index], 'The rule comes after default, which takes every value.', 'Put default last.')
      const key = rule.tone !== undefined ? 'tone' : rule.glyph_color !== undefined ? 'glyph_color' : undefined
      if (key !== undefined && rule.glyph === undefined && glyph === undefined)
        tell(
          'STYLE_NOT_APPLIED',
          ['when', index, key],
          `${key} is the colour of a glyph, and the rule has none.`,
          'Add glyph, or use background or font.color.',
        )
    }
  }
}

/** Why a rule cannot be meant as it is written, and what to write. */
const faultOf = (rule: Rule): readonly [message: string, fix: string] | undefined => {
  const [test, ...others] = tests.filter((key) => rule[key] !== undefined)
  if (test === undefined)
    return ['The rule has no test, and never applies.', `Add one of ${tests.join(', ')}; default: true takes what no rule before it does.`]
  if (others.length > 0)
    return [
      `The rule has several tests: ${[test, ...others].join(' and ')}.`,
      'Give each rule one test: between: [low, high] is a range, and of several rules the first that fits decides.',
    ]
  const { between } = rule
  if (rule.in?.length === 0) return ['The rule never applies: its list is empty.', 'Write the values it is for.']
  if (between !== undefined && typeof between[0] === typeof between[1] && between[0] > between[1])
    return [`The rule never applies: ${between[0]} is more than ${between[1]}.`, 'Write the lower end first.']
  return undefined
}
