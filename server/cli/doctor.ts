import { basename } from 'node:path'
import { openConfig } from '../projects/open-project.ts'
import { projectFromFiles } from '../projects/project-from-files.ts'
import { type ReadProject, readProject } from '../projects/read-project.ts'
import { type Command, exitCodes, type Invocation, UsageError } from './command.ts'
import { examineDbt } from './examine-dbt.ts'
import { examineOperator } from './examine-operator.ts'
import { type Check, describeDiagnostic, examineConfig, examineSource } from './examine-project.ts'
import { examineSettings, examineVariables } from './examine-settings.ts'
import { examineAudit, examineState, examineTokens } from './examine-state.ts'
import { createCommandLog, projectFolder } from './locate-project.ts'
import { projectsFlag, servedFolders } from './open-served.ts'
import { printable, type Terminal } from './terminal.ts'

export const command: Command = {
  usage: '[PATH...]',
  positionals: [0, 1000],
  flags: { project: projectsFlag, json: { about: 'Print the checks as JSON.' } },
  details: [
    'Checks the project file, its variables and files, connects every source, and checks what keeps each read-only; also the',
    'store that DATAFACE_STATE_URL names, the database of the audit, and the authorization server of callers.',
    'Of several projects it checks one after the other. With paths it checks the files that dft serve PATH... would serve.',
    'For everything that is wrong it says what to do. Exit code 0 when nothing is, 1 when something is, 3 when the project',
    'file has errors, so that no source could be looked at.',
  ],
  examples: ['dft doctor', 'dft doctor exports', 'dft doctor --project analytics --json', 'dft doctor --project teams'],
  async run(invocation) {
    const { terminal, flags, positionals, env } = invocation
    const folders = foldersOf(invocation)
    const report = createReport(terminal, flags.json === true)
    const reads = await Promise.all(folders.map((folder) => readProject(folder, env)))
    const environment = [...examineVariables(reads, env).map(describeDiagnostic), ...(await examineState(env, quietLog(invocation)))]
    const several = reads.length > 1
    if (several && environment.length > 0) report.head('environment')
    report.add(environment)
    const examined: Examined[] = []
    for (const read of reads.length === 0 ? [await readFiles(positionals)] : await Promise.all(reads.map(readChecked))) {
      if (several) report.head(read.name)
      examined.push({ read, checks: await examine(read, invocation, report.add) })
    }
    return report.finish(environment, examined)
  },
}

/** The folders of the projects that are meant; none where files are. */
const foldersOf = (invocation: Invocation): readonly string[] => {
  const { positionals, flags } = invocation
  const [first] = positionals
  if (first === undefined) return servedFolders(invocation)
  if (flags.project !== undefined) throw new UsageError('Give paths or --project, not both.')
  const folder = positionals.length === 1 ? projectFolder(first) : undefined
  return folder === undefined ? [] : [folder]
}

/** Looks at everything of a project, and tells what it finds as it goes. */
const examine = async (read: Checked, invocation: Invocation, tell: (checks: readonly Check[]) => void): Promise<readonly Check[]> => {
  const { env, signal } = invocation
  const all: Check[] = []
  const add = (checks: readonly Check[]): void => {
    all.push(...checks)
    tell(checks)
  }
  add(read.checks)
  if (read.config === undefined) return all
  add(await examineTokens(read.config))
  add(await examineAudit(read.config))
  add(examineOperator(read.config, env))
  const project = openConfig({ ...read, config: read.config, log: quietLog(invocation) })
  try {
    // One after the other, so that what is printed stays in order; each is bounded by itself.
    for (const [name, config] of Object.entries(read.config.sources)) {
      const opened = project.sources.get(name)
      if (opened !== undefined) add(await examineSource({ opened, config, signal }))
      if (opened?.dbt !== undefined) add(await examineDbt(opened, opened.dbt, signal))
      signal.throwIfAborted()
    }
    return all
  } finally {
    await project.close()
  }
}

interface Checked extends Pick<ReadProject, 'config' | 'disabled' | 'dbt'> {
  readonly name: string
  readonly checks: readonly Check[]
}

interface Examined {
  readonly read: Checked
  readonly checks: readonly Check[]
}

/** A project, with what there is to say of its configuration. */
const readChecked = async (read: ReadProject): Promise<Checked> => ({
  ...read,
  name: read.config?.name ?? basename(read.dir),
  checks: [...examineConfig(read), ...(await examineSettings(read)).map(describeDiagnostic)],
})

/** The files that are named, as a project. */
const readFiles = async (paths: readonly string[]): Promise<Checked> => {
  const { config, diagnostics } = await projectFromFiles(paths)
  return { config, name: config.name, disabled: [], checks: diagnostics.map(describeDiagnostic) }
}

/** What the checks say themselves need not stand in a log as well. */
const quietLog = (invocation: Invocation) => (invocation.env.DATAFACE_LOG === undefined ? () => {} : createCommandLog(invocation, 'error'))

const marks = { ok: ['green', '✓'], warning: ['yellow', '!'], problem: ['red', '✗'] } as const

const createReport = (terminal: Terminal, json: boolean) => ({
  head(project: string) {
    if (!json) terminal.out(`${terminal.paint('bold', printable(project))}\n`)
  },
  add(checks: readonly Check[]) {
    if (json) return
    for (const { state, subject, message, hint } of checks) {
      const [style, mark] = marks[state]
      terminal.out(`${terminal.paint(style, mark)} ${terminal.paint('bold', printable(subject))}: ${printable(message)}\n`)
      if (hint !== undefined) terminal.out(`    ${printable(hint)}\n`)
    }
  },
  /** What all of it comes to; gives the exit code. */
  finish(environment: readonly Check[], examined: readonly Examined[]): number {
    const all = [...environment, ...examined.flatMap(({ checks }) => checks)]
    const countOf = (state: Check['state']): number => all.filter((check) => check.state === state).length
    const [problems, warnings] = [countOf('problem'), countOf('warning')]
    const warned = warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
    const told = examined.map(({ read, checks }) => ({ ...(read.config !== undefined && { project: read.config.name }), checks }))
    const parts = told.length === 1 ? { ...told[0], checks: all } : { checks: environment, projects: told }
    if (json) terminal.out(`${JSON.stringify({ success: problems === 0, ...parts })}\n`)
    else terminal.out(`\n${problems === 0 ? 'Nothing is' : `${problems} ${problems === 1 ? 'thing is' : 'things are'}`} wrong${warned}.\n`)
    if (examined.some(({ read }) => read.config === undefined)) return exitCodes.configuration
    return problems === 0 ? exitCodes.ok : exitCodes.failed
  },
})
