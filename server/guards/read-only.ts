import { Fault } from '../envelope/fault.ts'
import { offsetOfByte, positionAt } from '../envelope/text-position.ts'
import type { CatalogStore } from '../sources/catalog-store.ts'
import type { Dialect, JudgedStatement, Source, SourceCatalog, StatementFacts } from '../sources/source.ts'
import { startOfStatement } from '../sources/sql-tokens.ts'
import { withSyntaxHint } from '../sources/syntax-hint.ts'
import { basisOfStatement } from './basis-of-statement.ts'
import { judgeStatement } from './judge-statement.ts'
import { allowedIn } from './judging.ts'

/** Statement kinds that only read; what they contain is judged apart. */
const readingKinds: ReadonlySet<string> = new Set(['select', 'explain', 'explain analyze', 'show'])

/** The source that a statement is for, and what is known of it. */
interface Judged {
  readonly source: Source
  readonly catalog: CatalogStore
}

/**
 * Lets exactly one SELECT-class statement through, judged on what the engine's own grammar says of the text.
 * Throws SQL_REJECTED or TABLE_NOT_FOUND, or SQL_ERROR when the text does not parse, each with a position: the start of
 * the statement where the engine tells no closer one.
 */
export const checkReadOnly = async (judged: Judged, sql: string, signal: AbortSignal): Promise<JudgedStatement> => {
  try {
    return await judgeText(judged, sql, signal)
  } catch (error) {
    // A hidden column has the place that the engine gives to a missing one, which may be none.
    throw error instanceof Fault && error.code !== 'SQL_ERROR' ? placed(error, sql) : error
  }
}

/** The fault with the start of its statement, where it tells no place in the text. */
const placed = (fault: Fault, sql: string): Fault =>
  fault.details.path !== 'sql' || fault.details.position !== undefined
    ? fault
    : new Fault(fault.code, fault.message, { ...fault.details, position: positionAt(sql, startOfStatement(sql)) })

const judgeText = async ({ source, catalog }: Judged, sql: string, signal: AbortSignal): Promise<JudgedStatement> => {
  const facts = await source.analyze(sql, signal).catch(async (error: unknown) => {
    if (!(error instanceof Fault)) throw error
    const hinted = await withSyntaxHint(error, sql, source.dialect, () => catalog.read(signal).catch(() => undefined))
    throw placed(hinted, sql)
  })
  const reject = (rule: string, message: string, hint: string): Fault =>
    new Fault('SQL_REJECTED', message, {
      path: 'sql',
      rule,
      hint,
      position: positionAt(
        sql,
        facts.position === undefined ? startOfStatement(sql, facts.count > 1 ? 1 : 0) : offsetOfByte(sql, facts.position),
      ),
    })
  if (facts.count === 0) throw reject('no_statement', 'The text holds no statement.', 'Send one SELECT statement.')
  if (facts.count > 1)
    throw reject(
      'several_statements',
      `The text holds ${facts.count} statements.`,
      `Send one statement per call.${/\bpivot/i.test(sql) ? pivotHint : ''}`,
    )
  if (!readingKinds.has(facts.kind))
    throw reject(
      'not_a_read',
      `${/^[aeio]|^u[^s]/.test(facts.kind) ? 'An' : 'A'} ${facts.kind.toUpperCase()} statement is not a read.`,
      `${hintOfKind(facts.kind)}${served[source.dialect]}`,
    )
  const [write] = facts.writes
  if (write !== undefined)
    throw reject('writes', `The statement does more than read: ${write}.`, 'Remove that part; every source is read-only.')

  const judge = (known: SourceCatalog | undefined): JudgedStatement => {
    judgeStatement(facts, { sql, dialect: source.dialect, catalog: known })
    return { ...facts, basis: known === undefined ? undefined : basisOfStatement(facts, allowedIn[source.dialect], known) }
  }
  if (!namesSomething(facts)) return judge(undefined)
  try {
    return judge(await catalog.read(signal))
  } catch (error) {
    // What is not known yet may have come since the metadata was read.
    if (!(error instanceof Fault) || error.code.startsWith('SOURCE_')) throw error
    return judge(await catalog.readAfterMiss(signal))
  }
}

/** Whether a statement names anything that only the database can tell. */
const namesSomething = ({ relations, functions, types, operators, fields, schemas = [] }: StatementFacts): boolean =>
  relations.length + functions.length + types.length + operators.length + fields.length + schemas.length > 0

const served: Readonly<Record<Dialect, string>> = {
  postgres: 'Only SELECT, VALUES, TABLE, WITH, SHOW and EXPLAIN are served; describe_table tells the columns of a table.',
  duckdb: 'Only SELECT, VALUES, TABLE, WITH, DESCRIBE, SHOW and EXPLAIN are served.',
}

/** Some forms of PIVOT become several statements. */
const pivotHint = ' A PIVOT is given its values as in ON column IN (value, ...).'

/** What serves the purpose of a statement that is no read. */
const insteadOfKind: readonly (readonly [kinds: string, hint: string])[] = [
  ['pragma', 'list_tables lists the tables, describe_table the columns of one.'],
  ['use', 'Name the source in source, and write the schema before a table: schema.table.'],
  ['set reset', 'Limits are arguments of the call; what concerns values is written in the statement, as with AT TIME ZONE.'],
  [
    'attach detach install load copy import export',
    'Databases and files are served when the project declares them; list_sources lists them.',
  ],
  ['begin start commit rollback abort end savepoint release transaction', 'Every call is a transaction of its own; send the SELECT alone.'],
  ['prepare execute deallocate', 'Send the statement itself, with its values in params.'],
  ['declare fetch move close', 'Send the SELECT itself; limit and cursor page through its rows.'],
  ['call do', 'Functions are called within a SELECT.'],
]

const hintOfKind = (kind: string): string => {
  const [, hint] = insteadOfKind.find(([kinds]) => kinds.split(' ').includes(kind.split(' ')[0] ?? '')) ?? []
  return hint === undefined ? '' : `${hint} `
}
