import type { Warning } from '../../contracts/v1/envelope.ts'
import type { ErrorItem } from '../../contracts/v1/errors.ts'
import type { Call, StreamAnswer } from '../dispatch/call.ts'
import { type Envelope, encodeEnvelope, type Failure } from '../envelope/envelope.ts'
import type { Dataface } from '../main.ts'
import type { Project } from '../projects/project.ts'
import { exitCodes, type Invocation, stoppedCode } from './command.ts'
import { hintForCommands } from './hint-for-commands.ts'
import { createCommandLog, openNamedProject } from './locate-project.ts'
import { printable, type Terminal } from './terminal.ts'

type Input = Readonly<Record<string, unknown>>

/**
 * Sends one call through dispatch, as every door does, and shows what came of it: `show` prints the data of a success,
 * errors and warnings go to standard error, and with --json the whole envelope goes out instead. Returns the exit code:
 * that of a failure too when `hasFailed` says so of the data.
 */
export const callTool = <Data>(
  invocation: Invocation,
  tool: string,
  input: Input | ((project: Project) => Input),
  show: (data: Data, terminal: Terminal, project: Project) => void | Promise<void>,
  hasFailed: (data: Data) => boolean = () => false,
): Promise<number> =>
  withDataface(invocation, async ({ project, dispatcher }) => {
    const { terminal, flags } = invocation
    const given = typeof input === 'function' ? input(project) : input
    const envelope = await dispatcher.dispatch(callOf(invocation, tool, given))
    const text = encodeEnvelope(envelope)
    if (flags.json === true) terminal.out(`${text}\n`)
    if (!envelope.success) {
      if (flags.json !== true) showFailure(envelope, given, project, terminal)
      return failureCode(invocation)
    }
    const { data } = JSON.parse(text) as { data: Data }
    if (flags.json !== true) {
      await show(data, terminal, project)
      printWarnings(envelope.warnings.filter(isForPeople), terminal)
    }
    return hasFailed(data) ? exitCodes.failed : exitCodes.ok
  })

/**
 * Sends one call whose rows are read as a stream. `write` takes the rows and gives the envelope that ends them; errors and
 * warnings go to standard error. Returns the exit code: for a success the one that `show` gives for its data.
 */
export const streamTool = <Data>(
  invocation: Invocation,
  tool: string,
  input: Input,
  write: (answer: StreamAnswer) => Promise<Envelope>,
  show: (data: Data) => number,
): Promise<number> =>
  withDataface(invocation, async ({ project, dispatcher }) => {
    const { terminal } = invocation
    const answer = await dispatcher.stream(callOf(invocation, tool, input))
    const envelope = 'success' in answer ? answer : await write(answer)
    if (!envelope.success) {
      showFailure(envelope, input, project, terminal)
      return failureCode(invocation)
    }
    const code = show((JSON.parse(encodeEnvelope(envelope)) as { data: Data }).data)
    printWarnings(envelope.warnings.filter(isForPeople), terminal)
    return code
  })

const withDataface = async (invocation: Invocation, use: (dataface: Dataface) => Promise<number>): Promise<number> => {
  const log = createCommandLog(invocation, 'error')
  const project = await openNamedProject(invocation, log)
  const { openDataface } = await import('../main.ts')
  // Who runs commands may read the project as it is, so nobody is kept from a page: the next command continues the last.
  const dataface = openDataface({ project, log, cursorSecret: Buffer.alloc(32, 'dft') })
  try {
    return await use(dataface)
  } finally {
    await dataface.close()
  }
}

const callOf = ({ signal }: Invocation, tool: string, input: Input): Call => ({ tool, input, door: 'cli', caller: { id: 'cli' }, signal })

const failureCode = ({ signal }: Invocation): number => (signal.aborted ? stoppedCode(signal) : exitCodes.failed)

/** Pages are continued by hand. */
const isForPeople = ({ code }: Warning): boolean => code !== 'UNORDERED_PAGES'

const showFailure = (envelope: Failure, given: Input, project: Project, terminal: Terminal): void => {
  // Who sits at the terminal is told what callers are not: why a source is switched off.
  const off = typeof given.source === 'string' ? project.disabled.get(given.source)?.reason.details.operatorHint : undefined
  printErrors(off === undefined ? envelope.errors : envelope.errors.map((error) => ({ ...error, hint: off })), terminal)
}

/** Errors for a person: code, message, where in the SQL, and what to do. */
export const printErrors = (errors: readonly ErrorItem[], terminal: Terminal): void => {
  for (const { code, message, hint, position } of errors) {
    const place = position === undefined ? '' : ` (line ${position.line}, column ${position.column})`
    terminal.err(`${terminal.paintError('red', code)}: ${printable(message)}${place}\n`)
    if (hint !== undefined) terminal.err(`  ${printable(hintForCommands(hint))}\n`)
  }
}

/** Warnings for a person, on standard error. */
export const printWarnings = (warnings: readonly Warning[], terminal: Terminal): void => {
  for (const { code, message } of warnings) terminal.err(`${terminal.paintError('yellow', code)}: ${printable(message)}\n`)
}
