import { parseArgs } from 'node:util'
import { nearestName } from '../envelope/nearest-name.ts'
import { type Command, type FlagValues, UsageError } from './command.ts'

export interface ParsedArguments {
  readonly positionals: readonly string[]
  readonly flags: FlagValues
}

/** Reads the arguments after the command's name. Throws `UsageError` with the nearest known flag. */
export const parseArguments = (command: Command, name: string, args: readonly string[]): ParsedArguments => {
  const options = Object.fromEntries(
    Object.entries(command.flags).map(([flag, { value, short }]) => [
      flag,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short !== undefined && { short }) },
    ]),
  )
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const positionals: string[] = []
  const flags: Record<string, string | true | string[]> = {}
  const seeHelp = `See dft ${name} --help.`

  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const flag = Object.hasOwn(command.flags, token.name) ? command.flags[token.name] : undefined
    if (flag === undefined) {
      const near = nearestName(token.name, Object.keys(command.flags))
      throw new UsageError(`dft ${name} has no flag ${token.rawName}.`, near === undefined ? seeHelp : `Did you mean --${near}?`)
    }
    if (flag.value === undefined) {
      if (token.value !== undefined) throw new UsageError(`--${token.name} takes no value.`, seeHelp)
      flags[token.name] = true
    } else {
      if (token.value === undefined) throw new UsageError(`--${token.name} needs a value: --${token.name} ${flag.value}.`, seeHelp)
      const before = flags[token.name]
      flags[token.name] = flag.repeats === true ? [...(Array.isArray(before) ? before : []), token.value] : token.value
    }
  }

  const [least, most] = command.positionals
  const wanted = command.usage.split(' ').filter((word) => word !== '')
  if (positionals.length < least)
    throw new UsageError(`dft ${name} needs ${wanted.slice(positionals.length).join(' and ')}.`, `Usage: dft ${name} ${command.usage}`)
  if (positionals.length > most)
    throw new UsageError(
      `dft ${name} does not take "${positionals[most]}".`,
      name === 'query' ? 'Put the SQL in quotes, or send it on standard input with -.' : seeHelp,
    )
  return { positionals, flags }
}
