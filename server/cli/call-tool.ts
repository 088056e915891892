import type { Warning } from '../../contracts/v1/envelope.ts'
import type { ErrorItem } from '../../contracts/v1/errors.ts'
import { encodeEnvelope } from '../envelope/envelope.ts'
import type { Project } from '../projects/project.ts'
import { exitCodes, type Invocation } from './command.ts'
import { createCommandLog, openNamedProject } from './locate-project.ts'
import { printable, type Terminal } from './terminal.ts'

type Input = Readonly<Record<string, unknown>>

/**
 * Sends one call through dispatch, as every door does, and shows what came of it: `show` prints the data of a success,
 * errors and warnings go to standard error, and with --json the whole envelope goes out instead. Returns the exit code:
 * that of a failure too when `hasFailed` says so of the data.
 */
export const callTool = async <Data>(
  invocation: Invocation,
  tool: string,
  input: Input | ((project: Project) => Input),
  show: (data: Data, terminal: Terminal) => void | Promise<void>,
  hasFailed: (data: Data) => boolean = () => false,
): Promise<number> => {
  const { terminal, signal, flags } = invocation
  const log = createCommandLog(invocation, 'error')
  const project = await openNamedProject(invocation, log)
  const { openDataface } = await import('../main.ts')
  const dataface = openDataface({ project, log })
  try {
    const given = typeof input === 'function' ? input(project) : input
    const envelope = await dataface.dispatcher.dispatch({ tool, input: given, door: 'cli', caller: { id: 'cli' }, signal })
    const text = encodeEnvelope(envelope)
    const data = envelope.success ? (JSON.parse(text) as { data: Data }).data : undefined
    if (flags.json === true) terminal.out(`${text}\n`)
    else if (envelope.success) {
      await show(data as Data, terminal)
      // No command asks for a next page.
      printWarnings(
        envelope.warnings.filter(({ code }) => code !== 'UNORDERED_PAGES'),
        terminal,
      )
    } else {
      // Who sits at the terminal is told what callers are not: why a source is switched off.
      const off = typeof given.source === 'string' ? project.disabled.get(given.source)?.reason.details.operatorHint : undefined
      printErrors(off === undefined ? envelope.errors : envelope.errors.map((error) => ({ ...error, hint: off })), terminal)
    }
    if (data !== undefined) return hasFailed(data) ? exitCodes.failed : exitCodes.ok
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
