import { templateLimits } from './budget.ts'
import type { Token } from './read-tokens.ts'
import { Refusal, TemplateFault, type TemplateText } from './template-fault.ts'

/** Reads the words between one pair of braces, in order. */
export class TokenCursor {
  readonly #template: TemplateText
  readonly #tokens: readonly Token[]
  readonly #end: number
  #next = 0
  #depth: number
  #links = 0

  /** `depth` is how many blocks stand around. */
  constructor(template: TemplateText, tokens: readonly Token[], end: number, depth: number) {
    this.#template = template
    this.#tokens = tokens
    this.#end = end
    this.#depth = depth
  }

  /** Where the next word begins. */
  get at(): number {
    return this.#tokens[this.#next]?.at ?? this.#end
  }

  /** Whether a symbol or keyword comes next. */
  sees(text: string): boolean {
    const token = this.#tokens[this.#next]
    return token !== undefined && token.text === text && (token.kind === 'symbol' || token.kind === 'name')
  }

  /** Takes a symbol or keyword when it comes next. */
  takes(...texts: string[]): boolean {
    const isNext = texts.every((text, index) => {
      const token = this.#tokens[this.#next + index]
      return token?.text === text && token.kind !== 'string'
    })
    if (isNext) this.#next += texts.length
    return isNext
  }

  /** Takes one of several symbols or keywords, or gives undefined. */
  takeOne<const Text extends string>(texts: readonly Text[]): Text | undefined {
    return texts.find((text) => this.takes(text))
  }

  take(kind: Token['kind']): Token | undefined {
    const token = this.#tokens[this.#next]
    if (token?.kind !== kind) return undefined
    this.#next++
    return token
  }

  expect(text: string): void {
    if (!this.takes(text)) throw this.fault(`${text} is expected`)
  }

  expectName(what: string): Token {
    return this.take('name') ?? this.fail(`${what} is expected`)
  }

  expectEnd(): void {
    if (this.#next < this.#tokens.length) throw this.fault('The end is expected')
  }

  /** Reads what may hold itself. Throws a fault when it does so too often. */
  nested<T>(read: () => T): T {
    if (++this.#depth > templateLimits.maxDepth)
      throw new TemplateFault(new Refusal(`More than ${templateLimits.maxDepth} levels stand within each other.`), this.#template, this.at)
    const result = read()
    this.#depth--
    return result
  }

  /** Counts a part that is put around those before it: what is read without depth is evaluated with it. */
  link(): void {
    if (++this.#links > templateLimits.maxLinks)
      throw new TemplateFault(
        new Refusal(`More than ${templateLimits.maxLinks} operators stand in one expression.`),
        this.#template,
        this.at,
      )
  }

  fault(message: string): TemplateFault {
    const token = this.#tokens[this.#next]
    const found = token === undefined ? 'the end' : this.#template.text.slice(token.at, Math.min(token.end, token.at + 40))
    return new TemplateFault(new Refusal(`${message}, and ${found} is there.`), this.#template, this.at)
  }

  fail(message: string): never {
    throw this.fault(message)
  }
}
