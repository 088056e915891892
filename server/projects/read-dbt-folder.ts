import { basename, relative } from 'node:path'
import type { DbtSourceConfig, SourceConfig } from '../../contracts/v1/project.ts'
import { dbtProjectFile } from './dbt/names.ts'
import { readProjectFile } from './dbt/project-file.ts'
import { readDbtSource } from './dbt/read-dbt-source.ts'
import type { DbtSettings } from './dbt/settings.ts'
import type { DisabledSourceConfig, Environment, ReadProject } from './read-project.ts'

/** A project with what its sources of type dbt connect to in their place. */
export const withDbtSources = async (
  read: ReadProject,
  written: ReadonlyMap<string, DbtSourceConfig>,
  env: Environment,
): Promise<ReadProject> => {
  const { config, dir } = read
  if (config === undefined) return read
  const names = [...written.keys()]
  const found = await Promise.all([...written].map(([name, source]) => readDbtSource({ name, written: source, dir, env })))
  const sources: Record<string, SourceConfig> = { ...config.sources }
  const disabled: DisabledSourceConfig[] = [...read.disabled]
  const dbt = new Map<string, DbtSettings>()
  for (const [index, source] of found.entries()) {
    const name = names[index] as string
    if ('config' in source) {
      sources[name] = source.config
      dbt.set(name, source.settings)
    } else {
      const description = written.get(name)?.description
      disabled.push({ name, ...source.off, ...(description !== undefined && { description }) })
    }
  }
  return {
    ...read,
    config: { ...config, sources },
    disabled,
    dbt,
    diagnostics: [...read.diagnostics, ...found.flatMap(({ diagnostics }) => diagnostics)],
    files: [...new Set(found.flatMap(({ files }) => files))],
  }
}

/** The project that a dbt project without a `dataface.yml` is: one source, by the name of the project. */
export const readDbtFolder = async (dir: string, [first, ...others]: readonly string[], env: Environment): Promise<ReadProject> => {
  const nothing = { config: undefined, disabled: [], variables: [], projectFile: dbtProjectFile }
  if (first === undefined || others.length > 0) {
    const names = [first, ...others].flatMap((one) => (one === undefined ? [] : [relative(dir, one)]))
    return {
      dir,
      ...nothing,
      diagnostics: [
        {
          level: 'error',
          code: 'DBT_PROJECT_NOT_FOUND',
          file: dbtProjectFile,
          line: 1,
          column: 1,
          message: `There are ${names.length} dbt projects in the folder: ${names.slice(0, 20).join(', ')}.`,
          hint: 'Name the folder of one, or write a dataface.yml with a source of type dbt for each.',
        },
      ],
    }
  }
  const read = await readProjectFile(first, env)
  if ('fault' in read)
    return {
      dir: first,
      ...nothing,
      diagnostics: [
        {
          level: 'error',
          code: 'DBT_FILE_UNREADABLE',
          file: dbtProjectFile,
          line: read.fault.line,
          column: 1,
          message: read.fault.message,
          hint: read.fault.hint,
        },
      ],
    }
  const name = slugOf(read.project.name) ?? slugOf(basename(first)) ?? 'dbt'
  return withDbtSources({ dir: first, ...nothing, config: { name, sources: {} }, diagnostics: [] }, new Map([[name, { type: 'dbt' }]]), env)
}

/** A name that a project can have; undefined when nothing is left of it. */
const slugOf = (name: string): string | undefined => {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63)
  return slug === '' ? undefined : slug
}
