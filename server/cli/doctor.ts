import { openConfig } from '../projects/open-project.ts'
import { readProject } from '../projects/read-project.ts'
import { type Command, exitCodes, type Invocation, projectFlag } from './command.ts'
import { type Check, examineConfig, examineSource } from './examine-project.ts'
import { createCommandLog, locateProject } from './locate-project.ts'
import { printable, type Terminal } from './terminal.ts'

export const command: Command = {
  usage: '',
  positionals: [0, 0],
  flags: { project: projectFlag, json: { about: 'Print the checks as JSON.' } },
  details: [
    'Checks the project file, its variables and files, connects every source, and checks what keeps each read-only.',
    'For everything that is wrong it says what to do. Exit code 0 when nothing is, 1 when something is.',
  ],
  examples: ['dft doctor', 'dft doctor --project analytics --json'],
  async run(invocation) {
    const { terminal, flags, env, signal } = invocation
    const read = await readProject(locateProject(invocation), env)
    const report = createReport(terminal, flags.json === true)
    report.add(examineConfig(read))
    if (read.config !== undefined) {
      const project = openConfig({ config: read.config, disabled: read.disabled, log: quietLog(invocation) })
      try {
        // One after the other, so that what is printed stays in order; each is bounded by itself.
        for (const [name, config] of Object.entries(read.config.sources)) {
          const opened = project.sources.get(name)
          if (opened !== undefined) report.add(await examineSource({ opened, config, signal }))
          signal.throwIfAborted()
        }
      } finally {
        await project.close()
      }
    }
    return report.finish(read.config?.name)
  },
}

/** What the checks say themselves need not stand in a log as well. */
const quietLog = (invocation: Invocation) => (invocation.env.DATAFACE_LOG === undefined ? () => {} : createCommandLog(invocation, 'error'))

const marks = { ok: ['green', '✓'], warning: ['yellow', '!'], problem: ['red', '✗'] } as const

const createReport = (terminal: Terminal, json: boolean) => {
  const all: Check[] = []
  return {
    add(checks: readonly Check[]) {
      all.push(...checks)
      if (json) return
      for (const { state, subject, message, hint } of checks) {
        const [style, mark] = marks[state]
        terminal.out(`${terminal.paint(style, mark)} ${terminal.paint('bold', printable(subject))}: ${printable(message)}\n`)
        if (hint !== undefined) terminal.out(`    ${printable(hint)}\n`)
      }
    },
    finish(project: string | undefined): number {
      const countOf = (state: Check['state']): number => all.filter((check) => check.state === state).length
      const [problems, warnings] = [countOf('problem'), countOf('warning')]
      const warned = warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
      if (json) terminal.out(`${JSON.stringify({ success: problems === 0, ...(project !== undefined && { project }), checks: all })}\n`)
      else
        terminal.out(`\n${problems === 0 ? 'Nothing is' : `${problems} ${problems === 1 ? 'thing is' : 'things are'}`} wrong${warned}.\n`)
      return problems === 0 ? exitCodes.ok : exitCodes.failed
    },
  }
}
