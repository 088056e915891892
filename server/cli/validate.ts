import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'
import { boardsOf } from '../boards/board-store.ts'
import { countFindings } from '../boards/count-findings.ts'
import { findBoard } from '../boards/find-board.ts'
import { sqlCheckOptions } from '../boards/run/runner-options.ts'
import { sarifOf } from '../boards/sarif.ts'
import { findingsOfText } from '../boards/text-findings.ts'
import type { Project } from '../projects/project.ts'
import { boardPathOf, locatedOf } from './board-argument.ts'
import { type Command, exitCodes, type Invocation, jsonFlag, projectFlag } from './command.ts'
import { createCommandLog, openNamedProject } from './locate-project.ts'
import { printDiagnostics } from './print-diagnostics.ts'
import { readStandardInput } from './read-standard-input.ts'

export const command: Command = {
  usage: '[BOARD ...]',
  positionals: [0, 100],
  flags: {
    strict: { about: 'Warnings count as errors.' },
    sarif: { about: 'Print the findings as SARIF 2.1.0.' },
    project: projectFlag,
    json: jsonFlag,
  },
  details: ['Checks boards without touching a database; without BOARD all of them. - reads one from standard input.'],
  examples: ['dft validate', 'dft validate boards/sales.yml --strict', 'dft validate --sarif > findings.sarif'],
  async run(invocation) {
    const { flags, positionals, terminal, signal } = invocation
    const project = await openNamedProject(invocation, createCommandLog(invocation, 'error'))
    try {
      const boards = await boardsNamed(project, positionals, invocation)
      const checked = await Promise.all(boards.map((board) => findingsOfText(board, sqlCheckOptions(project, signal))))
      const diagnostics = checked.flat()
      const counts = countFindings(unique(diagnostics))
      if (flags.sarif === true) terminal.out(`${JSON.stringify(sarifOf(unique(diagnostics)), null, 2)}\n`)
      else if (flags.json === true)
        terminal.out(`${JSON.stringify({ success: true, data: { boards: boards.length, counts, diagnostics: unique(diagnostics) } })}\n`)
      else {
        printDiagnostics(unique(diagnostics).map(locatedOf), terminal)
        terminal.err(`${plural(boards.length, 'board')}: ${plural(counts.errors, 'error')}, ${plural(counts.warnings, 'warning')}\n`)
      }
      return counts.errors > 0 || (flags.strict === true && counts.warnings > 0) ? exitCodes.failed : exitCodes.ok
    } finally {
      await project.close()
    }
  },
}

/** The boards of these names, or all; `-` is standard input. */
const boardsNamed = async (project: Project, names: readonly string[], { signal, terminal }: Invocation) => {
  const store = boardsOf(project)
  if (names.length === 0) {
    const boards = (await store.all()).map(({ board }) => board)
    for (const { message } of store.warnings()) terminal.err(`warning: ${message}\n`)
    return boards
  }
  return Promise.all(
    names.map(async (name) => {
      if (name === '-') return store.compile(await readStandardInput('board', signal), 'stdin.yml')
      return (await findBoard(store, boardPathOf(project, name))).board
    }),
  )
}

const unique = (diagnostics: readonly BoardDiagnostic[]): BoardDiagnostic[] => [
  ...new Map(diagnostics.map((one) => [JSON.stringify(one), one])).values(),
]

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
