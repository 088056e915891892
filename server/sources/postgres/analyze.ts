import { setFlagsFromString } from 'node:v8'
import { Fault } from '../../envelope/fault.ts'
import { offsetOfCodePoint, positionAt } from '../../envelope/text-position.ts'
import { checkCharacters } from '../check-characters.ts'
import { noFacts } from '../empty-facts.ts'
import type { StatementFacts } from '../source.ts'
import { parseAside } from './parse-aside.ts'
import { readTree } from './read-tree.ts'
import { resultColumns } from './result-columns.ts'
import { type Node, nameOf, statementName } from './tree-nodes.ts'

/** Texts whose facts are kept; a server sees the same few again and again. */
const keptTexts = 500
const kept = new Map<string, StatementFacts>()
/** Longer texts, in characters, are parsed in a thread of their own: this many take a few milliseconds. */
const longText = 2_000
/** Comments of a long text. */
const mostComments = 1_000
/** Columns and functions that a statement may name; PostgreSQL gives at most 1,664 columns. */
const mostNames = 10_000
/** Relations that its columns may be of, summed over the columns. */
const mostCandidates = 50_000

interface Statement {
  readonly stmt?: Node
  /** In bytes; what stands before it included. */
  readonly stmt_location?: number
}
type Parse = (sql: string) => { stmts?: Statement[] }
let parser: Promise<Parse> | undefined

const loadParser = (): Promise<Parse> =>
  (parser ??= import('libpg-query').then(async ({ loadModule, parseSync }) => {
    // Else V8 compiles the grammar once more while it is used, which takes half a gigabyte and makes it no faster.
    for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag)
    await loadModule()
    return parseSync as unknown as Parse
  }))

/**
 * What PostgreSQL's own grammar says of a text. Touches no database.
 * Throws SQL_ERROR with the position of a syntax error.
 */
export const analyzePostgres = async (sql: string, signal: AbortSignal): Promise<StatementFacts> => {
  const known = kept.get(sql)
  if (known !== undefined) return known
  checkCharacters(sql)
  // Nested comments take the lexer quadratic time.
  if (sql.length > longText && sql.split('/*').length > mostComments)
    throw new Fault('SQL_REJECTED', 'The text holds more comments than a statement may have.', {
      path: 'sql',
      hint: 'Remove the comments.',
    })
  const facts = sql.length > longText ? await parseAside(sql, signal) : await readStatement(sql)
  if (kept.size >= keptTexts) kept.delete(kept.keys().next().value as string)
  if (sql.length < 10_000) kept.set(sql, facts)
  return facts
}

/** Parses without memory of earlier texts, in this thread. */
export const readStatement = async (sql: string): Promise<StatementFacts> => readOrFault(await loadParser(), sql)

/** Deeper nesting than this stack allows is refused, as the engine itself does somewhat later. */
const readOrFault = (parse: Parse, sql: string): StatementFacts => {
  try {
    const facts = factsOf(sql, parse(sql).stmts ?? [])
    if (facts.columns.length + facts.functions.length > mostNames || candidatesOf(facts) > mostCandidates)
      throw new RangeError('too many names')
    return facts
  } catch (error) {
    const details = (error as { sqlDetails?: { message: string; cursorPosition: number } }).sqlDetails
    // The grammar says that its own stack is full by a text alone.
    if (error instanceof RangeError || (error as Error).name === 'RuntimeError' || details?.message.startsWith('memory exhausted') === true)
      throw new Fault('SQL_REJECTED', 'The statement is nested too deeply, or names too much.', {
        path: 'sql',
        hint: 'Write it flatter and shorter.',
      })
    const message = details?.message ?? 'the text does not parse'
    throw new Fault('SQL_ERROR', `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, {
      path: 'sql',
      ...(details !== undefined && { position: positionAt(sql, offsetOfCodePoint(sql, Math.max(0, details.cursorPosition))) }),
    })
  }
}

const candidatesOf = ({ columns }: StatementFacts): number => {
  let candidates = 0
  for (const { relations, outer = [] } of columns) {
    candidates += relations.length
    for (const level of outer) candidates += level.length
  }
  return candidates
}

/**
 * What a function in SQL computes and reads, the defaults of its arguments included, from its CREATE FUNCTION statement.
 * Undefined when it is not a single SELECT or runs under settings of its own.
 */
export const analyzeFunction = async (definition: string): Promise<StatementFacts | undefined> => {
  const parse = await loadParser()
  try {
    const created = parse(definition).stmts?.[0]?.stmt?.CreateFunctionStmt as Node
    const options = ((created.options as { DefElem: Node }[] | undefined) ?? []).map(({ DefElem }) => DefElem)
    if (options.some(({ defname }) => defname === 'set')) return undefined
    const source = options.find(({ defname }) => defname === 'as')?.arg as { List: { items: [{ String: Node }] } } | undefined
    const bodies =
      source === undefined ? [created.sql_body as Node] : parse(String(source.List.items[0].String.sval)).stmts?.map(({ stmt }) => stmt)
    const [body] = bodies ?? []
    const returned = (body?.ReturnStmt as Node | undefined)?.returnval
    const select = returned === undefined ? body?.SelectStmt : { targetList: [{ ResTarget: { val: returned } }] }
    if (bodies?.length !== 1 || select === undefined) return undefined
    const parameters = ((created.parameters as { FunctionParameter: Node }[] | undefined) ?? []).map(
      ({ FunctionParameter }) => FunctionParameter,
    )
    const targets = [
      ...parameters.flatMap(({ defexpr }) => (defexpr === undefined ? [] : [{ ResTarget: { val: defexpr } }])),
      // Its arguments and its result are cast to their types.
      ...[created.returnType, ...parameters.map(({ argType }) => argType)].flatMap((typeName) =>
        typeName === undefined || isAnyType(typeName as Node) ? [] : [{ ResTarget: { val: { TypeCast: { typeName } } } }],
      ),
    ]
    const facts = readTree({ targetList: targets, larg: select as Node })
    return facts.writes.length > 0 ? undefined : { ...noFacts, ...facts, count: 1, kind: 'select' }
  } catch {
    return undefined
  }
}

/** A type that stands for those of the call. */
const isAnyType = ({ names }: Node): boolean => /^any/.test(nameOf(names).name)

const factsOf = (sql: string, statements: readonly Statement[]): StatementFacts => {
  const [first, second] = statements
  const [type = '', body = {}] = Object.entries(first?.stmt ?? {})[0] ?? []
  const node = body as Node
  const shown = second ?? first
  const one = {
    ...noFacts,
    count: statements.length,
    kind: kindOf(type),
    ...(shown !== undefined && { position: startOf(sql, shown) }),
  }
  switch (type) {
    case 'SelectStmt': {
      const results = resultColumns(node)
      const ordered = Array.isArray(node.sortClause) && node.sortClause.length > 0
      return { ...one, ...readTree(node), ordered, ...(results !== undefined && { results }) }
    }
    case 'VariableShowStmt':
      return { ...one, settings: [String(node.name)] }
    case 'ExplainStmt': {
      const [explained = '', query = {}] = Object.entries((node.query as Node | undefined) ?? {})[0] ?? []
      const options = ((node.options as { DefElem?: Node }[] | undefined) ?? []).map((option) => String(option.DefElem?.defname))
      const unknown = options.filter((option) => !explainOptions.has(option)).map((name) => ({ name: `EXPLAIN (${name})` }))
      if (explained !== 'SelectStmt') return { ...one, writes: [`EXPLAIN of ${kindOf(explained).toUpperCase()}`] }
      const facts = readTree(query as Node)
      // A plan with its output columns shows more of a table than the query takes.
      const shown = options.includes('verbose') ? [{ column: '*', relations: facts.relations }] : []
      return { ...one, ...facts, columns: [...facts.columns, ...shown], unknown: [...facts.unknown, ...unknown] }
    }
    default:
      return one
  }
}

/** Options of EXPLAIN that show the plan and nothing of the server. */
const explainOptions: ReadonlySet<string> = new Set(
  'analyze buffers costs format generic_plan memory serialize summary timing verbose wal'.split(' '),
)

/** "SelectStmt" is "select", "VariableShowStmt" "show", "TransactionStmt" "transaction". */
const kindOf = (type: string): string => statementName(type).toLowerCase()

/** Where a statement begins after blanks and comments, in bytes. */
const startOf = (sql: string, { stmt_location: from = 0 }: Statement): number => {
  const before = Buffer.from(sql).subarray(from).toString('utf8')
  const [blank] = /^(?:\s|--[^\n\r]*|\/\*[\s\S]*?\*\/)*/.exec(before) as unknown as [string]
  return from + Buffer.byteLength(blank)
}
