import type { z } from 'zod'
import type { listDashboards } from '../../contracts/v1/tools/list-dashboards.ts'
import { callTool } from './call-tool.ts'
import { type Command, jsonFlag, numberOf, projectFlag, textOf } from './command.ts'
import { formatTable } from './format-table.ts'

type Result = z.output<typeof listDashboards.output>

export const command: Command = {
  usage: '',
  positionals: [0, 0],
  flags: {
    folder: { value: 'DIR', about: 'Only below this folder of the project.' },
    tag: { value: 'TAG', about: 'Only those with this tag.' },
    limit: { value: 'N', about: 'Boards at most, 1 to 500. Default 500.' },
    project: projectFlag,
    json: jsonFlag,
  },
  details: ['Findings are those that need no database; dft validate tells them, dft review more.'],
  examples: ['dft boards', 'dft boards --tag sales --json'],
  async run(invocation) {
    const folder = textOf(invocation, 'folder')
    const tag = textOf(invocation, 'tag')
    const limit = numberOf(invocation, 'limit', 1, 500) ?? 500
    const input = { limit, ...(folder !== undefined && { folder }), ...(tag !== undefined && { tag }) }
    return callTool<Result>(invocation, 'list_dashboards', input, ({ dashboards, total }, terminal) => {
      terminal.out(
        formatTable(
          [{ title: 'board' }, { title: 'title' }, { title: 'charts', align: 'right' }, { title: 'findings' }],
          dashboards.map(({ path, title, charts, findings }) => [path, title, String(charts), findingsText(findings)]),
          terminal,
        ),
      )
      if (total > dashboards.length) terminal.err(`${dashboards.length} of ${total} boards; narrow them with --folder or --tag.\n`)
    })
  },
}

const findingsText = (counts: Result['dashboards'][number]['findings']): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${count === 1 ? kind.slice(0, -1) : kind}`)
    .join(', ')
