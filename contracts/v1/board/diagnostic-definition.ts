/** What is known of a finding without seeing it: one row per code, read by the tools and by the docs. */
export interface DiagnosticDefinition {
  /** With `error` the board, or the part that it is about, is not drawn; a `warning` can be ignored by name. */
  readonly level: 'error' | 'warning'
  /** When it is found: from the text alone, from the rows, by the rules of design, by measuring what was drawn. */
  readonly found: 'compile' | 'data' | 'design' | 'fit'
  /** One sentence: what is wrong. */
  readonly summary: string
  /** One sentence: what to do. */
  readonly fix: string
}
