import { type Command, exitCodes, projectOption } from './command.ts'
import { commandLog, openHere } from './open-here.ts'

export const command: Command = {
  usage: 'mcp [options]',
  summary: 'Serves a project over MCP on standard input and output, for a host that starts this command.',
  options: projectOption,
  positionals: [0, 0],
  examples: ['mcp --project ./analytics'],
  async run({ text }) {
    const log = commandLog()
    const [project, { openDataface }] = await Promise.all([openHere(text('project'), log), import('../main.ts')])
    const dataface = openDataface({ project, log })
    const stop = () => process.stdin.destroy()
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    const door = await dataface.mcp()
    await door.serveStdio()
    await dataface.close()
    return exitCodes.ok
  },
}
