export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Writes one structured line. Fields hold no secrets, no row data and no SQL parameters. */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void

const ranks: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

/** Every level, the one that tells most first. */
export const logLevels = Object.keys(ranks) as readonly LogLevel[]

/** A log of JSON lines: `{"time","level","message",...fields}`. Errors in fields become name, code and message, at level `error` with their stack. */
export const createJsonLog = (write: (line: string) => void, least: LogLevel = 'info'): Log => {
  return (level, message, fields) => {
    if (ranks[level] < ranks[least]) return
    const line = JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }, (_key, value: unknown) =>
      value instanceof Error ? describeError(value, level === 'error') : typeof value === 'bigint' ? String(value) : value,
    )
    write(`${line}\n`)
  }
}

const describeError = (error: Error, withStack: boolean): Record<string, unknown> => {
  const { code } = error as { code?: unknown }
  return {
    name: error.name,
    ...(typeof code === 'string' && { code }),
    message: redactUrls(error.message),
    ...(withStack && { stack: redactUrls(error.stack ?? '') }),
    ...(error instanceof AggregateError && { errors: error.errors }),
    ...(error.cause instanceof Error && { cause: error.cause }),
  }
}

/** Drivers put connection strings into messages; the log keeps the host and loses the credentials. */
const redactUrls = (text: string): string => text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s@/]+@/gi, '$1***@')
