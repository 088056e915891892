import { readdir, stat } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../envelope/fault.ts'
import type { Dataface } from '../main.ts'
import type { Log } from '../operations/log.ts'
import { formatDiagnostic, ProjectError } from '../projects/diagnostic.ts'
import type { Project } from '../projects/project.ts'
import { isProjectFolder, projectFiles } from './locate-project.ts'

/** How often project files are looked at, milliseconds; they are not watched, which works the same on every file system. */
const lookMs = 1_000
/** How long what is replaced still takes requests that came before, of which it may not be known yet whose they are, milliseconds. */
const handOverMs = 10_000

export interface ReloadOptions {
  /** The projects that are served, in the order of their folders. */
  readonly datafaces: readonly Dataface[]
  /** Folders of projects that could not be opened, which are served once they are mended. */
  readonly leftOut: readonly string[]
  /** Folders of which every project is served, also one that comes later, and none that is there no longer. */
  readonly parents: readonly string[]
  /** Opens the project in a folder anew. Throws `ProjectError`. */
  readonly open: (dir: string) => Promise<Project>
  readonly makeDataface: (project: Project) => Dataface
  /** Serves these from now on; resolves when what was asked before has its answer. Throws a `Fault` where they may not be served. */
  readonly serve: (datafaces: readonly Dataface[]) => Promise<{ readonly settled: Promise<void> }>
  readonly say: (text: string) => void
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

/** What cannot be read of dbt, as while it is being written, where a source would be off for it that is served. */
const lostWith = ({ disabled, diagnostics }: Project, old: Dataface | undefined): Project['diagnostics'] =>
  [...(old?.project.sources.keys() ?? [])].some((name) => disabled.has(name))
    ? diagnostics.filter(({ code }) => code === 'DBT_FILE_UNREADABLE')
    : []

/**
 * Serves a project anew when a file of its settings has changed: it is validated and opened first, and where that fails, what was
 * served before stays. Calls under way are answered by what they began with. A project that comes into a folder of projects is
 * one that was left out until now.
 */
export const reloadProjects = (options: ReloadOptions): Reloading => {
  const { parents, open, makeDataface, serve, say, log, onReload } = options
  let datafaces = options.datafaces
  let leftOut = options.leftOut
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  /** Of the files of each folder, as they were at the last look. */
  const stamps = new Map<string, ReadonlyMap<string, string>>()
  /** Folders left out that are tried again although nothing in them has changed. */
  const due = new Set<string>()
  /** Folders of projects that were not there at the last look. */
  let absent: readonly string[] = []
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
      const unreadable = lostWith(project, old)
      if (unreadable.length > 0) {
        await project.close()
        throw new ProjectError(unreadable)
      }
      const added = makeDataface(project)
      opened = added
      if (datafaces.some((one) => one !== old && one.project.name === project.name))
        throw new Fault('CONFLICT', `Another project is named "${project.name}".`)
      const next = old === undefined ? [...datafaces, added] : datafaces.map((one) => (one === old ? added : one))
      const { settled } = await serve(next)
      datafaces = next
      leftOut = leftOut.filter((one) => one !== dir)
      onReload(project.name, true)
      say(old === undefined ? `${project.name}: the project is served from now on.` : `${project.name}: ${fileOf(project)} was read anew.`)
      for (const finding of project.diagnostics) log('warn', formatDiagnostic(finding), { project: project.name })
      if (old !== undefined) void retire(old, settled)
    } catch (error) {
      if (opened !== undefined && !datafaces.includes(opened)) await opened.close()
      const name = old?.project.name ?? basename(dir)
      onReload(name, false)
      const about = { project: name }
      if (error instanceof ProjectError) for (const finding of error.diagnostics) log('error', formatDiagnostic(finding), about)
      else log('error', error instanceof Fault ? error.message : 'The project could not be opened.', { ...about, error })
      say(
        old === undefined
          ? `${name}: the project cannot be served yet.`
          : `${name}: ${fileOf(old.project)} was changed and cannot be served. What was served before stays.`,
      )
    }
  }

  const lookAt = async (dir: string, files: readonly string[], old?: Dataface): Promise<void> => {
    const known = stamps.get(dir)
    const now = new Map(await Promise.all(files.map(async (file) => [file, await stampOf(file)] as const)))
    stamps.set(dir, now)
    const isChanged = files.some((file) => known?.has(file) === true && known.get(file) !== now.get(file))
    if (due.delete(dir) || isChanged) await reload(dir, old)
  }

  /** Serves those no longer whose folders are gone. */
  const drop = async (gone: readonly string[]): Promise<void> => {
    const isGone = (one: Dataface): boolean => gone.includes(folderOf(one))
    leftOut = leftOut.filter((dir) => !gone.includes(dir))
    const dropped = datafaces.filter(isGone)
    if (dropped.length === 0) return
    const kept = datafaces.filter((one) => !isGone(one))
    const { settled } = await serve(kept)
    datafaces = kept
    for (const dir of gone) stamps.delete(dir)
    for (const old of dropped) {
      say(`${old.project.name}: the folder is gone, and the project is served no longer.`)
      void retire(old, settled)
    }
    // One may have waited for the name.
    for (const dir of leftOut) due.add(dir)
  }

  const look = async (): Promise<void> => {
    const known = [...datafaces.map(folderOf), ...leftOut]
    const away = await findAway(known, parents)
    // Where all are away their disk is, and they stay.
    const missing = datafaces.every((one) => away.includes(folderOf(one))) ? [] : away
    // At the second look: one that is put in the place of another is away for a moment.
    const gone = missing.filter((dir) => absent.includes(dir))
    const isSettled = gone.length === missing.length
    absent = missing
    if (gone.length > 0)
      await drop(gone).catch((error: unknown) => log('error', 'A project is still served whose folder is gone.', { error }))
    for (const one of datafaces) {
      const dir = folderOf(one)
      if (dir !== '' && !stopped && !missing.includes(dir)) await lookAt(dir, one.project.files, one)
    }
    // Not while one is away: it may have another name from now on.
    const found = isSettled ? (await Promise.all(parents.map(foldersIn))).flat() : []
    for (const dir of found)
      if (!known.includes(dir) && !parents.includes(dir) && isProjectFolder(dir)) {
        leftOut = [...leftOut, dir]
        due.add(dir)
      }
    // The folder too: a file that is lacking may come.
    for (const dir of leftOut)
      if (!stopped && !missing.includes(dir)) await lookAt(dir, [dir, ...projectFiles.map((file) => join(dir, file))])
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

/** Empty where a project has none. */
const folderOf = ({ project }: Dataface): string => project.boards?.dir ?? ''

/** The file that makes it a project, as people call it. */
const fileOf = ({ files }: Project): string => basename(files[0] ?? '')

/** Folders that are not there, of those below folders that are. */
const findAway = async (dirs: readonly string[], parents: readonly string[]): Promise<readonly string[]> => {
  const there = await Promise.all(parents.map(async (parent) => ((await isThere(parent)) ? [parent + sep] : [])))
  const below = dirs.filter((dir) => there.flat().some((parent) => dir.startsWith(parent)))
  return (await Promise.all(below.map(async (dir) => ((await isThere(dir)) ? [] : [dir])))).flat()
}

/** Also where nobody can say. */
const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )

const foldersIn = (parent: string): Promise<readonly string[]> =>
  readdir(parent).then(
    (names) => names.filter((name) => !name.startsWith('.')).map((name) => join(parent, name)),
    () => [],
  )

const stampOf = (file: string): Promise<string> =>
  stat(file).then(
    ({ mtimeMs, size, ino }) => `${mtimeMs}:${size}:${ino}`,
    () => 'none',
  )
