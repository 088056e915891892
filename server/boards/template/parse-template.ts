import { nearestName } from '../../envelope/nearest-name.ts'
import { templateLimits } from './budget.ts'
import { parseExpression, parseOr } from './parse-expression.ts'
import { readTokens } from './read-tokens.ts'
import { type Stretch, splitTemplate } from './split-template.ts'
import type { Expression, TemplatePart } from './syntax.ts'
import { Refusal, TemplateFault, type TemplateText } from './template-fault.ts'
import { TokenCursor } from './token-cursor.ts'

/**
 * Reads a template: `{{ }}`, `{# #}`, `{% raw %}`, and the statements if, for and set, with the expressions of Jinja.
 * Throws a fault at the first thing that is none of these.
 */
export const parseTemplate = (template: TemplateText): readonly TemplatePart[] => {
  if (template.text.length > templateLimits.maxChars)
    throw new TemplateFault(new Refusal(`A template has at most ${templateLimits.maxChars} characters.`), template, 0)
  return new TemplateParser(template).parse()
}

const statements = ['if', 'elif', 'else', 'endif', 'for', 'endfor', 'set', 'endset', 'raw', 'endraw']

/** Statements of Jinja that boards do not have. */
const unsupported = ['macro', 'call', 'filter', 'block', 'extends', 'include', 'import', 'from', 'with', 'do', 'autoescape', 'break']

class TemplateParser {
  readonly #template: TemplateText
  readonly #stretches: readonly Stretch[]
  #next = 0
  #depth = 0

  constructor(template: TemplateText) {
    this.#template = template
    this.#stretches = splitTemplate(template)
  }

  parse(): readonly TemplatePart[] {
    const { parts, end } = this.#readParts([])
    if (end !== undefined) throw this.#fault(`{% ${end.word} %} ends no block.`, end.at)
    return parts
  }

  /** Reads up to a statement that begins with one of the words, whose cursor stands behind it then. */
  #readParts(enders: readonly string[]): { parts: TemplatePart[]; end: { word: string; at: number; cursor: TokenCursor } | undefined } {
    const parts: TemplatePart[] = []
    for (;;) {
      const stretch = this.#stretches[this.#next++]
      if (stretch === undefined) return { parts, end: undefined }
      const { kind, start, end } = stretch
      if (kind === 'text') {
        parts.push({ kind, at: start, text: this.#template.text.slice(start, end) })
        continue
      }
      const cursor = new TokenCursor(this.#template, readTokens(this.#template, start, end), end, this.#depth)
      if (kind === 'output') {
        const { at } = cursor
        parts.push({ kind, at, value: this.#readTuple(cursor) })
        cursor.expectEnd()
        continue
      }
      const { at } = cursor
      const word = cursor.expectName('A statement').text
      if (enders.includes(word)) return { parts, end: { word, at, cursor } }
      parts.push(this.#readStatement(word, at, cursor))
    }
  }

  #readStatement(word: string, at: number, cursor: TokenCursor): TemplatePart {
    if (++this.#depth > templateLimits.maxDepth)
      throw this.#fault(`More than ${templateLimits.maxDepth} blocks stand within each other.`, at)
    const part = this.#readBlock(word, at, cursor)
    this.#depth--
    return part
  }

  #readBlock(word: string, at: number, cursor: TokenCursor): TemplatePart {
    switch (word) {
      case 'if':
        return this.#readIf(at, cursor)
      case 'for':
        return this.#readFor(at, cursor)
      case 'set':
        return this.#readSet(at, cursor)
      default:
        throw this.#unknown(word, at)
    }
  }

  #readIf(at: number, cursor: TokenCursor): TemplatePart {
    const test = parseExpression(cursor)
    cursor.expectEnd()
    const { parts: body, end } = this.#readParts(['elif', 'else', 'endif'])
    if (end === undefined) throw this.#fault('{% if %} has no {% endif %}.', at)
    if (end.word === 'elif') return { kind: 'if', at, test, body, otherwise: [this.#readElif(end.at, end.cursor)] }
    end.cursor.expectEnd()
    return { kind: 'if', at, test, body, otherwise: end.word === 'else' ? this.#readRest('if', 'endif', at) : [] }
  }

  /** Each elif is one level deeper. */
  #readElif(at: number, cursor: TokenCursor): TemplatePart {
    return this.#readStatement('if', at, cursor)
  }

  #readFor(at: number, cursor: TokenCursor): TemplatePart {
    const names = [cursor.expectName('A name').text]
    while (cursor.takes(',')) names.push(cursor.expectName('A name').text)
    cursor.expect('in')
    const items = parseOr(cursor)
    const test = cursor.takes('if') ? parseExpression(cursor) : undefined
    cursor.expectEnd()
    const { parts: body, end } = this.#readParts(['else', 'endfor'])
    if (end === undefined) throw this.#fault('{% for %} has no {% endfor %}.', at)
    end.cursor.expectEnd()
    return { kind: 'for', at, names, items, test, body, otherwise: end.word === 'else' ? this.#readRest('for', 'endfor', at) : [] }
  }

  #readSet(at: number, cursor: TokenCursor): TemplatePart {
    const { text: name } = cursor.expectName('A name')
    if (cursor.takes('=')) {
      const value = this.#readTuple(cursor)
      cursor.expectEnd()
      return { kind: 'set', at, name, value }
    }
    cursor.expectEnd()
    return { kind: 'capture', at, name, body: this.#readRest('set', 'endset', at) }
  }

  /** The parts of a block up to its end. */
  #readRest(word: string, ender: string, at: number): TemplatePart[] {
    const { parts, end } = this.#readParts([ender])
    if (end === undefined) throw this.#fault(`{% ${word} %} has no {% ${ender} %}.`, at)
    end.cursor.expectEnd()
    return parts
  }

  /** An expression, or several with commas between, which are a list. */
  #readTuple(cursor: TokenCursor): Expression {
    const { at } = cursor
    const items = [parseExpression(cursor)]
    while (cursor.takes(',')) items.push(parseExpression(cursor))
    return items.length === 1 ? (items[0] as Expression) : { kind: 'list', at, items }
  }

  #unknown(word: string, at: number): TemplateFault {
    if (unsupported.includes(word)) return this.#fault(`Templates of boards have no {% ${word} %}; they have if, for and set.`, at)
    if (statements.includes(word)) return this.#fault(`{% ${word} %} ends no block.`, at)
    const nearest = nearestName(word, statements)
    return this.#fault(`There is no statement ${word}.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`, at)
  }

  #fault(message: string, at: number): TemplateFault {
    return new TemplateFault(new Refusal(message), this.#template, at)
  }
}
