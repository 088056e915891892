export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Writes one structured line. Fields hold no secrets, no row data and no SQL parameters. */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void

const ranks: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

/** A log of JSON lines: `{"time","level","message",...fields}`. Errors in fields become name, message and stack. */
export const createJsonLog = (write: (line: string) => void, least: LogLevel = 'info'): Log => {
  return (level, message, fields) => {
    if (ranks[level] < ranks[least]) return
    const line = JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }, (_key, value: unknown) =>
      value instanceof Error ? describeError(value) : typeof value === 'bigint' ? String(value) : value,
    )
    write(`${line}\n`)
  }
}

const describeError = (error: Error): Record<string, unknown> => ({
  name: error.name,
  message: redactUrls(error.message),
  stack: redactUrls(error.stack ?? ''),
  ...(error.cause !== undefined && { cause: error.cause instanceof Error ? describeError(error.cause) : undefined }),
})

/** Drivers put connection strings into messages; the log keeps the host and loses the credentials. */
const redactUrls = (text: string): string => text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s@/]+@/gi, '$1***@')
