import type { Command, Flag } from './command.ts'

/** The help of one command. */
export const commandHelp = (name: string, summary: string, { usage, flags, details = [], examples }: Command): string => {
  const shown = Object.entries({ ...flags, help: { about: 'Show this help.' } }).map(([flag, { value, about, short }]: [string, Flag]) => [
    `${short === undefined ? '' : `-${short}, `}--${flag}${value === undefined ? '' : ` ${value}`}`,
    about,
  ])
  return [
    summary,
    '',
    `Usage: dft ${name}${usage === '' ? '' : ` ${usage}`} [flags]`,
    '',
    ...(details.length > 0 ? [...details, ''] : []),
    'Flags:',
    ...alignPairs(shown),
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
  ].join('\n')
}

/** The help of `dft` itself. */
export const overallHelp = (version: string, commands: Readonly<Record<string, { readonly summary: string }>>): string =>
  [
    `dft ${version}: safe, typed, read-only access to databases and files, for agents, programs and people.`,
    '',
    'Usage: dft COMMAND [flags]',
    '',
    'Commands:',
    ...alignPairs(Object.entries(commands).map(([name, { summary }]) => [name, summary])),
    '',
    'Flags:',
    ...alignPairs([
      ['--help', 'Show this help, or that of a command: dft COMMAND --help.'],
      ['--version', 'Show the version.'],
    ]),
    '',
    'Exit codes: 0 done, 1 the call failed, 2 the command line is wrong, 3 the configuration is wrong, 130 stopped by Ctrl-C.',
    '',
  ].join('\n')

const alignPairs = (pairs: readonly (readonly string[])[]): string[] => {
  const width = Math.max(...pairs.map(([left = '']) => left.length))
  return pairs.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`)
}
