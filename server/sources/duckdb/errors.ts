import { Fault } from '../../envelope/fault.ts'
import { offsetOfByte, offsetOfCodePoint, positionAt } from '../../envelope/text-position.ts'
import { foldName } from '../fold-name.ts'
import { hintOfConversion } from '../literal-hint.ts'
import { asSentence, withoutValues } from '../without-values.ts'
import { findStrayStar, hintOfBinder, hintOfRange, hintOfUnit } from './hints.ts'

/** What the engine says of an error under `errors_as_json`. */
export interface EngineError {
  readonly exception_type: string
  readonly exception_message: string
  readonly error_subtype?: string
  /** UTF-8 byte offset in the statement. */
  readonly position?: string
  readonly type?: string
  /** What is missing, or is called with arguments that it does not take. */
  readonly name?: string
  /** The call with the types of its arguments, and the forms that there are: `f(VARCHAR)`, `f(BIGINT) -> BIGINT,f(DATE) -> DATE`. */
  readonly call?: string
  readonly candidates?: string
}

/** Why json_serialize_sql did not take a text. */
export interface ParserError {
  readonly error_message: string
  /** UTF-8 byte offset in the text. */
  readonly position?: string
}

/** A text that the engine's grammar does not take. */
export const faultOfParser = ({ error_message, position }: ParserError, sql: string): Fault =>
  // The parser gives it no code of its own.
  error_message.startsWith('Max expression depth limit')
    ? new Fault('SQL_REJECTED', 'The statement is nested too deeply.', { path: 'sql', hint: 'Write it flatter and shorter.' })
    : faultOfEngine({ exception_type: 'Parser', exception_message: error_message, ...(position !== undefined && { position }) }, sql)

/** An engine error as a fault, by its exception type only. `sql`: the text of the caller, when there is one. */
export const faultOfDuckdb = (error: unknown, sql?: string, hasParams = false): Fault => {
  if (error instanceof Fault) return error
  const found = readEngineError(error)
  if (found === undefined)
    return (error as { code?: string }).code === 'ERR_STRING_TOO_LONG'
      ? new Fault('RESULT_TOO_LARGE', 'One value is too large to be sent.', {
          cause: error,
          hint: 'Shorten it in SQL, as with left(column, 200).',
        })
      : new Fault('SOURCE_UNAVAILABLE', 'The engine of this source failed.', { cause: error })
  return faultOfEngine(found, sql, error, hasParams)
}

/** What the engine advises to set; settings are closed. */
const advice = /\s*(?:\* |Use "?)SET \w+ ?=.*/is

const faultOfEngine = (engines: EngineError, sql: string | undefined, error?: unknown, hasParams = false): Fault => {
  const found = { ...engines, exception_message: engines.exception_message.replace(advice, '') }
  const message = asSentence(found.exception_message.split('\n', 1)[0] as string)
  // The parser counts characters; what looks at its tree counts bytes.
  const offsetOf = found.exception_type === 'Parser' ? offsetOfCodePoint : offsetOfByte
  const place = {
    path: 'sql',
    ...(sql !== undefined && found.position !== undefined && { position: positionAt(sql, offsetOf(sql, Number(found.position))) }),
  }
  switch (found.exception_type) {
    case 'Catalog':
    case 'Parser':
    case 'Syntax':
    case 'Binder': {
      // A name that the caller did not write stands in a view.
      if (sql !== undefined && found.name !== undefined && !isWritten(found.name, sql))
        return new Fault('SQL_ERROR', 'A view that the statement reads does not fit its tables any more.', { cause: error, path: 'sql' })
      if (message.startsWith('Contents of view'))
        return new Fault('SQL_ERROR', 'A view that the statement reads has other columns than when it was made.', {
          cause: error,
          path: 'sql',
        })
      const isTable = found.error_subtype === 'MISSING_ENTRY' && (found.type === 'Table' || found.type === 'View')
      const column = missingColumn(found) ?? lostColumn(found, sql)
      // The engine says it otherwise at each place of a statement; the guard says this of a column that is hidden.
      if (column !== undefined)
        return new Fault('SQL_ERROR', `Column "${foldName(column)}" does not exist.`, { ...place, missingColumn: column })
      const star =
        found.exception_type === 'Binder' && found.error_subtype === undefined && found.position === undefined && sql !== undefined
          ? findStrayStar(sql)
          : undefined
      if (star !== undefined && sql !== undefined)
        return new Fault('SQL_ERROR', message, { path: 'sql', position: positionAt(sql, star.offset), hint: star.hint })
      return new Fault(isTable ? 'TABLE_NOT_FOUND' : 'SQL_ERROR', message, { ...place, hint: hintOfBinder(found, sql) })
    }
    case 'Permission':
      return new Fault('SQL_REJECTED', 'The statement reaches beyond the tables of this source.', {
        ...place,
        cause: error,
        hint: 'Files, network and settings are closed; query the tables that list_tables shows.',
      })
    case 'Conversion':
      // A cast has a place in the text; the value of a parameter has none.
      if (hasParams && found.position === undefined)
        return new Fault('SQL_ERROR', withoutValues(found.exception_message), {
          path: 'params',
          hint: 'A parameter such as $1 may stand where another type is wanted: send a number as 1, a date as "2026-01-31", or write the type you mean, as in $1::VARCHAR.',
        })
      return new Fault('SQL_ERROR', withoutValues(found.exception_message), {
        ...place,
        hint:
          hintOfUnit(found.exception_message) ??
          (place.position === undefined ? undefined : hintOfConversion(sql as string, place.position.offset)) ??
          "Write dates as 2026-01-31, or read them by strptime(text, '%d.%m.%Y'); TRY_CAST gives NULL where a value does not convert.",
      })
    case 'Divide by Zero':
      return new Fault('SQL_ERROR', withoutValues(found.exception_message), { ...place, hint: 'Divide by nullif(x, 0).' })
    case 'Out of Range':
      return new Fault('SQL_ERROR', withoutValues(found.exception_message), {
        ...place,
        hint: hintOfRange(found.exception_message),
      })
    case 'Invalid Input': {
      const [, macro] = /^Function "(\w+)" is a Macro Function\./.exec(found.exception_message) ?? []
      if (macro === undefined)
        return new Fault('SQL_ERROR', withoutValues(found.exception_message), {
          ...place,
          ...(/^More than one row /.test(found.exception_message) && {
            hint: 'Let the subquery give one row: aggregate, or add LIMIT 1.',
          }),
        })
      return new Fault('SQL_ERROR', `The function "${macro}" takes no DISTINCT, FILTER or ORDER BY.`, {
        ...place,
        hint: `Filter and sort in list, as in to_json(list(x ORDER BY y)), or in a subquery that ${macro} reads.`,
      })
    }
    case 'Not implemented':
    case 'Unknown Type':
    case 'Invalid type':
    case 'Mismatch Type':
    case 'Object Size':
    case 'Decimal':
    case 'Invalid':
    case 'Expression':
    case 'Sequence':
    case 'Settings':
    case 'Parameter Not Resolved':
    case 'Parameter Not Allowed':
      return new Fault('SQL_ERROR', withoutValues(found.exception_message), place)
    case 'Missing Extension':
    case 'Extension Autoloading':
      return new Fault('SQL_ERROR', 'The statement needs an extension of the engine that is not loaded.', { ...place, cause: error })
    case 'Constraint':
    case 'TransactionContext':
      return new Fault('SQL_REJECTED', 'The engine refused the statement: it would write.', { ...place, cause: error })
    case 'Out of Memory':
      return new Fault('RESULT_TOO_LARGE', 'The query needs more memory than it may use.', {
        ...place,
        cause: error,
        hint: 'Filter or aggregate earlier, or select fewer rows or shorter values.',
      })
    case 'INTERRUPT':
      return new Fault('CANCELLED', 'The query was interrupted.', { cause: error })
    case 'INTERNAL':
    case 'FATAL':
      return new Fault('SOURCE_UNAVAILABLE', 'The engine of this source failed.', { cause: error })
    default:
      return new Fault('SOURCE_UNAVAILABLE', 'The file of this source cannot be read.', { cause: error })
  }
}

/** Functions that the grammar writes as syntax of its own. */
const behindSyntax: ReadonlySet<string> = new Set(
  'array_extract array_slice concat date_part like_escape list_concat list_extract list_slice list_value regexp_full_match row struct_extract struct_pack timezone'.split(
    ' ',
  ),
)

/** Whether a name stands in a text, or may stand behind its syntax, as operators do. */
const isWritten = (name: string, sql: string): boolean =>
  !/^\w/.test(name) || behindSyntax.has(name) || sql.toLowerCase().includes(name.toLowerCase())

/** The error as the engine structured it; undefined for an error of another origin. */
export const readEngineError = (error: unknown): EngineError | undefined => {
  const text = error instanceof Error ? error.message : String(error)
  const start = text.indexOf('{"exception_type"')
  if (start === -1) return undefined
  try {
    return JSON.parse(text.slice(start)) as EngineError
  } catch {
    return undefined
  }
}

/** In a subquery the engine may say of a missing column that its table, which the statement names elsewhere too, is not there. */
const lostColumn = ({ exception_message, position }: EngineError, sql: string | undefined): string | undefined => {
  const [, table] = /^Referenced table "([^\n]*)" not found/.exec(exception_message) ?? []
  if (table === undefined || sql === undefined || position === undefined) return undefined
  const following = sql.toLowerCase().split(table.toLowerCase()).slice(1)
  if (following.every((rest) => /^(?:\w|"?\s*\.)/.test(rest))) return undefined
  const [, quoted, plain] = qualifiedName.exec(sql.slice(offsetOfByte(sql, Number(position)))) ?? []
  return quoted ?? plain
}

/** `t.a`, with the last part apart. */
const qualifiedName = /^(?:(?:"(?:[^"]|"")*"|\w+)\s*\.\s*)+(?:"((?:[^"]|"")*)"|(\w+))/

/** The column that a binder error says is not there. */
const missingColumn = ({ error_subtype, name, exception_message }: EngineError): string | undefined =>
  error_subtype === 'COLUMN_NOT_FOUND' && name !== undefined
    ? name
    : (/^(?:Table|Values list) "[^\n]*" does not have a column named "([^\n]*)"/.exec(exception_message) ??
        /^Column "([^\n]*)" (?:does not exist on|in \w+ list not found|referenced in UNPIVOT but no matching entry)/.exec(
          exception_message,
        ))?.[1]
