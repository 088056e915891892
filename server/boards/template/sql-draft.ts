import { hole } from './sql-tokens.ts'
import { Refusal, type TemplateText } from './template-fault.ts'
import { Fragment, type TemplateValue } from './value.ts'

/** Where something in SQL was written. */
export interface Origin {
  readonly template: TemplateText
  readonly at: number
}

/** From an offset of a text on, where its text was written: `isText` says that the offsets run on together. */
export interface Mark extends Origin {
  readonly start: number
  readonly isText: boolean
}

/** The index of the mark that an offset belongs to; -1 when there is none. Marks are in order. */
export const markAt = (marks: readonly Mark[], offset: number): number => {
  let [low, high] = [0, marks.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((marks[middle] as Mark).start <= offset) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Where the text at an offset was written. */
export const originAt = (marks: readonly Mark[], offset: number): Origin => {
  const mark = marks[Math.max(0, markAt(marks, offset))]
  if (mark === undefined) throw new Error('an empty text has no origin')
  return { template: mark.template, at: mark.isText ? mark.at + offset - mark.start : mark.at }
}

/** What fills a hole. */
export interface Filling {
  readonly value: TemplateValue
  readonly origin: Origin
  /** Whether the value stands in the template as it is, so that it is text of who wrote it. */
  readonly isWritten: boolean
}

/**
 * SQL before its values are bound: text that stands in templates, and holes. Values and fragments are kept apart from the
 * text from the moment that they are put out until they are parameters, so there is no text that they could get into.
 */
export class SqlDraft {
  readonly #parts: string[] = []
  readonly #marks: Mark[] = []
  readonly fillings: Filling[] = []
  #length = 0

  get text(): string {
    return this.#parts.join('')
  }

  get marks(): readonly Mark[] {
    return this.#marks
  }

  /** Adds text of a template, of ours, or of a resolver. Throws a refusal for the character that stands for holes. */
  addText(text: string, origin: Origin, isText = true): this {
    if (text.includes(hole)) throw new Refusal('The character U+0000 is not allowed in SQL.')
    return this.#add(text, origin, isText)
  }

  /** Adds a value that will be bound, or a fragment that will be put out. */
  addValue(value: TemplateValue, origin: Origin, isWritten = false): this {
    this.fillings.push({ value, origin, isWritten })
    return this.#add(hole, origin, false)
  }

  #add(text: string, { template, at }: Origin, isText: boolean): this {
    this.#marks.push({ template, at, isText, start: this.#length })
    this.#parts.push(text)
    this.#length += text.length
    return this
  }

  /** Where the text at an offset was written. */
  originOf(offset: number): Origin {
    return originAt(this.#marks, offset)
  }
}

/** SQL that `filter()`, `ref()`, `queries.name` and their like have made, by itself complete. */
export class SqlFragment extends Fragment {
  readonly origin: string
  readonly draft: SqlDraft
  /** The name that a query goes by where it stands like a table. */
  readonly alias: string | undefined
  constructor(origin: string, draft: SqlDraft, alias?: string) {
    super()
    this.origin = origin
    this.draft = draft
    this.alias = alias
  }
}
