import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Log } from '../operations/log.ts'
import { createJsonLog, type LogLevel } from '../operations/log.ts'
import { ProjectError } from '../projects/diagnostic.ts'
import { findMisnamedFile } from '../projects/find-misnamed-file.ts'
import type { Project } from '../projects/project.ts'
import { type Invocation, textOf, UsageError } from './command.ts'

const projectFileName = 'dataface.yml'

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
    if (!/^dataface\.ya?ml$/.test(basename(path)))
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
  throw noProject(
    'Neither this folder nor one above it has a dataface.yml.',
    misnamed === undefined
      ? 'Name the folder of a project with --project DIR, or serve files without one: dft serve FILE.parquet.'
      : `Rename ${misnamed} to ${projectFileName}.`,
  )
}

const noProject = (message: string, hint: string): ProjectError =>
  new ProjectError([{ level: 'error', code: 'FILE_NOT_FOUND', file: projectFileName, line: 1, column: 1, message, hint }])

/** The folder, when a path names a project file or a folder that has one. */
export const projectFolder = (path: string): string | undefined => {
  const full = resolve(path)
  if (/(^|[\\/])dataface\.ya?ml$/.test(full)) return dirname(full)
  if (!statSync(full, { throwIfNoEntry: false })?.isDirectory()) return undefined
  return existsSync(join(full, projectFileName)) || findMisnamedFile(full) !== undefined ? full : undefined
}

/** Opens the project that the command line names. Throws `UsageError` or `ProjectError`. */
export const openNamedProject = async (invocation: Invocation, log: Log): Promise<Project> => {
  const dir = locateProject(invocation)
  const { openProject } = await import('../projects/open-project.ts')
  return openProject({ dir, env: invocation.env, log })
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** A log of JSON lines on standard error; DATAFACE_LOG sets its least level. */
export const createCommandLog = ({ terminal, env }: Invocation, least: LogLevel): Log =>
  createJsonLog(terminal.err, levels.find((level) => level === env.DATAFACE_LOG) ?? least)
