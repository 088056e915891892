import { contracts } from '../../contracts/catalog.ts'
import type { Contract } from '../../contracts/define-contract.ts'
import { type Command, exitCodes, jsonFlag } from './command.ts'
import { formatTable } from './format-table.ts'
import { locateProject } from './locate-project.ts'

export const command: Command = {
  usage: '',
  positionals: [0, 0],
  flags: { project: { value: 'DIR', about: 'Taken as by every command; each project has the same tools.' }, json: jsonFlag },
  details: ['The same tools are served through every door, for every project.'],
  examples: ['dft tools'],
  async run(invocation) {
    const { terminal, flags } = invocation
    // A folder that is not there is a mistake, whatever else is asked.
    if (flags.project !== undefined) locateProject(invocation)
    const list: readonly Contract[] = contracts
    if (flags.json === true) {
      const tools = list.map(({ name, version, title, description, annotations }) => ({
        name,
        version,
        title,
        description,
        read_only: annotations.readOnly,
      }))
      terminal.out(`${JSON.stringify({ success: true, tools })}\n`)
    } else
      terminal.out(
        formatTable(
          [{ title: 'tool' }, { title: 'version' }, { title: 'what it does' }],
          list.map(({ name, version, description }) => [name, version, description]),
          terminal,
        ),
      )
    return exitCodes.ok
  },
}
