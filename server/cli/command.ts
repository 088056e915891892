import type { Terminal } from './terminal.ts'

/** What the process ends with. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  configuration: 3,
  cut: 4,
  interrupted: 130,
  terminated: 143,
} as const

/** What each exit code says, in the help and in docs/commands.md. */
export const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'It worked. For `dft doctor` and `config check`: nothing is wrong, though it may warn.',
  failed: 'The call failed. For `dft doctor`, `config check`, `validate` and `review`: something is wrong with what was checked.',
  usage: 'The command line was not understood.',
  configuration: 'There is no project, or its `dataface.yml` has errors, so nothing was run.',
  cut: 'The rows are not all: a limit of streams in the project has cut the result.',
  interrupted: 'Stopped by Ctrl-C.',
  terminated: 'Stopped by a request to end (SIGTERM).',
}

/** The exit code of a command that was stopped; `reason` of its signal is an error named after the signal of the system. */
export const stoppedCode = ({ reason }: AbortSignal): number =>
  reason instanceof Error && reason.message === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted

/** A mistake in the command line; the process ends with `exitCodes.usage`. */
export class UsageError extends Error {
  readonly hint: string | undefined
  constructor(message: string, hint?: string) {
    super(message)
    this.name = 'UsageError'
    this.hint = hint
  }
}

export interface Flag {
  /** Name of the value in the help; absent for a flag that takes none. */
  readonly value?: string
  readonly about: string
  /** One letter that means the same. */
  readonly short?: string
  /** May be given several times; see `listOf`. Of other flags the last one counts. */
  readonly repeats?: true
}

/** Values of flags as they were given; true for a flag without value, a list for one that repeats. */
export type FlagValues = Readonly<Record<string, string | true | readonly string[] | undefined>>

/** One invocation of a command, decoded. */
export interface Invocation {
  readonly positionals: readonly string[]
  readonly flags: FlagValues
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C or a request to end. */
  readonly signal: AbortSignal
}

export interface Command {
  /** Positionals as the help shows them: `SOURCE SQL`. */
  readonly usage: string
  /** How many positionals there may be, least and most. */
  readonly positionals: readonly [number, number]
  readonly flags: Readonly<Record<string, Flag>>
  /** Lines of the help below the summary. */
  readonly details?: readonly string[]
  readonly examples: readonly string[]
  /** Returns the exit code. Throws `UsageError`, `ProjectError` or `Fault`. */
  run(invocation: Invocation): Promise<number>
}

export const projectFlag: Flag = {
  value: 'DIR',
  about: 'Folder with dataface.yml, or of a dbt project. Default: this folder or the nearest one above it.',
}
export const jsonFlag: Flag = { about: 'Print the answer as JSON, as a program gets it.' }

/** The value of a flag that takes one. */
export const textOf = ({ flags }: Invocation, name: string): string | undefined => {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}

/** The values of a flag that repeats, in the order they were given. */
export const listOf = ({ flags }: Invocation, name: string): readonly string[] => {
  const values = flags[name]
  return Array.isArray(values) ? values : []
}

/** The value of a flag that takes a whole number. Throws `UsageError` for anything else. */
export const numberOf = (invocation: Invocation, name: string, least: number, most: number): number | undefined => {
  const text = textOf(invocation, name)
  if (text === undefined) return undefined
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new UsageError(`--${name} takes a whole number from ${least} to ${most}.`)
}

/** The value of a flag that takes one of a few words. Throws `UsageError` for any other. */
export const choiceOf = <Choice extends string>(invocation: Invocation, name: string, choices: readonly Choice[]): Choice | undefined => {
  const text = textOf(invocation, name)
  const choice = choices.find((one) => one === text)
  if (text !== undefined && choice === undefined) throw new UsageError(`--${name} takes one of: ${choices.join(', ')}.`)
  return choice
}
