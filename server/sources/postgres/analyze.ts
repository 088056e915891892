import { Fault } from '../../envelope/fault.ts'
import { offsetOfCodePoint, positionAt } from '../../envelope/text-position.ts'
import { checkCharacters } from '../check-characters.ts'
import type { StatementFacts } from '../source.ts'
import { parseAside } from './parse-aside.ts'
import { type Node, readTree } from './read-tree.ts'

/** Texts whose facts are kept; a server sees the same few again and again. */
const keptTexts = 500
const kept = new Map<string, StatementFacts>()
/** Longer texts, in characters, are parsed in a thread of their own: this many take a few milliseconds. */
const longText = 4_000
let parser: Promise<(sql: string) => { stmts?: { stmt?: Node }[] }> | undefined

/**
 * What PostgreSQL's own grammar says of a text. Touches no database.
 * Throws SQL_ERROR with the position of a syntax error.
 */
export const analyzePostgres = async (sql: string): Promise<StatementFacts> => {
  const known = kept.get(sql)
  if (known !== undefined) return known
  checkCharacters(sql)
  const facts = sql.length > longText ? await parseAside(sql) : await readStatement(sql)
  if (kept.size >= keptTexts) kept.delete(kept.keys().next().value as string)
  if (sql.length < 10_000) kept.set(sql, facts)
  return facts
}

/** Parses without memory of earlier texts, in this thread. */
export const readStatement = async (sql: string): Promise<StatementFacts> => {
  parser ??= import('libpg-query').then(async ({ loadModule, parseSync }) => {
    await loadModule()
    return parseSync as unknown as (sql: string) => { stmts?: { stmt?: Node }[] }
  })
  return readOrFault(await parser, sql)
}

/** Deeper nesting than this stack allows is refused, as the engine itself does somewhat later. */
const readOrFault = (parse: (sql: string) => { stmts?: { stmt?: Node }[] }, sql: string): StatementFacts => {
  try {
    return factsOf(parse(sql).stmts ?? [])
  } catch (error) {
    if (error instanceof RangeError || (error as Error).name === 'RuntimeError')
      throw new Fault('SQL_REJECTED', 'The statement is nested too deeply.', { path: 'sql', hint: 'Write it flatter.' })
    const details = (error as { sqlDetails?: { message: string; cursorPosition: number } }).sqlDetails
    const message = details?.message ?? 'the text does not parse'
    throw new Fault('SQL_ERROR', `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, {
      path: 'sql',
      ...(details !== undefined && { position: positionAt(sql, offsetOfCodePoint(sql, Math.max(0, details.cursorPosition))) }),
      hint: 'Write the statement in the Postgres dialect.',
    })
  }
}

const nothing = {
  relations: [],
  functions: [],
  types: [],
  operators: [],
  fields: [],
  columns: [],
  settings: [],
  writes: [],
  unknown: [],
  ordered: false,
}

const factsOf = (statements: readonly { stmt?: Node }[]): StatementFacts => {
  const [type = '', body = {}] = Object.entries(statements[0]?.stmt ?? {})[0] ?? []
  const node = body as Node
  const one = { ...nothing, count: statements.length, kind: kindOf(type) }
  switch (type) {
    case 'SelectStmt':
      return { ...one, ...readTree(node), ordered: Array.isArray(node.sortClause) && node.sortClause.length > 0 }
    case 'VariableShowStmt':
      return { ...one, settings: [String(node.name)] }
    case 'ExplainStmt': {
      const [explained = '', query = {}] = Object.entries((node.query as Node | undefined) ?? {})[0] ?? []
      const options = ((node.options as { DefElem?: Node }[] | undefined) ?? []).map((option) => String(option.DefElem?.defname))
      const unknown = options.filter((option) => !explainOptions.has(option)).map((name) => ({ name: `EXPLAIN (${name})` }))
      if (explained !== 'SelectStmt') return { ...one, writes: [`EXPLAIN of ${kindOf(explained).toUpperCase()}`] }
      const facts = readTree(query as Node)
      return { ...one, ...facts, unknown: [...facts.unknown, ...unknown] }
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
const kindOf = (type: string): string =>
  type === 'VariableShowStmt'
    ? 'show'
    : type
        .replace(/Stmt$/, '')
        .replace(/([a-z])([A-Z])/g, '$1 $2')
        .toLowerCase()
