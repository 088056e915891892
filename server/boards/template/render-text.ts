import { Budget } from './budget.ts'
import { evaluate } from './evaluate.ts'
import { parseTemplate } from './parse-template.ts'
import { standardFunctions } from './standard-functions.ts'
import type { TemplateText } from './template-fault.ts'
import { Namespace, type TemplateValue, textOf } from './value.ts'

/**
 * Renders a title, a label, a link or Markdown. A value that is null is empty, and counts as not defined. Values are put
 * in as they are: who paints Markdown or HTML escapes them. `{{ queries.name }}`, which texts quote to explain SQL, stays as
 * it is written. Throws a fault for what cannot be rendered.
 */
export const renderText = (text: string, values: ReadonlyMap<string, TemplateValue>): string => {
  if (!/\{[{%#]/.test(text)) return text
  const template: TemplateText = { text }
  const budget = new Budget()
  const parts: string[] = []
  const write = (part: string): void => {
    budget.produce(part.length)
    parts.push(part)
  }
  evaluate(parseTemplate(template), {
    template,
    names: new Map<string, TemplateValue>([['queries', asWritten], ...values]),
    functions: new Map(standardFunctions(budget)),
    budget,
    output: { text: write, value: (value) => write(textOf(value)) },
    captures: true,
    isSql: false,
  })
  return parts.join('')
}

const asWritten = new Namespace('queries', (name) => `{{ queries.${name} }}`)
