import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Fault } from '../envelope/fault.ts'
import type { Dataface } from '../main.ts'
import type { Log } from '../operations/log.ts'
import { formatDiagnostic, ProjectError } from '../projects/diagnostic.ts'
import type { Project } from '../projects/project.ts'

/** How often project files are looked at, milliseconds; they are not watched, which works the same on every file system. */
const lookMs = 1_000

export interface ReloadOptions {
  /** The projects that are served, in the order of their folders. */
  readonly datafaces: readonly Dataface[]
  /** Opens the project in a folder anew. Throws `ProjectError`. */
  readonly open: (dir: string) => Promise<Project>
  readonly makeDataface: (project: Project) => Dataface
  /** Serves these from now on; resolves when what was asked before has its answer. Throws a `Fault` where they may not be served. */
  readonly serve: (datafaces: readonly Dataface[]) => Promise<{ readonly settled: Promise<void> }>
  readonly tell: (text: string) => void
  readonly log: Log
  /** Hears of each change whether it is served. */
  readonly onReload: (project: string, isOk: boolean) => void
}

export interface Reloading {
  /** What is served now. */
  readonly datafaces: readonly Dataface[]
  stop(): void
}

/**
 * Serves a project anew when a file of its settings has changed: it is validated and opened first, and where that fails, what was
 * served before stays. Calls under way are answered by what they began with.
 */
export const reloadProjects = (options: ReloadOptions): Reloading => {
  const { open, makeDataface, serve, tell, log, onReload } = options
  let datafaces = options.datafaces
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const stamps = new Map<string, string>()

  const reload = async (old: Dataface, dir: string): Promise<void> => {
    let opened: Dataface | undefined
    try {
      const project = await open(dir)
      opened = makeDataface(project)
      if (datafaces.some((one) => one !== old && one.project.name === project.name))
        throw new Fault('CONFLICT', `Another project is named "${project.name}".`)
      const next = datafaces.map((one) => (one === old ? (opened as Dataface) : one))
      const { settled } = await serve(next)
      datafaces = next
      onReload(project.name, true)
      tell(`${project.name}: ${fileOf(project)} was read anew.\n`)
      for (const finding of project.diagnostics) log('warn', formatDiagnostic(finding))
      old.stopTaking()
      await settled
      await old.close()
    } catch (error) {
      if (opened !== undefined && !datafaces.includes(opened)) await opened.close()
      onReload(old.project.name, false)
      const about = { project: old.project.name }
      if (error instanceof ProjectError) for (const finding of error.diagnostics) log('error', formatDiagnostic(finding), about)
      else log('error', error instanceof Fault ? error.message : 'The project could not be opened.', { ...about, error })
      tell(`${old.project.name}: ${fileOf(old.project)} was changed and cannot be served. What was served before stays.\n`)
    }
  }

  const look = async (): Promise<void> => {
    for (const one of datafaces) {
      const dir = one.project.boards?.dir
      if (dir === undefined || stopped) continue
      const stamp = (await Promise.all(one.project.files.map(stampOf))).join(' ')
      const known = stamps.get(dir)
      stamps.set(dir, stamp)
      if (known !== undefined && known !== stamp) await reload(one, dir)
    }
    if (stopped) return
    timer = setTimeout(() => void look(), lookMs)
    timer.unref()
  }
  void look()

  return {
    get datafaces() {
      return datafaces
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** The file that makes it a project, as people call it. */
const fileOf = ({ files }: Project): string => basename(files[0] ?? '')

const stampOf = (file: string): Promise<string> =>
  stat(file).then(
    ({ mtimeMs, size, ino }) => `${mtimeMs}:${size}:${ino}`,
    () => 'none',
  )
