import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { type ListedFile, listFiles } from './list-files.ts'
import { blockOf, blocksOf, wordOf } from './loose-values.ts'
import { dbtProjectFile, varsFile } from './names.ts'
import { type DbtProjectFile, readProjectFile } from './project-file.ts'
import { readIgnored } from './read-ignored.ts'
import { readYamlFile } from './read-yaml-file.ts'

/** The kinds of folders that hold nodes. */
export type Section = 'models' | 'seeds' | 'snapshots'

/** A file of a package, by the kind of the folder it lies in. */
export interface PackageFile extends ListedFile {
  /** `others` hold no tables, but YAML and texts that describe some. */
  readonly section: Section | 'others'
  /** From the folder of the root project. */
  readonly place: string
}

/** The root project, or a package that it uses, with its files. */
export interface DbtPackage {
  readonly file: DbtProjectFile
  readonly files: readonly PackageFile[]
}

/** The root project first, then its packages. */
export type DbtPackages = readonly [DbtPackage, ...DbtPackage[]]

const maxPackages = 200

/** Told of a file that cannot be read, by its absolute path. */
export type OnFileFault = (file: string, fault: { readonly line: number; readonly message: string; readonly hint: string }) => void

/**
 * The root project first, then its packages: those that are installed, those that are named by a folder, and the projects of
 * the same repository that it builds upon. Each name once.
 */
export const listPackages = async (
  root: DbtProjectFile,
  env: Readonly<Record<string, string | undefined>>,
  onFault: OnFileFault = () => {},
): Promise<DbtPackages> => {
  const found = new Map<string, DbtProjectFile>([[root.name, root]])
  const projects: string[] = []
  const add = async (dirs: readonly string[], isWanted: (name: string) => boolean): Promise<void> => {
    for (const dir of dirs.slice(0, maxPackages)) {
      const read = await readProjectFile(dir, env)
      if ('fault' in read) onFault(join(dir, dbtProjectFile), read.fault)
      else if (read.varsFault !== undefined) onFault(join(dir, varsFile), read.varsFault)
      if ('project' in read && !found.has(read.project.name) && isWanted(read.project.name)) found.set(read.project.name, read.project)
    }
  }
  await add(await projectsIn(root.packagesPath), () => true)
  // Packages need others in turn, whose folders are named from that of the project too.
  for (const file of found.values()) {
    if (found.size > maxPackages) break
    const needed = await dependenciesOf(file.dir, root.dir, onFault)
    if (file === root) projects.push(...needed.projects)
    await add(needed.local, () => true)
  }
  if (projects.length > 0) await add(await projectsIn(dirname(root.dir)), (name) => projects.includes(name))
  const open = async (file: DbtProjectFile): Promise<DbtPackage> => ({ file, files: await filesOf(file, root.dir) })
  const [, ...others] = found.values()
  return [await open(root), ...(await Promise.all(others.map(open)))]
}

const projectsIn = async (path: string): Promise<string[]> => {
  const entries = await readdir(path).catch(() => [])
  const dirs = entries.sort().map((name) => join(path, name))
  const isProject = await Promise.all(
    dirs.map((dir) =>
      stat(join(dir, dbtProjectFile)).then(
        (one) => one.isFile(),
        () => false,
      ),
    ),
  )
  return dirs.filter((_, index) => isProject[index])
}

/** What `packages.yml` and `dependencies.yml` name: folders of packages, and other projects by their names. */
const dependenciesOf = async (
  dir: string,
  root: string,
  onFault: OnFileFault,
): Promise<{ readonly local: readonly string[]; readonly projects: readonly string[] }> => {
  const paths = ['packages.yml', 'dependencies.yml'].map((name) => join(dir, name)).filter((path) => existsSync(path))
  const files = await Promise.all(paths.map((path) => readYamlFile(path)))
  for (const [index, { fault }] of files.entries()) if (fault !== undefined) onFault(paths[index] as string, fault)
  const blocks = files.map(({ value }) => blockOf(value))
  return {
    local: blocks
      .flatMap(({ packages }) => blocksOf(packages))
      .flatMap(({ local }) => {
        const path = wordOf(local)
        return path === undefined || /\{\{/.test(path) ? [] : [resolve(root, path)]
      }),
    projects: blocks.flatMap(({ projects }) => blocksOf(projects)).flatMap(({ name }) => wordOf(name) ?? []),
  }
}

const extensions = /\.(sql|py|csv|ya?ml|md)$/i

const filesOf = async (file: DbtProjectFile, root: string): Promise<PackageFile[]> => {
  const sections: readonly (readonly [PackageFile['section'], readonly string[]])[] = [
    ['models', file.modelPaths],
    ['seeds', file.seedPaths],
    ['snapshots', file.snapshotPaths],
    ['others', file.otherPaths],
  ]
  const lists = await Promise.all(
    sections.flatMap(([section, paths]) =>
      paths.map(async (path) =>
        (await listFiles(resolve(file.dir, path), extensions)).map((one) => ({
          ...one,
          section,
          place: relative(root, one.path).replaceAll('\\', '/'),
        })),
      ),
    ),
  )
  // A path may be the project itself; what dbt writes there is not of it.
  const written = [file.targetPath, file.packagesPath].map((dir) => `${dir}${sep}`)
  const seen = new Set<string>()
  const isIgnored = await readIgnored(file.dir)
  const isOf = ({ path, section }: PackageFile): boolean =>
    !written.some((dir) => path.startsWith(dir)) &&
    (section === 'seeds' || !/\.csv$/i.test(path)) &&
    !isIgnored(relative(file.dir, path).replaceAll('\\', '/'))
  return lists.flat().filter((one) => isOf(one) && !seen.has(one.path) && seen.add(one.path))
}
