import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Files that are looked at in one dbt project. */
const maxFiles = 30_000
const maxDepth = 40

export interface ListedFile {
  /** Absolute. */
  readonly path: string
  /** Folders from the root that it was found under, and its name. */
  readonly parts: readonly string[]
  readonly mtimeMs: number
  readonly size: number
}

/** The files below a folder with one of the extensions, in order. A folder is looked into once, however many links lead there. */
export const listFiles = async (root: string, extensions: RegExp): Promise<ListedFile[]> => {
  const found: ListedFile[] = []
  const seen = new Set<string>()
  const look = async (dir: string, parts: readonly string[]): Promise<void> => {
    if (parts.length > maxDepth || found.length >= maxFiles) return
    const real = await realpath(dir).catch(() => undefined)
    if (real === undefined || seen.has(real)) return
    seen.add(real)
    const entries = await readdir(dir, { withFileTypes: true }).catch(() => [])
    const wanted = entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1))
    const files = await Promise.all(
      wanted.map(async (entry) => {
        const isFolder = entry.isDirectory()
        if (isFolder || (!entry.isSymbolicLink() && !extensions.test(entry.name))) return { entry, isFolder }
        const known = await stat(join(dir, entry.name)).catch(() => undefined)
        return {
          entry,
          isFolder: known?.isDirectory() === true,
          known: known?.isFile() === true && extensions.test(entry.name) ? known : undefined,
        }
      }),
    )
    for (const { entry, isFolder, known } of files) {
      const path = join(dir, entry.name)
      if (isFolder) await look(path, [...parts, entry.name])
      else if (known !== undefined && found.length < maxFiles)
        found.push({ path, parts: [...parts, entry.name], mtimeMs: known.mtimeMs, size: known.size })
    }
  }
  await look(root, [])
  return found
}
