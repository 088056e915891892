import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { dbtProjectFile } from './names.ts'

/** Folders below the one that is named which are looked into. */
const maxDepth = 3
const maxFolders = 2_000
const neverLookedInto = /^(\..*|dbt_packages|dbt_modules|node_modules|target|venv|env|__pycache__|site-packages|logs)$/i

const isDbtProject = (dir: string): boolean => statSync(join(dir, dbtProjectFile), { throwIfNoEntry: false })?.isFile() === true

/** The dbt project that a folder is, or is a part of; undefined when there is none. */
export const dbtProjectAbove = (dir: string): string | undefined => {
  for (let folder = resolve(dir); ; folder = dirname(folder)) {
    if (isDbtProject(folder)) return folder
    if (folder === dirname(folder)) return undefined
  }
}

/** The dbt projects below a folder, in order; those within one are parts of it. */
export const dbtProjectsBelow = (dir: string): string[] => {
  const found: string[] = []
  let folders = [resolve(dir)]
  let looked = 0
  for (let depth = 0; depth < maxDepth && looked < maxFolders; depth++) {
    const next: string[] = []
    for (const folder of folders) {
      if (++looked > maxFolders) break
      for (const name of namesIn(folder)) {
        const below = join(folder, name)
        if (isDbtProject(below)) found.push(below)
        else next.push(below)
      }
    }
    folders = next
  }
  return found.sort()
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !neverLookedInto.test(entry.name))
      .map(({ name }) => name)
      .sort()
  } catch {
    return []
  }
}

/** The dbt projects that a folder may mean: itself, one above it, or those below. */
export const dbtProjectsOf = (dir: string): string[] => {
  if (!existsSync(dir)) return []
  if (isDbtProject(dir)) return [resolve(dir)]
  const below = dbtProjectsBelow(dir)
  if (below.length > 0) return below
  const above = dbtProjectAbove(dir)
  return above === undefined ? [] : [above]
}
