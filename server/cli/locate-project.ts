import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { ProjectConfig } from '../../contracts/v1/project.ts'
import type { Log } from '../operations/log.ts'
import { createJsonLog, type LogLevel, logLevels } from '../operations/log.ts'
import { dbtProjectsOf } from '../projects/dbt/find-project.ts'
import { dbtProjectFile } from '../projects/dbt/names.ts'
import { ProjectError } from '../projects/diagnostic.ts'
import { findMisnamedFile } from '../projects/find-misnamed-file.ts'
import type { Project } from '../projects/project.ts'
import { isDataFile } from '../projects/project-from-files.ts'
import type { ReadProject } from '../projects/read-project.ts'
import type { State } from '../state/state.ts'
import { type Invocation, textOf, UsageError } from './command.ts'

const projectFileName = 'dataface.yml'
/** What makes a folder a project. */
export const projectFiles: readonly string[] = [projectFileName, dbtProjectFile]

/**
 * The folder of the project: what --project names, else this folder or the nearest one above it that has a project file.
 * Throws `ProjectError` when there is none, `UsageError` for a file that is no project.
 */
export const locateProject = (invocation: Invocation): string => {
  const named = textOf(invocation, 'project')
  if (named !== undefined) {
    const path = resolve(named)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) throw noProject(`There is no folder "${named}".`, 'Name the folder that holds dataface.yml.')
    if (!found.isFile()) return path
    if (!isProjectFile(basename(path)))
      throw new UsageError(`"${named}" is no project.`, 'Name the folder that holds dataface.yml; to serve a file, dft serve FILE.')
    return dirname(path)
  }
  let misnamed: string | undefined
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, projectFileName))) return folder
    const other = findMisnamedFile(folder)
    if (other !== undefined) misnamed ??= join(folder, other)
    if (folder === dirname(folder)) break
  }
  if (misnamed === undefined && dbtProjectsOf(process.cwd()).length > 0) return process.cwd()
  throw noProject(
    'Neither this folder nor one above it has a dataface.yml, and none is a dbt project.',
    misnamed === undefined
      ? 'Name the folder of a project with --project DIR, or serve files without one: dft serve FILE.parquet.'
      : `Rename ${misnamed} to ${projectFileName}.`,
  )
}

const noProject = (message: string, hint: string): ProjectError =>
  new ProjectError([{ level: 'error', code: 'FILE_NOT_FOUND', file: projectFileName, line: 1, column: 1, message, hint }])

/** A folder that has a project file, or one that was meant to be it. */
export const isProjectFolder = (dir: string): boolean =>
  projectFiles.some((name) => existsSync(join(dir, name))) || findMisnamedFile(dir) !== undefined

const isProjectFile = (name: string): boolean => /^dataface\.ya?ml$/.test(name) || name === dbtProjectFile

/** The folder, when a path names a project file or a folder that has one, or that belongs to a dbt project and holds no data. */
export const projectFolder = (path: string): string | undefined => {
  const full = resolve(path)
  if (isProjectFile(basename(full))) return dirname(full)
  if (!statSync(full, { throwIfNoEntry: false })?.isDirectory()) return undefined
  if (isProjectFolder(full)) return full
  return !readdirSync(full).some(isDataFile) && dbtProjectsOf(full).length > 0 ? full : undefined
}

/** The settings of the project that the command line names. Throws `UsageError`, or `ProjectError` when they have errors. */
export const readNamedProject = async (invocation: Invocation): Promise<ReadProject & { readonly config: ProjectConfig }> => {
  const { readProject } = await import('../projects/read-project.ts')
  const read = await readProject(locateProject(invocation), invocation.env)
  const { config } = read
  if (config === undefined) throw new ProjectError(read.diagnostics)
  return { ...read, config }
}

/** Opens the project that the command line names. `state`: default, of it alone. Throws `UsageError` or `ProjectError`. */
export const openNamedProject = async (invocation: Invocation, log: Log, state?: State): Promise<Project> => {
  const dir = locateProject(invocation)
  const { openProject } = await import('../projects/open-project.ts')
  return openProject({ dir, env: invocation.env, log, ...(state !== undefined && { state }) })
}

/** A log of JSON lines on standard error; DATAFACE_LOG sets its least level. */
export const createCommandLog = ({ terminal, env }: Invocation, least: LogLevel): Log =>
  createJsonLog(terminal.err, logLevels.find((level) => level === env.DATAFACE_LOG) ?? least)
