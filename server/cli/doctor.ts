import { openConfig } from '../projects/open-project.ts'
import { projectFromFiles } from '../projects/project-from-files.ts'
import { type ReadProject, readProject } from '../projects/read-project.ts'
import { type Command, exitCodes, type Invocation, projectFlag, UsageError } from './command.ts'
import { examineDbt } from './examine-dbt.ts'
import { examineOperator } from './examine-operator.ts'
import { type Check, describeDiagnostic, examineConfig, examineSource } from './examine-project.ts'
import { examineSettings, examineVariables } from './examine-settings.ts'
import { examineAudit, examineState, examineTokens } from './examine-state.ts'
import { createCommandLog, locateProject, projectFolder } from './locate-project.ts'
import { printable, type Terminal } from './terminal.ts'

export const command: Command = {
  usage: '[PATH...]',
  positionals: [0, 1000],
  flags: { project: projectFlag, json: { about: 'Print the checks as JSON.' } },
  details: [
    'Checks the project file, its variables and files, connects every source, and checks what keeps each read-only; also the',
    'store that DATAFACE_STATE_URL names, the database of the audit, and the authorization server of callers.',
    'With paths it checks the files that dft serve PATH... would serve.',
    'For everything that is wrong it says what to do. Exit code 0 when nothing is, 1 when something is, 3 when the project',
    'file has errors, so that no source could be looked at.',
  ],
  examples: ['dft doctor', 'dft doctor exports', 'dft doctor --project analytics --json'],
  async run(invocation) {
    const { terminal, flags, signal } = invocation
    const read = await readChecked(invocation)
    const report = createReport(terminal, flags.json === true)
    report.add(read.checks)
    report.add(await examineState(invocation.env, quietLog(invocation)))
    if (read.config !== undefined) {
      report.add(await examineTokens(read.config))
      report.add(await examineAudit(read.config))
      report.add(examineOperator(read.config, invocation.env))
      const project = openConfig({ ...read, config: read.config, log: quietLog(invocation) })
      try {
        // One after the other, so that what is printed stays in order; each is bounded by itself.
        for (const [name, config] of Object.entries(read.config.sources)) {
          const opened = project.sources.get(name)
          if (opened !== undefined) report.add(await examineSource({ opened, config, signal }))
          if (opened?.dbt !== undefined) report.add(await examineDbt(opened, opened.dbt, signal))
          signal.throwIfAborted()
        }
      } finally {
        await project.close()
      }
    }
    const code = report.finish(read.config?.name)
    return read.config === undefined ? exitCodes.configuration : code
  },
}

interface Checked extends Pick<ReadProject, 'config' | 'disabled' | 'dbt'> {
  readonly checks: readonly Check[]
}

/** The project that is meant, or one of the files that are named, with what there is to say of its configuration. */
const readChecked = async (invocation: Invocation): Promise<Checked> => {
  const { positionals, env } = invocation
  if (positionals.length > 0 && invocation.flags.project !== undefined) throw new UsageError('Give paths or --project, not both.')
  const [first] = positionals
  const folder = first === undefined ? locateProject(invocation) : positionals.length === 1 ? projectFolder(first) : undefined
  if (folder === undefined) {
    const { config, diagnostics } = await projectFromFiles(positionals)
    return { config, disabled: [], checks: diagnostics.map(describeDiagnostic) }
  }
  const read = await readProject(folder, env)
  return {
    ...read,
    checks: [...examineConfig(read), ...[...examineVariables([read], env), ...(await examineSettings(read))].map(describeDiagnostic)],
  }
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
