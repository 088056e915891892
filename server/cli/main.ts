#!/usr/bin/env node
import module from 'node:module'
import { nearestName } from '../envelope/nearest-name.ts'
import { type Command, exitCodes, stoppedCode, UsageError } from './command.ts'
import { createTerminal, type Terminal } from './terminal.ts'

// Hosts start `dft mcp` again and again; compiled code that is kept saves a sixth of that.
module.enableCompileCache?.()

interface Entry {
  readonly summary: string
  load(): Promise<{ command: Command }>
}

/** One line per command, by what they are for; the code of each is loaded when it is called. */
const groups: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  'Serve a project': {
    serve: { summary: 'Serve a project, or files, over MCP, REST and tRPC.', load: () => import('./serve.ts') },
    mcp: { summary: 'Serve a project over MCP on standard input and output.', load: () => import('./mcp.ts') },
    tools: { summary: 'List the tools that are served, with their versions.', load: () => import('./tools.ts') },
  },
  'Ask its sources': {
    sources: { summary: 'List the sources, their state and what keeps them read-only.', load: () => import('./sources.ts') },
    tables: { summary: 'List the tables, views and files of a source.', load: () => import('./tables.ts') },
    describe: { summary: 'Describe a table.', load: () => import('./describe.ts') },
    query: { summary: 'Run one read-only SQL statement.', load: () => import('./query.ts') },
  },
  'Work on boards': {
    boards: { summary: 'List the boards, with what is found of each.', load: () => import('./boards.ts') },
    validate: { summary: 'Check boards without touching a database.', load: () => import('./validate.ts') },
    render: { summary: 'Render a board, or one chart of it, with its data.', load: () => import('./render.ts') },
    review: { summary: 'Review a board: what does not work, misleads, or can be better.', load: () => import('./review.ts') },
    migrate: { summary: 'Rewrite boards of older grammars in that of today.', load: () => import('./migrate.ts') },
  },
  'Set up and check': {
    init: { summary: 'Add the server to the settings of an MCP client.', load: () => import('./init.ts') },
    doctor: { summary: 'Check configuration, files, connections and read-only proof.', load: () => import('./doctor.ts') },
    config: { summary: 'Check the settings of a server, or show them.', load: () => import('./config.ts') },
    audit: { summary: 'Show the record of calls.', load: () => import('./audit.ts') },
    keys: { summary: 'Make, list and revoke the API keys of a project.', load: () => import('./keys.ts') },
    grant: { summary: 'Print the SQL for a Postgres login that can only read.', load: () => import('./grant.ts') },
    contracts: { summary: 'Compare two releases of the contracts, and explain what is found.', load: () => import('./contracts.ts') },
  },
}

const commands: Readonly<Record<string, Entry>> = Object.assign({}, ...Object.values(groups))

/** Runs one command line and returns its exit code. Everything it can throw ends as a message and a code. */
const runCommandLine = async (args: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> => {
  const [name, ...rest] = args
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') return await showHelp(name, rest[0], terminal)
    if (name === '--version' || name === '-v') {
      terminal.out(`${await readVersion()}\n`)
      return exitCodes.ok
    }
    const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (entry === undefined) throw unknownCommand(name)
    const { command } = await entry.load()
    if (isHelpAsked(rest)) {
      const { commandHelp } = await import('./help.ts')
      terminal.out(commandHelp(name, entry.summary, command))
      return exitCodes.ok
    }
    const { parseArguments } = await import('./parse-arguments.ts')
    return await command.run({ ...parseArguments(command, name, rest), terminal, env: process.env, signal })
  } catch (error) {
    if (signal.aborted) return stoppedCode(signal)
    return reportFailure(error, args.includes('--json'), terminal)
  }
}

const isHelpAsked = (args: readonly string[]): boolean => {
  const end = args.indexOf('--')
  return (end === -1 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')
}

const unknownCommand = (name: string): UsageError => {
  const near = nearestName(name, Object.keys(commands))
  return new UsageError(
    `There is no ${name.startsWith('-') ? 'flag' : 'command'} "${name}".`,
    near === undefined ? 'See dft --help.' : `Did you mean "${near}"?`,
  )
}

const showHelp = async (asked: string | undefined, topic: string | undefined, terminal: Terminal): Promise<number> => {
  if (topic !== undefined && !Object.hasOwn(commands, topic)) throw unknownCommand(topic)
  const { commandHelp, overallHelp } = await import('./help.ts')
  const entry = topic === undefined ? undefined : commands[topic]
  const text =
    topic === undefined || entry === undefined
      ? overallHelp(await readVersion(), groups)
      : commandHelp(topic, entry.summary, (await entry.load()).command)
  if (asked !== undefined) terminal.out(text)
  else terminal.err(text)
  return asked === undefined ? exitCodes.usage : exitCodes.ok
}

const readVersion = async (): Promise<string> => (await import('../../package.json', { with: { type: 'json' } })).default.version

/** Says what went wrong: with --json on standard output, in the form of an answer that failed, else on standard error. */
const reportFailure = async (error: unknown, json: boolean, terminal: Terminal): Promise<number> => {
  const { ProjectError } = await import('../projects/diagnostic.ts')
  if (error instanceof ProjectError) {
    const { printDiagnostics } = await import('./print-diagnostics.ts')
    if (json) terminal.out(`${JSON.stringify({ success: false, diagnostics: error.diagnostics })}\n`)
    else printDiagnostics(error.diagnostics, terminal)
    return exitCodes.configuration
  }
  const { errorItem, Fault } = await import('../envelope/fault.ts')
  const faultOf = () => {
    if (error instanceof UsageError) return new Fault('VALIDATION_ERROR', error.message, { hint: error.hint })
    if (isOfFile(error))
      return new Fault('NOT_READY', `A file cannot be used. ${error.message}.`, {
        hint: 'Check the path, and what the user may do there who gives this command.',
        retryable: false,
      })
    if (error instanceof Fault) return error
    return new Fault('INTERNAL_ERROR', error instanceof Error ? (error.stack ?? error.message) : String(error), { hint: 'Report this.' })
  }
  const fault = faultOf()
  if (json) terminal.out(`${JSON.stringify({ success: false, errors: [errorItem(fault)] })}\n`)
  else if (error instanceof UsageError)
    terminal.err(`${terminal.paintError('red', 'error')}: ${error.message}\n${error.hint === undefined ? '' : `  ${error.hint}\n`}`)
  else if (fault.code === 'INTERNAL_ERROR') terminal.err(`${terminal.paintError('red', fault.code)}: ${fault.message}\n`)
  else (await import('./call-tool.ts')).printErrors([errorItem(fault)], terminal)
  return error instanceof UsageError ? exitCodes.usage : exitCodes.failed
}

/** Whether an error is what the system says of a file, as that nobody but its owner may read it. */
const isOfFile = (error: unknown): error is Error => {
  const { code, syscall, path } = error as NodeJS.ErrnoException
  return error instanceof Error && code !== undefined && syscall !== undefined && typeof path === 'string'
}

/** Runners such as npm pass on a Ctrl-C that the terminal has sent to everyone already: one key, several signals. Milliseconds. */
const sameSignalMs = 500
/** How long what is left may keep the process, as a reader that takes nothing. Milliseconds. */
const lingerMs = 1_000
const stop = new AbortController()
let stoppedAt = 0
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    if (!stop.signal.aborted) {
      stoppedAt = performance.now()
      stop.abort(new Error(name))
    } else if (performance.now() - stoppedAt > sameSignalMs) process.exit(name === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated)
  })
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader went away, as `head` does once it has enough.
  if (error.code === 'EPIPE') process.exit(exitCodes.ok)
  process.stderr.write(`error: Standard output cannot be written: ${error.message}\n`, () => process.exit(exitCodes.failed))
})
// What cannot be told changes no exit code.
process.stderr.on('error', () => {})

// Node writes to pipes at once and waits meanwhile; a reader that takes nothing would keep even Ctrl-C from being heard.
const { _handle: pipe } = process.stdout as { _handle?: { setBlocking?(blocks: boolean): void } }
if (!process.stdout.isTTY) pipe?.setBlocking?.(false)

/** The least version of Node, as `engines` in package.json has it. npm only warns of an older one. */
const leastNode = [22, 12] as const
const isNodeOld = (): boolean => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major < leastNode[0] || (major === leastNode[0] && minor < leastNode[1])
}

const terminal = createTerminal({ stdout: process.stdout, stderr: process.stderr, env: process.env })
if (isNodeOld()) {
  terminal.err(`dft needs Node ${leastNode.join('.')} or later; this is ${process.versions.node}.\n`)
  process.exit(exitCodes.failed)
}
const code = await runCommandLine(process.argv.slice(2), terminal, stop.signal)
// What was written may still be on its way into a pipe. Who stopped the command does not wait for its reader.
if (!stop.signal.aborted) await new Promise((done) => process.stdout.write('', done))
// `process.exit` can wait for ever for a thread that compiles (nodejs/node#54918), so the process ends when nothing is left to do.
process.exitCode = code
setTimeout(() => process.exit(code), lingerMs).unref()
