import { contracts, transforms } from '../../contracts/catalog.ts'
import type { Contract, Deprecation } from '../../contracts/define-contract.ts'
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
    // Earlier versions stand behind the one that is served to whoever asks for none.
    const earlier: readonly Contract[] = transforms.map(({ from }) => from)
    const list = (contracts as readonly Contract[]).flatMap((contract) => [
      contract,
      ...earlier.filter(({ name }) => name === contract.name),
    ])
    if (flags.json === true) {
      const tools = list.map(({ name, version, title, description, annotations, deprecated }) => ({
        name,
        version,
        title,
        description,
        read_only: annotations.readOnly,
        ...(deprecated !== undefined && { deprecated }),
      }))
      terminal.out(`${JSON.stringify({ success: true, tools })}\n`)
    } else
      terminal.out(
        formatTable(
          [{ title: 'tool' }, { title: 'version' }, { title: 'what it does' }],
          list.map(({ name, version, description, deprecated }) => [
            name,
            version,
            deprecated === undefined ? description : endOf(deprecated),
          ]),
          terminal,
        ),
      )
    return exitCodes.ok
  },
}

const endOf = ({ sunset }: Deprecation): string => `Deprecated${sunset === undefined ? '' : `; answers until ${sunset}`}.`
