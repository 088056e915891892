import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  Pair,
  Scalar,
  visit,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml'
import { Aliases, unknownAlias } from './aliases.ts'
import { type ComposeOptions, composeDocument } from './compose-document.ts'

/** Anchors, aliases and tags of a file, and half as often aliases may be followed in all: more is an alias bomb. */
const defaultMarks = 200

/** What a value looks like whose own quotes stand inside its {{ }} as well: `"{{ env_var("X") }}"`. */
const clashingQuotes = /(["'])[^"']*\{\{[^}]*?\1/

/** What to do about each fault of the parser, and what it is called where the parser speaks to programmers. */
const yamlFaults: Readonly<Record<ErrorCode, { readonly message?: string; readonly hint: string }>> = {
  ALIAS_PROPS: { hint: 'Write the alias alone, without tags and anchors.' },
  BAD_ALIAS: { hint: unknownAlias },
  BAD_COLLECTION_TYPE: { hint: 'Remove the tag.' },
  BAD_DIRECTIVE: { hint: 'Remove the line that begins with %, or put quotes around the value.' },
  BAD_DQ_ESCAPE: { hint: 'Write a backslash within double quotes twice, or use single quotes.' },
  BAD_INDENT: { hint: 'Indent the keys of one block by the same number of spaces.' },
  BAD_PROP_ORDER: { hint: 'Write tags and anchors directly before their value.' },
  BAD_SCALAR_START: { hint: 'Put quotes around the whole value.' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'A value holds a colon and a blank, or a block is not indented as the others.',
    hint: 'Put quotes around the whole value, or write it behind | on a line of its own. Indent the keys of one block alike, and put a blank behind the dash of every item.',
  },
  BLOCK_IN_FLOW: { hint: 'Within { } and [ ] write everything in { } and [ ], or use lines alone.' },
  DUPLICATE_KEY: { hint: 'Keep one of them.' },
  IMPOSSIBLE: { hint: 'Put quotes around the values of this line.' },
  KEY_OVER_1024_CHARS: { hint: 'Put quotes around the value; a key is shorter than 1,024 characters.' },
  MISSING_CHAR: { hint: 'Close every quote and bracket, and write a key as name: value with a blank after the colon.' },
  MULTILINE_IMPLICIT_KEY: { message: 'A key has no colon.', hint: 'Write it as name: value, with a blank after the colon.' },
  MULTIPLE_ANCHORS: { hint: 'Give a value one anchor.' },
  MULTIPLE_DOCS: { message: 'The file holds several documents.', hint: 'Keep one, and remove the line ---.' },
  MULTIPLE_TAGS: { hint: 'Remove the tags.' },
  NON_STRING_KEY: { hint: 'Write a key as a word.' },
  RESOURCE_EXHAUSTION: { hint: 'Write it flatter and shorter.' },
  TAB_AS_INDENT: { hint: 'Indent with spaces.' },
  TAG_RESOLVE_FAILED: { hint: 'Remove the tag, which begins with !, or put quotes around the value.' },
  UNEXPECTED_TOKEN: { hint: 'Put quotes around the whole value; a quote within quotes of its kind is written twice, or as \\".' },
}

/** A finding about a place of a file. */
export interface Located<Code extends string> {
  readonly level: 'error' | 'warning'
  readonly code: Code
  /** Name of the file, as the reader knows it. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  readonly message: string
  /** What to do. */
  readonly hint?: string
}

/** What can be wrong with a file as YAML. */
export type YamlCode = 'YAML_ERROR' | 'DUPLICATE_KEY' | 'BAD_TEMPLATE'

/** A YAML file as a tree that knows where each of its parts was written. */
export interface YamlFile {
  readonly document: Document
  readonly diagnostics: Located<YamlCode>[]
  /** Every scalar value, keys left out, each once. */
  readonly scalars: readonly Scalar[]
  /** The node at a path, aliases followed; undefined when nothing is there. */
  nodeAt(path: readonly PropertyKey[]): Node | undefined
  /** Every scalar below a node, aliases followed. */
  scalarsUnder(node: Node | undefined): readonly Scalar[]
  /** Line and column of an offset, from 1. */
  placeAt(offset: number): { readonly line: number; readonly column: number }
  /** Where a place within the text at a path was written; `line` and `column` of the text, from 1. */
  placeInText(
    path: readonly PropertyKey[],
    inside: { readonly line: number; readonly column: number },
  ): {
    readonly line: number
    readonly column: number
  }
  /** Makes a finding at a node. */
  diagnose<Code extends string>(at: Node | undefined, level: 'error' | 'warning', code: Code, message: string, hint?: string): Located<Code>
  /** Makes a finding at the key of a path, or at the nearest part of it that exists. */
  diagnoseKey<Code extends string>(
    path: readonly PropertyKey[],
    level: 'error' | 'warning',
    code: Code,
    message: string,
    hint?: string,
  ): Located<Code>
  /** The plain values, with what was put into `scalars` meanwhile. Adds a finding and gives undefined when aliases multiply. */
  toValue(): unknown
}

/** Reads YAML and reports everything that is wrong with it as YAML. */
export const parseYaml = (
  text: string,
  file: string,
  { merge = false, maxMarks = defaultMarks }: Partial<ComposeOptions> = {},
): YamlFile => {
  const { document, lineCounter, refused } = composeDocument(text, { merge, maxMarks })
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const make = <Code extends string>(
    offset: number,
    level: 'error' | 'warning',
    code: Code,
    message: string,
    hint?: string,
  ): Located<Code> => ({
    level,
    code,
    file,
    ...at(offset),
    message,
    ...(hint !== undefined && { hint }),
  })

  // What the parser says next of the same line follows from the first, and all that stands behind what ended the document too soon.
  const outside = document.errors.findIndex(({ message }) => message.includes(' in YAML stream'))
  const causes = outside < 0 ? document.errors : document.errors.slice(0, Math.max(1, outside))
  const errors = new Map(causes.toReversed().map((error) => [at(error.pos[0]).line, error]))
  let searched = 0
  const diagnostics = [...errors].reverse().map(([number, error]): Located<YamlCode> => {
    const [offset] = error.pos
    const line = lineAt(text, lineCounter.lineStarts[number - 1] ?? 0)
    if (clashingQuotes.test(line))
      return make(
        offset,
        'error',
        'YAML_ERROR',
        'The quotes inside {{ }} end the value.',
        `Use the other kind inside: "{{ env_var('NAME') }}".`,
      )
    const opening = searched++ < maxSearched ? openingOf(document, error, text) : undefined
    if (opening !== undefined)
      return make(
        opening.offset,
        'error',
        'YAML_ERROR',
        `The ${opening.character} that stands here is not closed.`,
        `Close it with ${closers[opening.character]}.`,
      )
    const known = yamlFaults[error.code]
    const hint = /\{\{/.test(line) ? 'Put quotes around a value that holds {{ }}.' : known.hint
    // The parser quotes the text it stumbled over, which may be part of a secret.
    return make(offset, 'error', 'YAML_ERROR', known.message ?? `${error.message.replace(/: ".*$/s, '')}.`, hint)
  })
  if (refused !== undefined) diagnostics.push(make(refused.offset, 'error', 'YAML_ERROR', refused.message, refused.hint))
  for (const warning of document.warnings)
    diagnostics.push(make(warning.pos[0], 'warning', 'YAML_ERROR', `${warning.message}.`, yamlFaults[warning.code].hint))

  const scalars: Scalar[] = []
  const aliases = new Aliases()
  visit(document, {
    Alias(_key, alias, path) {
      const fault = aliases.resolve(alias, path)
      if (fault !== undefined) diagnostics.push(make(alias.range?.[0] ?? 0, 'error', 'YAML_ERROR', fault.message, fault.hint))
    },
    Seq: (_key, seq) => aliases.noteAnchor(seq),
    Scalar(key, scalar) {
      aliases.noteAnchor(scalar)
      if (key !== 'key') scalars.push(scalar)
      else if (typeof scalar.value === 'string' && /\{\{/.test(scalar.value))
        diagnostics.push(make(scalar.range?.[0] ?? 0, 'error', 'BAD_TEMPLATE', 'A key cannot hold {{ }}; only values can.'))
    },
    Map(_key, map) {
      aliases.noteAnchor(map)
      for (const { range } of repeatedKeys(map)) {
        const offset = range?.[0] ?? 0
        const key = /^[\w-]*/.exec(text.slice(offset, offset + maxLine))?.[0]
        diagnostics.push(
          make(
            offset,
            'error',
            'DUPLICATE_KEY',
            `${key ? `The key "${key}"` : 'This key'} is written twice in its block.`,
            'Keep one of the two.',
          ),
        )
      }
      const [start, end] = map.range ?? [0, 0]
      const written = text.slice(start, end)
      if (map.flow !== true || !/^\{\s*\{/.test(written)) return undefined
      diagnostics.push(
        make(start, 'error', 'BAD_TEMPLATE', 'A value that holds {{ }} needs quotes.', `Write: "${written.replaceAll('"', "'")}"`),
      )
      // Read on as if it had been quoted, so that the rest of the file is checked as well.
      const meant = new Scalar(written)
      meant.range = map.range ?? null
      return meant
    },
    Pair(_key, pair) {
      if (isScalar(pair.key) && pair.key.value !== '__proto__') return
      diagnostics.push(
        make((pair.key as Node | null)?.range?.[0] ?? 0, 'error', 'YAML_ERROR', 'A key must be a plain name.', 'Write it as name: value.'),
      )
    },
  })

  const follow = (node: unknown): Node | undefined => {
    const target = isAlias(node) ? aliases.targetOf(node) : node
    return isMap(target) || isSeq(target) || isScalar(target) ? target : undefined
  }
  /** The pairs of a map by key, the last of those that are written twice; a large map is looked into many times. */
  const pairs = new WeakMap<Node, ReadonlyMap<string, Pair>>()
  const pairsOf = (map: YAMLMap): ReadonlyMap<string, Pair> => {
    const known = pairs.get(map)
    if (known !== undefined) return known
    const found = new Map(map.items.flatMap((item) => (isScalar(item.key) ? [[String(item.key.value), item] as const] : [])))
    pairs.set(map, found)
    return found
  }
  const step = (node: Node | undefined, key: PropertyKey): { key?: Node; value: Node | undefined } | undefined => {
    if (isSeq(node)) {
      const value = follow(node.items[Number(key)])
      return value === undefined ? undefined : { value }
    }
    const pair = isMap(node) ? pairsOf(node).get(String(key)) : undefined
    return pair === undefined ? undefined : { key: pair.key as Node, value: follow(pair.value) }
  }
  const root = follow(document.contents)
  /** Of the key at a path, or of the nearest part of it that exists. */
  const offsetOfKey = (path: readonly PropertyKey[]): number => {
    let node = root
    let offset = root?.range?.[0] ?? 0
    for (const key of path) {
      const next = step(node, key)
      if (next === undefined) break
      offset = (next.key ?? next.value)?.range?.[0] ?? offset
      node = next.value
    }
    return offset
  }

  return {
    document,
    diagnostics,
    scalars,
    placeAt: at,
    placeInText(path, inside) {
      const node = path.reduce<Node | undefined>((one, key) => step(one, key)?.value, root)
      if (!isScalar(node) || node.range === undefined || node.range === null) return at(offsetOfKey(path))
      const start = at(node.range[0])
      if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') {
        const quote = node.type === 'PLAIN' ? 0 : 1
        return inside.line === 1
          ? { line: start.line, column: start.column + quote + inside.column - 1 }
          : { ...start, line: start.line + inside.line - 1 }
      }
      const line = start.line + inside.line
      const indent = /^ */.exec(text.split('\n', line)[line - 1] ?? '')?.[0].length ?? 0
      const own = /^ */.exec(String(node.value).split('\n', inside.line)[inside.line - 1] ?? '')?.[0].length ?? 0
      return { line, column: Math.max(0, indent - own) + inside.column }
    },
    nodeAt: (path) => path.reduce<Node | undefined>((node, key) => step(node, key)?.value, root),
    scalarsUnder(node) {
      const found: Scalar[] = []
      const seen = new Set<Node>()
      const collect = (start: unknown): void => {
        const one = follow(start)
        if (one === undefined || seen.has(one)) return
        seen.add(one)
        if (isScalar(one)) found.push(one)
        else if (isMap(one) || isSeq(one)) for (const item of one.items) collect(item instanceof Pair ? item.value : item)
      }
      collect(node)
      return found
    },
    diagnose: (node, ...finding) => make(node?.range?.[0] ?? 0, ...finding),
    diagnoseKey: (path, ...finding) => make(offsetOfKey(path), ...finding),
    toValue() {
      // Keys that are no names, and aliases of nothing, take the parser long or make it throw.
      if (diagnostics.some(({ level, code }) => level === 'error' && code === 'YAML_ERROR')) return undefined
      try {
        return document.toJS({ maxAliasCount: maxMarks / 2 })
      } catch {
        diagnostics.push(make(0, 'error', 'YAML_ERROR', 'The aliases of this file multiply beyond measure.', 'Write the values out.'))
        return undefined
      }
    },
  }
}

/** Faults whose opening is looked for; each takes a walk through the tree. */
const maxSearched = 20

const closers: Readonly<Record<string, string>> = { '"': '"', "'": "'", '{': '}', '[': ']' }

/** Where the quote or bracket stands whose end the parser has missed: of those that end there the one that reaches furthest. */
const openingOf = (document: Document, { code, message, pos: [end] }: YAMLParseError, text: string) => {
  const character = code === 'MISSING_CHAR' || code === 'BAD_INDENT' ? missedBy(message) : undefined
  if (character === undefined) return undefined
  const found: { offset: number; to: number }[] = []
  visit(document, {
    Node(_key, { range }) {
      if (range === undefined || range === null) return undefined
      const [offset, to, after] = range
      if (offset < end && to <= end && after >= end && text[offset] === character) found.push({ offset, to })
      return after < end || offset >= end ? visit.SKIP : undefined
    },
  })
  const [first] = found.sort((one, other) => other.to - one.to)
  return first === undefined ? undefined : { offset: first.offset, character }
}

const missedBy = (message: string): string | undefined => {
  if (message.startsWith('Missing closing "quote')) return '"'
  if (message.startsWith("Missing closing 'quote")) return "'"
  const [, closer] = /(?:must end with a|and end with a) ([}\]])/.exec(message) ?? []
  return closer === '}' ? '{' : closer === ']' ? '[' : undefined
}

/** Keys that stand in a block already. The parser's own check takes quadratic time. */
const repeatedKeys = (map: YAMLMap): Scalar[] => {
  const seen = new Set<unknown>()
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key) || key.value === '<<') return []
    const isRepeated = seen.has(key.value)
    seen.add(key.value)
    return isRepeated ? [key] : []
  })
}

/** The line that starts at an offset; of one that no person wrote, its beginning. */
const lineAt = (text: string, start: number): string => text.slice(start, start + maxLine).split('\n', 1)[0] as string

const maxLine = 500
