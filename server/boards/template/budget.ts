import { Refusal } from './template-fault.ts'
import { type TemplateValue, weightOf } from './value.ts'

/** What a template may be and do. Each is far above what a board needs, and far below what would be felt. */
export const templateLimits = {
  /** Of the text of a template, in UTF-16 units. */
  maxChars: 100_000,
  /** Of blocks, parentheses and queries within each other. */
  maxDepth: 50,
  /** Of operators, filters, members and calls in one expression, which may stand in a row. */
  maxLinks: 500,
  /** Evaluated parts, a round of a loop counting each part anew. */
  maxSteps: 100_000,
  /** Elements of a list, those of lists within it too; see `weightOf`. */
  maxItems: 10_000,
  /** Of one text. */
  maxTextChars: 1_000_000,
  /** Of all texts that come into being, those in between too. */
  maxProducedChars: 10_000_000,
  /** What `execute_query` takes, see its contract. */
  maxParams: 1000,
} as const

/** Counts what a template does, so that every template ends, and soon. One budget serves a template and the queries that it uses. */
export class Budget {
  #steps = 0
  #chars = 0

  /** Throws a refusal when the template has taken too many steps. */
  step(count = 1): void {
    this.#steps += count
    if (this.#steps > templateLimits.maxSteps) throw new Refusal(`The template takes more than ${templateLimits.maxSteps} steps.`)
  }

  /** Throws a refusal before a text comes into being that is too long, alone or with those before it. */
  produce(chars: number): void {
    this.#chars += chars
    if (chars > templateLimits.maxTextChars || this.#chars > templateLimits.maxProducedChars)
      throw new Refusal(`The template makes a text of more than ${templateLimits.maxTextChars} characters, or too many texts.`)
  }

  /** Counts a value that is at hand now: what is done with it takes as long as it is large. */
  use(value: TemplateValue): void {
    if (typeof value === 'string') this.produce(value.length)
    else if (typeof value === 'object' && value !== null) this.list(weightOf(value))
  }

  /** Throws a refusal before a list comes into being that is too long. */
  list(items: number): void {
    if (items > templateLimits.maxItems) throw new Refusal(`The template makes a list of more than ${templateLimits.maxItems} elements.`)
    this.step(Math.ceil(items / 100))
  }
}
