import type { ParseArgsOptionDescriptor } from 'node:util'

/** A command of `dft`. Each stands in a file of its own and is loaded when it is called. */
export interface Command {
  /** "query SOURCE SQL" */
  readonly usage: string
  /** One sentence. */
  readonly summary: string
  readonly options: Readonly<Record<string, OptionHelp>>
  /** Least and most positional arguments. */
  readonly positionals: readonly [least: number, most: number]
  /** Lines of examples, without "dft". */
  readonly examples: readonly string[]
  run(input: CommandInput): Promise<number>
}

export interface OptionHelp {
  readonly type: ParseArgsOptionDescriptor['type']
  readonly short?: string
  readonly multiple?: boolean
  /** Name of the value: "N". */
  readonly value?: string
  readonly help: string
}

export interface CommandInput {
  readonly positionals: readonly string[]
  /** The value of an option; the last one given. */
  text(name: string): string | undefined
  flag(name: string): boolean
}

/** Exit codes of every command. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, configuration: 3, interrupted: 130 } as const

/** What every command takes. */
export const commonOptions = {
  json: { type: 'boolean', help: 'Print JSON.' },
  help: { type: 'boolean', short: 'h', help: 'Show this help.' },
} as const satisfies Record<string, OptionHelp>

export const projectOption = {
  project: { type: 'string', value: 'DIR', help: 'Folder with dataface.yml. Default: the nearest one here or above.' },
} as const satisfies Record<string, OptionHelp>

/** A mistake in how a command was called. */
export class UsageError extends Error {
  readonly hint: string | undefined
  constructor(message: string, hint?: string) {
    super(message)
    this.name = 'UsageError'
    this.hint = hint
  }
}

/** A whole number given as text. Throws UsageError. */
export const wholeNumber = (text: string | undefined, name: string, least: number, most: number): number | undefined => {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`--${name} must be a whole number from ${least} to ${most}.`)
  return value
}

export const printHelp = ({ usage, summary, options, examples }: Command): string => {
  const rows = Object.entries({ ...options, ...commonOptions } as Record<string, OptionHelp>).map(([name, { short, value, help }]) => [
    `  ${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
    help,
  ])
  const width = Math.max(...rows.map(([left]) => (left as string).length)) + 2
  return [
    `usage: dft ${usage}`,
    '',
    summary,
    '',
    'options:',
    ...rows.map(([left, help]) => `${(left as string).padEnd(width)}${help}`),
    ...(examples.length > 0 ? ['', 'examples:', ...examples.map((example) => `  dft ${example}`)] : []),
    '',
  ].join('\n')
}
