import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../envelope/fault.ts'
import type { Dataface } from '../main.ts'
import type { Log } from '../operations/log.ts'
import { formatDiagnostic, ProjectError } from '../projects/diagnostic.ts'
import type { Project } from '../projects/project.ts'
import { projectFiles } from './locate-project.ts'

/** How often project files are looked at, milliseconds; they are not watched, which works the same on every file system. */
const lookMs = 1_000
/** How long what is replaced still takes requests that came before, of which it may not be known yet whose they are, milliseconds. */
const handOverMs = 10_000

export interface ReloadOptions {
  /** The projects that are served, in the order of their folders. */
  readonly datafaces: readonly Dataface[]
  /** Folders of projects that could not be opened, which are served once they are mended. */
  readonly leftOut: readonly string[]
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
  /** What was replaced and still answers what it was asked before. */
  readonly replaced: ReadonlySet<Dataface>
  /** Projects that are not served, by the names of their folders. */
  readonly leftOut: readonly string[]
  stop(): void
}

/**
 * Serves a project anew when a file of its settings has changed: it is validated and opened first, and where that fails, what was
 * served before stays. Calls under way are answered by what they began with.
 */
export const reloadProjects = (options: ReloadOptions): Reloading => {
  const { open, makeDataface, serve, tell, log, onReload } = options
  let datafaces = options.datafaces
  let leftOut = options.leftOut
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const stamps = new Map<string, string>()
  const replaced = new Set<Dataface>()

  /** Ends what was replaced once it has answered. Nobody waits for it: a caller may take minutes to read an answer. */
  const retire = async (old: Dataface, settled: Promise<void>): Promise<void> => {
    replaced.add(old)
    await Promise.race([settled, sleep(handOverMs, undefined, { ref: false })])
    old.stopTaking()
    await settled
    await old.close()
    replaced.delete(old)
  }

  /** Serves the project in a folder, in place of `old` where it is served. */
  const reload = async (dir: string, old: Dataface | undefined): Promise<void> => {
    let opened: Dataface | undefined
    try {
      const project = await open(dir)
      const added = makeDataface(project)
      opened = added
      if (datafaces.some((one) => one !== old && one.project.name === project.name))
        throw new Fault('CONFLICT', `Another project is named "${project.name}".`)
      const next = old === undefined ? [...datafaces, added] : datafaces.map((one) => (one === old ? added : one))
      const { settled } = await serve(next)
      datafaces = next
      leftOut = leftOut.filter((one) => one !== dir)
      onReload(project.name, true)
      tell(`${project.name}: ${fileOf(project)} was read anew.\n`)
      for (const finding of project.diagnostics) log('warn', formatDiagnostic(finding), { project: project.name })
      if (old !== undefined) void retire(old, settled)
    } catch (error) {
      if (opened !== undefined && !datafaces.includes(opened)) await opened.close()
      const name = old?.project.name ?? basename(dir)
      onReload(name, false)
      const about = { project: name }
      if (error instanceof ProjectError) for (const finding of error.diagnostics) log('error', formatDiagnostic(finding), about)
      else log('error', error instanceof Fault ? error.message : 'The project could not be opened.', { ...about, error })
      tell(
        old === undefined
          ? `${name}: the project was changed and cannot be served yet.\n`
          : `${name}: ${fileOf(old.project)} was changed and cannot be served. What was served before stays.\n`,
      )
    }
  }

  const lookAt = async (dir: string, files: readonly string[], old?: Dataface): Promise<void> => {
    const stamp = (await Promise.all(files.map(stampOf))).join(' ')
    const known = stamps.get(dir)
    stamps.set(dir, stamp)
    if (known !== undefined && known !== stamp) await reload(dir, old)
  }

  const look = async (): Promise<void> => {
    for (const one of datafaces) {
      const dir = one.project.boards?.dir
      if (dir !== undefined && !stopped) await lookAt(dir, one.project.files, one)
    }
    for (const dir of leftOut)
      if (!stopped)
        await lookAt(
          dir,
          projectFiles.map((file) => join(dir, file)),
        )
    if (stopped) return
    timer = setTimeout(() => void look(), lookMs)
    timer.unref()
  }
  void look()

  return {
    get datafaces() {
      return datafaces
    },
    replaced,
    get leftOut() {
      return leftOut.map((dir) => basename(dir))
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
