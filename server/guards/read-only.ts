import { Fault } from '../envelope/fault.ts'
import type { Source, StatementFacts } from '../sources/source.ts'

/** Statement kinds that only read, whatever they contain is judged by `writes`. */
const readingKinds: ReadonlySet<string> = new Set(['select', 'explain', 'show'])

/**
 * Lets exactly one SELECT-class statement through, judged on what the engine's own grammar says of the text.
 * Throws SQL_REJECTED, or SQL_ERROR with a position when the text does not parse.
 */
export const checkReadOnly = async (source: Source, sql: string, signal: AbortSignal): Promise<StatementFacts> => {
  const facts = await source.analyze(sql, signal)
  if (facts.count === 0) throw reject('The text holds no statement.', 'Send one SELECT statement.')
  if (facts.count > 1) throw reject(`The text holds ${facts.count} statements.`, 'Send one statement per call.')
  if (!readingKinds.has(facts.kind))
    throw reject(
      `A ${facts.kind.toUpperCase()} statement is not a read.`,
      'Only SELECT, VALUES, TABLE, WITH, DESCRIBE, SHOW and EXPLAIN are served.',
    )
  const [write] = facts.writes
  if (write !== undefined) throw reject(`The statement does more than read: ${write}.`, 'Remove that part; every source is read-only.')
  return facts
}

const reject = (message: string, hint: string): Fault => new Fault('SQL_REJECTED', message, { path: 'sql', hint })
