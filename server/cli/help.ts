import { type Command, exitCodes, exitMeanings, type Flag } from './command.ts'

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

/** The help of `dft` itself, with the commands by what they are for. */
export const overallHelp = (
  version: string,
  groups: Readonly<Record<string, Readonly<Record<string, { readonly summary: string }>>>>,
): string => {
  const width = Math.max(...Object.values(groups).flatMap((commands) => Object.keys(commands).map((name) => name.length)))
  return [
    `dft ${version}: safe, typed, read-only access to databases and files, for agents, programs and people.`,
    '',
    'Usage: dft COMMAND [flags]',
    '',
    ...Object.entries(groups).flatMap(([title, commands]) => [
      `${title}:`,
      ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
      '',
    ]),
    'Flags:',
    ...alignPairs([
      ['--help', 'Show this help, or that of a command: dft COMMAND --help.'],
      ['--version', 'Show the version.'],
    ]),
    '',
    'Exit codes:',
    ...alignPairs(
      Object.entries(exitCodes).map(([name, code]) => [String(code), exitMeanings[name as keyof typeof exitCodes].replaceAll('`', '')]),
    ),
    '',
  ].join('\n')
}

const alignPairs = (pairs: readonly (readonly string[])[]): string[] => {
  const width = Math.max(...pairs.map(([left = '']) => left.length))
  return pairs.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`)
}
