import { posix, relative, sep } from 'node:path'
import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'
import type { Project } from '../projects/project.ts'
import type { Located } from '../yaml/parse-yaml.ts'
import type { Invocation } from './command.ts'
import { UsageError } from './command.ts'
import { readStandardInput } from './read-standard-input.ts'

/** The path of a board in its project, from one that is relative to the folder where the command is run. */
export const boardPathOf = ({ boards }: Project, name: string): string => {
  if (boards === undefined) return name
  const inside = relative(boards.dir, posix.resolve(name)).split(sep).join('/')
  return inside.startsWith('..') || boards.folders.every((folder) => !inside.startsWith(`${folder}/`)) ? name : inside
}

/** The board that a command names, as the tools take it; `-` is the text on standard input. */
export const boardArgument = async ({
  positionals,
  signal,
}: Invocation): Promise<(project: Project) => { path: string } | { yaml: string }> => {
  const [name = ''] = positionals
  if (name !== '-') return (project) => ({ path: boardPathOf(project, name) })
  const yaml = await readStandardInput('board', signal)
  if (yaml.trim() === '') throw new UsageError('There is no board on standard input.')
  return () => ({ yaml })
}

/** The values that --var gave; a name that comes again makes a list. */
export const variablesOf = (pairs: readonly string[]): Record<string, string | string[]> => {
  const values = new Map<string, string[]>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new UsageError(`--var takes NAME=VALUE, not "${pair}".`)
    const name = pair.slice(0, at)
    values.set(name, [...(values.get(name) ?? []), pair.slice(at + 1)])
  }
  return Object.fromEntries([...values].map(([name, [first = '', ...more]]) => [name, more.length === 0 ? first : [first, ...more]]))
}

/** A finding as findings of files are printed. */
export const locatedOf = ({ fix, ...one }: BoardDiagnostic): Located<string> => ({ ...one, ...(fix !== undefined && { hint: fix }) })
