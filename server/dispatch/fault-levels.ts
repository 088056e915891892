import type { ErrorCode } from '../../contracts/v1/errors.ts'
import type { LogLevel } from '../operations/log.ts'

/** How loud a failed call is in the log: callers' mistakes are for who looks for them, what an operator must mend is a warning. */
export const faultLevels: Readonly<Record<ErrorCode, LogLevel>> = {
  VALIDATION_ERROR: 'debug',
  UNKNOWN_TOOL: 'debug',
  SOURCE_NOT_FOUND: 'debug',
  SOURCE_UNAVAILABLE: 'warn',
  SOURCE_UNPROVEN: 'warn',
  TABLE_NOT_FOUND: 'debug',
  BOARD_NOT_FOUND: 'debug',
  SQL_REJECTED: 'debug',
  SQL_ERROR: 'debug',
  PERMISSION_DENIED: 'info',
  UNAUTHENTICATED: 'info',
  QUERY_TIMEOUT: 'info',
  CANCELLED: 'debug',
  RESULT_TOO_LARGE: 'debug',
  QUERY_TOO_COSTLY: 'debug',
  RATE_LIMITED: 'info',
  NOT_READY: 'info',
  CONFLICT: 'debug',
  INTERNAL_ERROR: 'error',
}
