import { Fault } from '../../envelope/fault.ts'
import { offsetOfCodePoint, positionAt } from '../../envelope/text-position.ts'
import { staleSource } from '../basis.ts'
import { missingField } from '../missing-field.ts'
import { nameAt } from '../name-at.ts'
import { highestParameter, skippedParameter } from '../sql-tokens.ts'
import { asSentence, withoutValues } from '../without-values.ts'
import { skippedParam, wrongParamCount } from '../wrong-param-count.ts'
import { isStale } from './check-basis.ts'
import { hintOf } from './hints.ts'
import { unavailable } from './unavailable.ts'

/** What a Postgres server says in an ErrorResponse; see "Error and Notice Message Fields" in its manual. */
interface ServerError extends Error {
  readonly code?: string
  readonly position?: string
  readonly hint?: string
  readonly where?: string
}

/** The text that was sent: the caller's own behind a prefix of ours. */
export interface SentText {
  readonly sql: string
  readonly prefix: string
  /** Values that were sent with it. */
  readonly paramCount: number
  /** Those that the source serves; undefined for all. */
  readonly schemas?: readonly string[] | undefined
}

/**
 * A driver's or server's error as a fault, by SQLSTATE or system error code only. The message of the server is passed
 * on for errors in the caller's own statement, without its literals; the rest goes to the log as the cause.
 */
export const faultOfPostgres = (error: unknown, sent?: SentText): Fault => {
  if (error instanceof Fault) return error
  const { code = '' } = error as ServerError
  if (code === '22P02' && isStale(error as Error)) return staleSource()
  const state = code.slice(0, 2)
  if (code === '3F000' || (code === '42704' && /^text search /.test((error as Error).message)))
    // A schema that is not there is not told from one without such an object.
    return new Fault('SQL_ERROR', 'No text search configuration, dictionary or parser of that name exists.', { cause: error, path: 'sql' })
  if (code === '42P01') return inStatement('TABLE_NOT_FOUND', error as ServerError, sent)
  if (code === '42501')
    return new Fault('PERMISSION_DENIED', 'The login of this source may not read that.', {
      cause: error,
      path: 'sql',
      operatorHint: 'Let the login read it: GRANT USAGE ON SCHEMA and GRANT SELECT ON ALL TABLES IN SCHEMA.',
    })
  if (code === '25006')
    return new Fault('SQL_REJECTED', 'The database refused the statement: it would write.', { cause: error, path: 'sql' })
  if (code === '57014')
    return new Fault('QUERY_TIMEOUT', 'The query passed its time limit and was cancelled.', { cause: error, hint: narrowHint })
  if (code === '55P03') return new Fault('QUERY_TIMEOUT', 'The query waited too long for a lock.', { cause: error, retryable: true })
  if (state === '53' && sent !== undefined)
    return new Fault('SQL_ERROR', 'The query needs more memory or temporary space than it may use.', {
      cause: error,
      path: 'sql',
      hint: narrowHint,
    })
  if (state === 'XX' && sent !== undefined)
    return new Fault('SQL_ERROR', 'The database failed at this statement with an error of its own.', {
      cause: error,
      path: 'sql',
      hint: 'Write the query in another way.',
    })
  if (code === '08P01' && sent !== undefined) return wrongParamCount(highestParameter(sent.sql), sent.paramCount, error)
  const skipped = code === noType && sent !== undefined ? skippedParameter(sent.sql) : undefined
  if (skipped !== undefined) return skippedParam(skipped, error)
  if (/^[0-9A-Z]{5}$/.test(code) && !['08', '28', '57', '53', '58', 'XX'].includes(state))
    return inStatement('SQL_ERROR', error as ServerError, sent)
  return unavailable(error)
}

/** Of a parameter, above all: nothing tells its type, which is so of one that no expression uses. */
const noType = '42P18'

const narrowHint = 'Filter or aggregate earlier, or select fewer rows.'

/**
 * Whether code of the database's own brought an error about. What it raises may say anything, and what it lacks may be
 * nothing that callers may see; of values that a function in SQL cannot compute, the server speaks itself.
 */
const isOfCode = ({ where = '', code = '' }: ServerError): boolean =>
  /^PL\/\w+ function /m.test(where) || (/^SQL function /m.test(where) && !code.startsWith('22'))

const inStatement = (code: 'TABLE_NOT_FOUND' | 'SQL_ERROR', error: ServerError, sent: SentText | undefined): Fault => {
  if (isOfCode(error))
    return new Fault('SQL_ERROR', 'A function of the database failed.', {
      cause: error,
      path: 'sql',
      hint: 'A view, a column or a policy of what is read calls it. Read other rows or columns.',
    })
  const index = sent === undefined ? -1 : Number(error.position ?? 0) - 1 - sent.prefix.length
  const parameter = unfitParameter(error, sent)
  if (parameter !== undefined)
    return new Fault(code, shownMessage(error, sent?.schemas), {
      path: `params.${parameter - 1}`,
      hint: `$${parameter} stands where another type is wanted. Send a number as 1, a date as "2026-01-31"; or write the type you mean, as in $${parameter}::text.`,
    })
  const offset = sent !== undefined && index >= 0 ? offsetOfCodePoint(sent.sql, index) : undefined
  const field = sent === undefined || offset === undefined ? undefined : missingFieldAt(error, sent.sql, offset)
  const said = error.hint !== undefined && !leaks(error.hint) && error.code !== noColumn ? error.hint : undefined
  return new Fault(code, field?.message ?? shownMessage(error, sent?.schemas), {
    path: 'sql',
    ...(field === undefined && { hint: hintOf(error, sent?.sql, offset, said) }),
    ...(error.code === noColumn && { missingColumn: missingColumn(error.message) }),
    ...(field !== undefined && { missingColumn: field.name }),
    ...(sent !== undefined && offset !== undefined && { position: positionAt(sent.sql, offset) }),
  })
}

/**
 * The number of a parameter whose value the server could not read. It then names the parameter in the context of the
 * error, which begins with it, and no place in the text.
 */
const unfitParameter = ({ code = '', position, where = '' }: ServerError, sent: SentText | undefined): number | undefined => {
  if (sent === undefined || sent.paramCount === 0 || position !== undefined || !code.startsWith('22')) return undefined
  const [, number] = /^[^$\n]*\$(\d+)/.exec(where) ?? []
  return number === undefined ? undefined : Number(number)
}

/** What the server suggests in place of a missing column may be one that callers may not see. */
const noColumn = '42703'

/** The column that the server says is not there, with the name before it as the server writes it. */
const missingColumn = (message: string): string | undefined =>
  (/^column "(.*)" (?:does not exist|specified in USING|of relation|not found in)/s.exec(message) ??
    /^column (.*) (?:does not exist|not found in data type .*)$/s.exec(message))?.[1]

/** The messages of the server for a field that a value lacks, by what the value is. */
const fieldMessages = [
  /^column notation \.(.*) applied to type .*, which is not a composite type$/s,
  /^column "(.*)" not found in data type .*$/s,
  /^could not identify column "(.*)" in record data type$/s,
  /^column .*\.([^."]*) does not exist$/s,
]

/** A field that is not there, told without the type of its value: as a column where it is written as one. */
const missingFieldAt = ({ message }: ServerError, sql: string, offset: number): { name: string; message: string } | undefined => {
  const name = fieldMessages.map((one) => one.exec(message)?.[1]).find((found) => found !== undefined)
  if (name === undefined) return undefined
  const written = nameAt(sql, offset)?.parts ?? []
  if (written.at(-1)?.toLowerCase() !== name.toLowerCase()) return { name, message: missingField(name) }
  return {
    name,
    message: message.startsWith('column notation') ? `Column ${written.slice(-2).join('.')} does not exist.` : asSentence(message),
  }
}

/** Classes whose message only names what the caller wrote, when it has a place there: syntax, names, types. Others may quote stored values. */
const quotesCallerOnly = new Set(['42', '0A', '21', '3F', '2B', '54'])

/** Of those, what is said of columns and tables, which has no place where it is of USING. */
const namesRelation = new Set(['42701', '42702', '42703', '42P01'])

/** What may be said of an error in the caller's own statement. Another without a place was met in the rows. */
const shownMessage = ({ message, code = '', position }: ServerError, schemas: readonly string[] | undefined): string => {
  if (namesRelation.has(code) || /^could not determine data type of parameter \$\d+$/.test(message))
    return asSentence(message.split('\n', 1)[0] as string)
  const told = withoutSchemas(message, schemas)
  return quotesCallerOnly.has(code.slice(0, 2)) && position !== undefined
    ? asSentence(told.split('\n', 1)[0] as string)
    : withoutValues(withoutBareValues(told))
}

/** The server writes the schema of a type or function before its name, also one that is not served. */
const withoutSchemas = (message: string, schemas: readonly string[] | undefined): string =>
  schemas === undefined
    ? message
    : message.replace(/\b([a-z_]\w*|"(?:[^"]|"")+")\.(?=[a-z_"])/gi, (written, schema: string) =>
        schemas.includes(schema.replace(/^"|"$/g, '')) ? written : '',
      )

/** The messages of the server that write a value without quotes around it. */
const withoutBareValues = (message: string): string =>
  message.replace(/^(invalid normalization form): .*$/s, '$1').replace(/^.* is not a valid encoding name$/s, 'invalid encoding name')

/** A hint about other objects could name what the caller may not see. */
const leaks = (hint: string): boolean => /role|permission|superuser|pg_hba|connection|file/i.test(hint)
