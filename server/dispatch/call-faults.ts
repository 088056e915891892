import { Fault } from '../envelope/fault.ts'
import { nearestName } from '../envelope/nearest-name.ts'

/** The fault of a tool that is not served, with the nearest name of those that are. */
export const noSuchTool = (name: string, toolNames: readonly string[]): Fault => {
  const near = nearestName(name, toolNames)
  return new Fault('UNKNOWN_TOOL', `No tool is named "${name.slice(0, 100)}".`, {
    hint:
      near !== undefined
        ? `Did you mean "${near}"?`
        : toolNames.length > 0
          ? `Tools: ${toolNames.join(', ')}.`
          : 'These credentials are for no tool. Ask the operator of the project for others.',
  })
}

export const cancelled = (): Fault => new Fault('CANCELLED', 'The call was cancelled.')

/** The fault of anything else that was thrown, of which nothing is told. */
export const ourFault = (): Fault =>
  new Fault('INTERNAL_ERROR', 'The server could not answer this call.', { hint: 'Report meta.request_id to the operator.' })

/** The message of a fault for the log. A syntax error quotes the statement where it breaks, which may be in a value; words are told. */
export const loggedMessage = ({ code, message }: Fault): string =>
  code === 'SQL_ERROR' ? message.replace(/(?<=\bat or near )"(?![A-Za-z_]\w*"\.?$).*"/s, 'a value') : message
