import { Fault } from '../../envelope/fault.ts'
import { offsetOfByte, positionAt } from '../../envelope/text-position.ts'
import { foldName } from '../fold-name.ts'
import { asSentence, withoutValues } from '../without-values.ts'

/** What the engine says of an error under `errors_as_json`. */
interface EngineError {
  readonly exception_type: string
  readonly exception_message: string
  readonly error_subtype?: string
  /** UTF-8 byte offset in the statement. */
  readonly position?: string
  readonly type?: string
  /** What is missing. */
  readonly name?: string
}

/** Why json_serialize_sql did not take a text. */
export interface ParserError {
  readonly error_message: string
  /** UTF-8 byte offset in the text. */
  readonly position?: string
}

/** A text that the engine's grammar does not take. */
export const faultOfParser = ({ error_message, position }: ParserError, sql: string): Fault =>
  faultOfEngine({ exception_type: 'Parser', exception_message: error_message, ...(position !== undefined && { position }) }, sql)

/** An engine error as a fault, by its exception type only. `sql`: the text of the caller, when there is one. */
export const faultOfDuckdb = (error: unknown, sql?: string): Fault => {
  if (error instanceof Fault) return error
  const found = readEngineError(error)
  if (found === undefined)
    return (error as { code?: string }).code === 'ERR_STRING_TOO_LONG'
      ? new Fault('RESULT_TOO_LARGE', 'One value is too large to be sent.', {
          cause: error,
          hint: 'Shorten it in SQL, as with left(column, 200).',
        })
      : new Fault('SOURCE_UNAVAILABLE', 'The engine of this source failed.', { cause: error })
  return faultOfEngine(found, sql, error)
}

const faultOfEngine = (found: EngineError, sql: string | undefined, error?: unknown): Fault => {
  const message = asSentence(found.exception_message.split('\n', 1)[0] as string)
  const place = {
    path: 'sql',
    ...(sql !== undefined && found.position !== undefined && { position: positionAt(sql, offsetOfByte(sql, Number(found.position))) }),
  }
  switch (found.exception_type) {
    case 'Catalog':
    case 'Parser':
    case 'Syntax':
    case 'Binder': {
      // A name that the caller did not write stands in a view.
      if (sql !== undefined && found.name !== undefined && !sql.toLowerCase().includes(found.name.toLowerCase()))
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
      return new Fault(isTable ? 'TABLE_NOT_FOUND' : 'SQL_ERROR', message, place)
    }
    case 'Permission':
      return new Fault('SQL_REJECTED', 'The statement reaches beyond the tables of this source.', {
        ...place,
        cause: error,
        hint: 'Files, network and settings are closed; query the tables that list_tables shows.',
      })
    case 'Conversion':
      return new Fault('SQL_ERROR', withoutValues(found.exception_message), {
        ...place,
        hint: 'TRY_CAST gives NULL where a value does not convert.',
      })
    case 'Not implemented':
    case 'Invalid Input':
    case 'Out of Range':
    case 'Unknown Type':
    case 'Invalid type':
    case 'Mismatch Type':
    case 'Object Size':
    case 'Decimal':
    case 'Divide by Zero':
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
    : (/^Table "[^\n]*" does not have a column named "([^\n]*)"/.exec(exception_message) ??
        /^Column "([^\n]*)" (?:does not exist on|in \w+ list not found)/.exec(exception_message))?.[1]
