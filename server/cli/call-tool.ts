import type { Warning } from '../../contracts/v1/envelope.ts'
import type { ErrorItem } from '../../contracts/v1/errors.ts'
import { encodeEnvelope } from '../envelope/envelope.ts'
import { exitCodes, type Invocation } from './command.ts'
import { createCommandLog, openNamedProject } from './locate-project.ts'
import { printable, type Terminal } from './terminal.ts'

/**
 * Sends one call through dispatch, as every door does, and shows what came of it: `show` prints the data of a success,
 * errors and warnings go to standard error, and with --json the whole envelope goes out instead. Returns the exit code.
 */
export const callTool = async <Data>(
  invocation: Invocation,
  tool: string,
  input: Readonly<Record<string, unknown>>,
  show: (data: Data, terminal: Terminal) => void,
): Promise<number> => {
  const { terminal, signal, flags } = invocation
  const log = createCommandLog(invocation, 'error')
  const project = await openNamedProject(invocation, log)
  const { openDataface } = await import('../main.ts')
  const dataface = openDataface({ project, log })
  try {
    const envelope = await dataface.dispatcher.dispatch({ tool, input, door: 'cli', caller: { id: 'cli' }, signal })
    const text = encodeEnvelope(envelope)
    if (flags.json === true) terminal.out(`${text}\n`)
    else if (envelope.success) {
      show((JSON.parse(text) as { data: Data }).data, terminal)
      // No command asks for a next page.
      printWarnings(
        envelope.warnings.filter(({ code }) => code !== 'UNORDERED_PAGES'),
        terminal,
      )
    } else {
      // Who sits at the terminal is told what callers are not: why a source is switched off.
      const off = typeof input.source === 'string' ? project.disabled.get(input.source)?.reason.details.operatorHint : undefined
      printErrors(off === undefined ? envelope.errors : envelope.errors.map((error) => ({ ...error, hint: off })), terminal)
    }
    if (envelope.success) return exitCodes.ok
    return signal.aborted ? exitCodes.interrupted : exitCodes.failed
  } finally {
    await dataface.close()
  }
}

/** Errors for a person: code, message, where in the SQL, and what to do. */
export const printErrors = (errors: readonly ErrorItem[], terminal: Terminal): void => {
  for (const { code, message, hint, position } of errors) {
    const place = position === undefined ? '' : ` (line ${position.line}, column ${position.column})`
    terminal.err(`${terminal.paintError('red', code)}: ${printable(message)}${place}\n`)
    if (hint !== undefined) terminal.err(`  ${printable(hint)}\n`)
  }
}

/** Warnings for a person, on standard error. */
export const printWarnings = (warnings: readonly Warning[], terminal: Terminal): void => {
  for (const { code, message } of warnings) terminal.err(`${terminal.paintError('yellow', code)}: ${printable(message)}\n`)
}
