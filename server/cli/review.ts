import type { z } from 'zod'
import type { reviewDashboard } from '../../contracts/v1/tools/review-dashboard.ts'
import { boardArgument, variablesOf } from './board-argument.ts'
import { callTool } from './call-tool.ts'
import { type Command, jsonFlag, listOf, numberOf, projectFlag } from './command.ts'
import { printableLines } from './terminal.ts'

type Result = z.output<typeof reviewDashboard.output>

export const command: Command = {
  usage: 'BOARD',
  positionals: [1, 1],
  flags: {
    max: { value: 'N', about: 'Findings at most, 1 to 50; blockers are told even past it. Default: 5.' },
    var: {
      value: 'NAME=VALUE',
      about: 'Value of a variable. Give it again for others; a name that comes again makes a list.',
      repeats: true,
    },
    project: projectFlag,
    json: jsonFlag,
  },
  details: [
    'Compiles, runs and draws a board, and tells the worst findings first. - reads the board from standard input.',
    'Ends with 1 when there are blockers.',
  ],
  examples: ['dft review boards/sales.yml', 'dft review boards/sales.yml --max 50 --json'],
  async run(invocation) {
    const max = numberOf(invocation, 'max', 1, 50)
    const variables = variablesOf(listOf(invocation, 'var'))
    const board = await boardArgument(invocation)
    return callTool<Result>(
      invocation,
      'review_dashboard',
      (project) => ({ ...board(project), variables, ...(max !== undefined && { max_findings: max }) }),
      ({ findings, counts, verdict }, terminal) => {
        terminal.out(`${terminal.width === undefined ? verdict : printableLines(verdict)}\n`)
        const left = counts.blockers + counts.warnings + counts.nits - findings.length
        if (left > 0) terminal.err(`${left} more with --max 50.\n`)
      },
      ({ counts }) => counts.blockers > 0,
    )
  },
}
