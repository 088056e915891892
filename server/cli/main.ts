#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { type Command, commonOptions, exitCodes, printHelp, UsageError } from './command.ts'

const commands: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<{ command: Command }> }>> = {
  serve: { summary: 'Serve a project, or files, over MCP, REST and tRPC.', load: () => import('./serve.ts') },
  mcp: { summary: 'Serve a project over MCP on standard input and output.', load: () => import('./mcp.ts') },
  query: { summary: 'Run one read-only query.', load: () => import('./query.ts') },
  tables: { summary: 'List the tables of a source.', load: () => import('./tables.ts') },
  describe: { summary: 'Describe a table.', load: () => import('./describe.ts') },
  tools: { summary: 'List the tools that are served and their versions.', load: () => import('./tools.ts') },
  doctor: { summary: 'Check configuration, files, connections and read-only proof.', load: () => import('./doctor.ts') },
}

const overview = (): string =>
  [
    'usage: dft COMMAND [options]',
    '',
    'Safe, typed, read-only access to databases for agents, programs and people.',
    '',
    'commands:',
    ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`),
    '',
    'dft COMMAND --help shows the options of a command.',
    '',
  ].join('\n')

const fail = (message: string, hint?: string): number => {
  process.stderr.write(`dft: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`)
  return exitCodes.usage
}

const run = async ([name, ...rest]: readonly string[]): Promise<number> => {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview())
    return name === undefined ? exitCodes.usage : exitCodes.ok
  }
  if (name === '--version' || name === '-v') {
    const { default: manifest } = await import('../../package.json', { with: { type: 'json' } })
    process.stdout.write(`${manifest.version}\n`)
    return exitCodes.ok
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (entry === undefined) {
    const { nearestName } = await import('../envelope/nearest-name.ts')
    const near = nearestName(name, Object.keys(commands))
    return fail(`there is no command "${name}".`, near === undefined ? 'dft --help lists the commands.' : `Did you mean "${near}"?`)
  }
  const { command } = await entry.load()
  return runCommand(command, rest)
}

const runCommand = async (command: Command, args: readonly string[]): Promise<number> => {
  const options = { ...command.options, ...commonOptions }
  let parsed: ReturnType<typeof parseArgs>
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    const unknown = /'(-[^']+)'/.exec((error as Error).message)?.[1]
    const { nearestName } = await import('../envelope/nearest-name.ts')
    const near = unknown === undefined ? undefined : nearestName(unknown.replace(/^-+/, ''), Object.keys(options))
    const message = unknown === undefined ? (error as Error).message : `${unknown} is not an option of this command, or lacks its value.`
    return fail(message, near === undefined ? `usage: dft ${command.usage}` : `Did you mean "--${near}"?`)
  }
  const { values, positionals } = parsed
  if (values.help === true) {
    process.stdout.write(printHelp(command))
    return exitCodes.ok
  }
  const [least, most] = command.positionals
  if (positionals.length < least || positionals.length > most)
    return fail(
      positionals.length < least ? 'an argument is missing.' : `"${positionals[most]}" is one argument too many.`,
      `usage: dft ${command.usage}`,
    )
  return command.run({
    positionals,
    text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
    flag: (name) => values[name] === true,
  })
}

// A reader that stops early, such as `head`, ends the command and is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageError) process.exitCode = fail(error.message, error.hint)
  else {
    const [{ printDiagnostics, printError }, { ProjectError }] = await Promise.all([
      import('./open-here.ts'),
      import('../projects/diagnostic.ts'),
    ])
    const { Fault, errorItem } = await import('../envelope/fault.ts')
    if (error instanceof ProjectError) {
      printDiagnostics(error.diagnostics)
      process.exitCode = exitCodes.configuration
    } else if (error instanceof Fault) {
      printError(errorItem(error))
      process.exitCode = exitCodes.failed
    } else throw error
  }
}
