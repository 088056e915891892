import type { z } from 'zod'
import type { listSources } from '../../contracts/v1/tools/list-sources.ts'
import type { Project } from '../projects/project.ts'
import { callTool } from './call-tool.ts'
import { type Command, jsonFlag, projectFlag } from './command.ts'
import { formatTable } from './format-table.ts'
import { printable } from './terminal.ts'

type Result = z.output<typeof listSources.output>
type Listed = Result['sources'][number]

export const command: Command = {
  usage: '',
  positionals: [0, 0],
  flags: { project: projectFlag, json: jsonFlag },
  details: [
    'Read-only by: guard, the check of every statement; engine, how the session or the file is opened; role, what the login',
    'may do. A layer that does not hold has a ✗; dft doctor says why, and what to do.',
  ],
  examples: ['dft sources', 'dft sources --project analytics --json'],
  run: (invocation) =>
    callTool<Result>(invocation, 'list_sources', {}, ({ sources }, terminal, project) => {
      terminal.out(
        formatTable(
          [
            { title: 'source' },
            { title: 'type' },
            { title: 'state' },
            { title: 'tables', align: 'right' },
            { title: 'read-only by' },
            { title: 'description' },
          ],
          sources.map((source) => [
            source.name,
            source.type,
            source.state,
            source.table_count === undefined ? '' : String(source.table_count),
            layersOf(source),
            source.description ?? '',
          ]),
          terminal,
        ),
      )
      for (const { name, reason } of sources) {
        if (reason === undefined) continue
        terminal.err(`${terminal.paintError('yellow', name)}: ${printable(reason.message)}\n`)
        const hint = operatorHintOf(project, name) ?? reason.hint
        if (hint !== undefined) terminal.err(`  ${printable(hint)}\n`)
      }
    }),
}

/** The layers that were looked at, each once. */
const layersOf = ({ read_only }: Listed): string =>
  [...Map.groupBy(read_only, ({ layer }) => layer)]
    .map(([layer, proofs]) => (proofs.every(({ holds }) => holds) ? layer : `${layer} ✗`))
    .join(', ')

/** Who sits at the terminal is told why a source is switched off. */
const operatorHintOf = (project: Project, name: string): string | undefined => project.disabled.get(name)?.reason.details.operatorHint
