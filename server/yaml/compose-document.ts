import { Composer, CST, type Document, Lexer, LineCounter, Parser, YAMLParseError } from 'yaml'

/** Levels of blocks within blocks; what people write has few, and all that walks the tree later takes a step of the stack for each. */
export const maxLevels = 100

/** What is said of more. */
export const tooDeep = { message: 'The text is nested too deep.', hint: 'Write it with fewer blocks within blocks.' }

export interface ComposeOptions {
  /** Whether `<<: *name` takes over the keys of a block. */
  readonly merge: boolean
  /** Anchors, aliases and tags of a file; the parser looks through all of them, and through the file, for each. */
  readonly maxMarks: number
}

/** What the text of a YAML file says, as a tree of bounded depth with few marks. */
export interface ComposedDocument {
  readonly document: Document
  readonly lineCounter: LineCounter
  /** Why no tree was made of the text, and where, characters from 0; the document is empty then. */
  readonly refused: { readonly offset: number; readonly message: string; readonly hint: string } | undefined
}

/**
 * Makes the tree of a YAML text. Nesting and marks are counted while the tokens are read: the parser makes nodes of
 * them by calling itself, and takes quadratic time for the marks. Of several documents the first is taken, and told to be one of several.
 */
export const composeDocument = (text: string, { merge, maxMarks }: ComposeOptions): ComposedDocument => {
  const lineCounter = new LineCounter()
  const parser = new Parser(lineCounter.addNewLine)
  const composer = new Composer({ uniqueKeys: false, stringKeys: false, merge })
  let refused: ComposedDocument['refused']
  function* tokens() {
    lineCounter.addNewLine(0)
    let marks = 0
    let before = ''
    for (const lexeme of new Lexer().lex(text)) {
      const { offset } = parser
      if (before !== CST.SCALAR && /^[&*!]/.test(lexeme)) marks += 1
      before = lexeme
      yield* parser.next(lexeme)
      if (parser.stack.length > maxLevels) refused = { offset, ...tooDeep }
      else if (marks > maxMarks)
        refused = { offset, message: `The text has more than ${maxMarks} anchors, aliases and tags.`, hint: 'Write the values out.' }
      if (refused !== undefined) return
    }
    yield* parser.end()
  }
  const [first, second] = withoutStacks(() => {
    const [one, other] = composer.compose(tokens(), true, text.length)
    return [one, other]
  })
  const document = first as Document
  if (second !== undefined) document.errors.push(new YAMLParseError([second.range[0], second.range[1]], 'MULTIPLE_DOCS', ''))
  return { document, lineCounter, refused }
}

/** Errors of a parser are made for each fault of a text, and nobody reads where they were made, which costs the most of them. */
const withoutStacks = <Result>(parse: () => Result): Result => {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return parse()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
