import { readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Log } from '../operations/log.ts'
import { ProjectError } from '../projects/diagnostic.ts'
import type { Project } from '../projects/project.ts'
import type { State } from '../state/state.ts'
import { type Flag, type Invocation, listOf, UsageError } from './command.ts'
import { locateProject, projectFolder } from './locate-project.ts'
import { printDiagnostics } from './print-diagnostics.ts'

export interface Served {
  readonly projects: readonly Project[]
  /** Folders of projects that could not be opened. */
  readonly leftOut: readonly string[]
  /** Folders whose projects are served, whichever there are. */
  readonly parents: readonly string[]
}

/**
 * The projects that are meant: files, folders of projects, or the project this folder is in. Of several, those with
 * errors are told and left out. Throws `UsageError`, and `ProjectError` when none can be opened.
 */
export const openServed = async (invocation: Invocation, log: Log, state: State): Promise<Served> => {
  const { positionals, env } = invocation
  const [first] = positionals
  const { openConfig, openProject } = await import('../projects/open-project.ts')
  const given = listOf(invocation, 'project')
  if (first !== undefined) {
    if (given.length > 0) throw new UsageError('Give paths or --project, not both.')
    if (positionals.length > 1 || (projectFolder(first) === undefined && projectsIn(first).length === 0)) {
      const { projectFromFiles } = await import('../projects/project-from-files.ts')
      return { projects: [openConfig({ ...(await projectFromFiles(positionals)), log, state })], leftOut: [], parents: [] }
    }
  }
  const named = first === undefined ? given : [first]
  const opened = await openAll(foldersOf(invocation, named), invocation, (dir) => openProject({ dir, env, log, state }))
  return { ...opened, parents: named.filter(holdsProjects).map((path) => resolve(path)) }
}

/** The folders of the projects that --project names, or of the one this folder is in. Throws `ProjectError` when there is none. */
export const servedFolders = (invocation: Invocation): readonly string[] => foldersOf(invocation, listOf(invocation, 'project'))

const foldersOf = (invocation: Invocation, named: readonly string[]): readonly string[] =>
  named.length === 0 ? [locateProject(invocation)] : [...new Set(named.flatMap((path) => foldersAt(invocation, path)))]

/** The folder of a project, or those in a folder of projects. */
const foldersAt = (invocation: Invocation, path: string): readonly string[] =>
  holdsProjects(path) ? projectsIn(path) : [locateProject({ ...invocation, flags: { project: path } })]

/** What serves a project, or several. */
export const projectsFlag: Flag = {
  value: 'DIR',
  about: 'Folder with dataface.yml, or a folder of such folders; may be repeated. Default: this folder or the nearest one above it.',
  repeats: true,
}

/** It is no project itself, and folders directly below it are. */
const holdsProjects = (path: string): boolean => projectFolder(path) === undefined && projectsIn(path).length > 0

/** Folders directly below one that are projects. */
const projectsIn = (path: string): readonly string[] => {
  const folder = resolve(path)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'))
  return names.sort().flatMap((name) => projectFolder(join(folder, name)) ?? [])
}

const openAll = async (
  folders: readonly string[],
  { terminal }: Invocation,
  open: (folder: string) => Promise<Project>,
): Promise<Omit<Served, 'parents'>> => {
  const opened = await Promise.allSettled(folders.map(open))
  const projects = new Map<string, Project>()
  const failures: unknown[] = []
  const leftOut: string[] = []
  for (const [index, result] of opened.entries()) {
    if (result.status === 'rejected') {
      failures.push(result.reason)
      leftOut.push(folders[index] as string)
      if (folders.length > 1 && result.reason instanceof ProjectError) {
        terminal.err(`The project in ${basename(folders[index] as string)} is not served:\n`)
        printDiagnostics(result.reason.diagnostics, terminal)
      }
      continue
    }
    const { value: project } = result
    if (projects.has(project.name)) {
      await Promise.all([...projects.values(), project].map((one) => one.close()))
      throw new UsageError(
        `Two projects are named "${project.name}".`,
        'Give each another name in its dataface.yml; it is part of their address.',
      )
    }
    projects.set(project.name, project)
  }
  if (projects.size === 0) throw failures[0]
  return { projects: [...projects.values()], leftOut }
}
