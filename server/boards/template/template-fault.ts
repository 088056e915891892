import type { BoardDiagnosticCode } from '../../../contracts/v1/board/diagnostics.ts'
import type { Position } from '../../../contracts/v1/errors.ts'
import { positionAt } from '../../envelope/text-position.ts'

/** A template as it was written. */
export interface TemplateText {
  readonly text: string
  /** Id of the query that it is the SQL of; absent for other texts. */
  readonly query?: string | undefined
}

/** Why a template is refused, found where its place in the text is not known; the evaluator adds the place. */
export class Refusal extends Error {
  readonly code: BoardDiagnosticCode
  readonly hint: string | undefined
  constructor(message: string, { code = 'TEMPLATE_ERROR', hint }: { code?: BoardDiagnosticCode; hint?: string | undefined } = {}) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.hint = hint
  }
}

/** A template that cannot be read or rendered, and where. Holds no values of variables beside those that do not fit. */
export class TemplateFault extends Error {
  readonly code: BoardDiagnosticCode
  /** What to do; absent when the fix of the code says it all. */
  readonly hint: string | undefined
  /** The template that it is about: the one rendered, or a query that it uses. */
  readonly template: TemplateText
  /** In the text of `template`. */
  readonly position: Position
  constructor(refusal: Refusal, template: TemplateText, at: number) {
    super(refusal.message)
    this.name = 'TemplateFault'
    this.code = refusal.code
    this.hint = refusal.hint
    this.template = template
    this.position = positionAt(template.text, at)
  }
}

/** Runs `work` and gives refusals the place `at`; what is located already stays so. */
export const locate = <T>(template: TemplateText, at: number, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw error instanceof Refusal ? new TemplateFault(error, template, at) : error
  }
}
