import { contracts } from '../../contracts/catalog.ts'
import { type Command, exitCodes } from './command.ts'
import { formatTable } from './terminal.ts'

export const command: Command = {
  usage: 'tools [options]',
  summary: 'Lists the tools that are served, and at which version of their contract.',
  options: {},
  positionals: [0, 0],
  examples: ['tools --json'],
  async run({ flag }) {
    const tools = contracts.map(({ name, version, title, description, annotations }) => ({
      name,
      version,
      title,
      description,
      read_only: annotations.readOnly,
    }))
    if (flag('json')) process.stdout.write(`${JSON.stringify({ tools })}\n`)
    else
      process.stdout.write(
        `${formatTable(
          ['tool', 'version', 'what it does'],
          tools.map((tool) => [tool.name, tool.version, tool.description]),
        )}\n`,
      )
    return exitCodes.ok
  },
}
