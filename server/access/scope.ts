import { Fault } from '../envelope/fault.ts'
import type { Caller } from './caller.ts'

/**
 * What credentials are for, in words of API keys and of OAuth alike: every tool that reads, every tool, or one tool.
 * `dataface:tool:execute_query` is for that one.
 */
export const scopeNames = { read: 'dataface:read', write: 'dataface:write', tool: 'dataface:tool:' } as const

/** A tool as scopes see it. */
interface ScopedTool {
  readonly name: string
  readonly readOnly: boolean
}

/** Whether a caller may call a tool. */
export const mayCall = ({ scopes }: Caller, { name, readOnly }: ScopedTool): boolean =>
  scopes === undefined ||
  scopes.includes(scopeNames.write) ||
  (readOnly && scopes.includes(scopeNames.read)) ||
  scopes.includes(`${scopeNames.tool}${name}`)

/** The refusal of a tool, with the scope that would do. */
export const outOfScope = (tool: ScopedTool): Fault => {
  const scope = tool.readOnly ? scopeNames.read : scopeNames.write
  return new Fault('PERMISSION_DENIED', `These credentials are not for "${tool.name}".`, {
    hint: `Ask for credentials with the scope ${scope}, or ${scopeNames.tool}${tool.name}.`,
    challenge: { error: 'insufficient_scope', scope },
  })
}
