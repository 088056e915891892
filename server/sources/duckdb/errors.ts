import { Fault } from '../../envelope/fault.ts'
import { offsetOfByte, positionAt } from '../../envelope/text-position.ts'
import { asSentence, withoutValues } from '../without-values.ts'

/** What the engine says of an error under `errors_as_json`. */
interface EngineError {
  readonly exception_type: string
  readonly exception_message: string
  readonly error_subtype?: string
  /** UTF-8 byte offset in the statement. */
  readonly position?: string
  readonly type?: string
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
      return found.error_subtype === 'MISSING_ENTRY' && (found.type === 'Table' || found.type === 'View')
        ? new Fault('TABLE_NOT_FOUND', message, place)
        : new Fault('SQL_ERROR', message, place)
    case 'Parser':
    case 'Syntax':
    case 'Binder':
    case 'Not implemented':
      return new Fault('SQL_ERROR', message, place)
    case 'Permission':
      return new Fault('SQL_REJECTED', 'The statement reaches beyond the tables of this source.', {
        ...place,
        cause: error,
        hint: 'Files, network and settings are closed; query the tables that list_tables shows.',
      })
    case 'Invalid Input':
    case 'Conversion':
    case 'Out of Range':
    case 'Invalid type':
    case 'Mismatch type':
    case 'Divide by Zero':
    case 'Invalid':
      return new Fault('SQL_ERROR', withoutValues(found.exception_message), place)
    case 'Constraint':
    case 'TransactionContext':
      return new Fault('SQL_REJECTED', 'The engine refused the statement: it would write.', { ...place, cause: error })
    case 'Out of Memory':
      return new Fault('SQL_ERROR', 'The query needs more memory than it may use.', {
        ...place,
        cause: error,
        hint: 'Filter or aggregate earlier, or select fewer rows.',
      })
    case 'INTERRUPT':
      return new Fault('CANCELLED', 'The query was interrupted.', { cause: error })
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
