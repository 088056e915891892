/** The parts of a template. Offsets are of UTF-16 units in its text. */

interface Part {
  /** Where it begins. */
  readonly at: number
}

export interface TextPart extends Part {
  readonly kind: 'text'
  readonly text: string
}

/** `{{ … }}` */
export interface OutputPart extends Part {
  readonly kind: 'output'
  readonly value: Expression
}

/** `{% if … %}`; `elif` stands in `otherwise`. */
export interface IfPart extends Part {
  readonly kind: 'if'
  readonly test: Expression
  readonly body: readonly TemplatePart[]
  readonly otherwise: readonly TemplatePart[]
}

/** `{% for … in … %}` */
export interface ForPart extends Part {
  readonly kind: 'for'
  readonly names: readonly string[]
  readonly items: Expression
  readonly test: Expression | undefined
  readonly body: readonly TemplatePart[]
  readonly otherwise: readonly TemplatePart[]
}

/** `{% set name = … %}` */
export interface SetPart extends Part {
  readonly kind: 'set'
  readonly name: string
  readonly value: Expression
}

/** `{% set name %}…{% endset %}`: the text of the block is the value. */
export interface CapturePart extends Part {
  readonly kind: 'capture'
  readonly name: string
  readonly body: readonly TemplatePart[]
}

export type TemplatePart = TextPart | OutputPart | IfPart | ForPart | SetPart | CapturePart

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '~'
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in'

export interface Arguments {
  readonly list: readonly Expression[]
  readonly named: readonly { readonly name: string; readonly value: Expression }[]
}

export type Expression = Part &
  (
    | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'list'; readonly items: readonly Expression[] }
    | { readonly kind: 'map'; readonly entries: readonly { readonly key: Expression; readonly value: Expression }[] }
    | { readonly kind: 'member'; readonly object: Expression; readonly name: string }
    | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression }
    | {
        readonly kind: 'slice'
        readonly object: Expression
        readonly start: Expression | undefined
        readonly stop: Expression | undefined
        readonly step: Expression | undefined
      }
    | { readonly kind: 'call'; readonly callee: Expression; readonly args: Arguments }
    | { readonly kind: 'filter'; readonly operand: Expression; readonly name: string; readonly nameAt: number; readonly args: Arguments }
    | {
        readonly kind: 'test'
        readonly operand: Expression
        readonly name: string
        readonly nameAt: number
        readonly isNegated: boolean
        readonly args: readonly Expression[]
      }
    | { readonly kind: 'not'; readonly operand: Expression }
    | { readonly kind: 'sign'; readonly operator: '+' | '-'; readonly operand: Expression }
    | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
    | {
        readonly kind: 'compare'
        readonly first: Expression
        readonly rest: readonly { readonly operator: CompareOperator; readonly right: Expression }[]
      }
    | { readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'choice'; readonly test: Expression; readonly value: Expression; readonly otherwise: Expression | undefined }
  )
