import { Budget } from './budget.ts'
import { evaluate } from './evaluate.ts'
import { parseExpression } from './parse-expression.ts'
import { parseTemplate } from './parse-template.ts'
import { readTokens } from './read-tokens.ts'
import { standardFunctions } from './standard-functions.ts'
import type { TemplatePart } from './syntax.ts'
import type { TemplateText } from './template-fault.ts'
import { TokenCursor } from './token-cursor.ts'
import { isTrue, type TemplateValue } from './value.ts'

/**
 * Whether an expression such as `region`, `region == 'North'` or `{{ region is defined }}` is true, as `visible` and
 * `enabled` take it. Throws a fault when it cannot be evaluated.
 */
export const evaluateCondition = (text: string, values: ReadonlyMap<string, TemplateValue>): boolean => {
  const template: TemplateText = { text }
  const budget = new Budget()
  const results: TemplateValue[] = []
  evaluate(parseCondition(template), {
    template,
    names: values,
    functions: new Map(standardFunctions(budget)),
    budget,
    output: {
      text: (part) => {
        if (part.trim() !== '') results.push(!['false', 'no', '0'].includes(part.trim().toLowerCase()))
      },
      value: (value) => results.push(value === 'false' ? false : value),
    },
    captures: true,
    isSql: false,
  })
  return results.length > 0 && results.every(isTrue)
}

/** Reads a condition: a template, or an expression without braces. Throws a fault for what is neither. */
export const parseCondition = (template: TemplateText): readonly TemplatePart[] =>
  template.text.includes('{{') || template.text.includes('{%') ? parseTemplate(template) : [parseWhole(template)]

const parseWhole = (template: TemplateText): TemplatePart => {
  const end = template.text.length
  const cursor = new TokenCursor(template, readTokens(template, 0, end), end, 0)
  const value = parseExpression(cursor)
  cursor.expectEnd()
  return { kind: 'output', at: 0, value }
}
