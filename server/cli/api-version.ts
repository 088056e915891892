import { mcpLists } from '../generated/mcp-lists.ts'
import { type Flag, type Invocation, textOf, UsageError } from './command.ts'

const versions = Object.keys(mcpLists).map(Number)

export const apiVersionFlag: Flag = {
  value: 'N',
  about: `Contracts as of this version, for MCP clients that ask for none: ${versions.join(', ')}. Default ${versions.at(-1)}.`,
}

/** The version that was asked for. Throws `UsageError` for one that is not served. */
export const readApiVersion = (invocation: Invocation): number | undefined => {
  const text = textOf(invocation, 'api-version')
  if (text === undefined) return undefined
  const version = versions.find((one) => String(one) === text)
  if (version === undefined)
    throw new UsageError(`There is no version "${text.slice(0, 100)}" of the contracts.`, `Versions: ${versions.join(', ')}.`)
  return version
}
