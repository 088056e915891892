import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, posix, relative, sep } from 'node:path'
import type { BoardSettings } from '../projects/project.ts'

const boardName = /\.(ya?ml|md)$/i
const notBoards = /^(_.*|\..*|meta\.ya?ml|dataface\.ya?ml|dbt_charts\.ya?ml|readme\.md)$/i
/** Folders and files of other things. */
const isClosed = (part: string): boolean => (part.startsWith('.') && part !== '.') || part === 'node_modules'
/** A project with more files than this in its folders is none of boards. */
const maxFiles = 5000

/** The files of the board folders: nothing outside them is read or written, whatever a path says. */
export class BoardFiles {
  readonly settings: BoardSettings

  constructor(settings: BoardSettings) {
    this.settings = settings
  }

  /** Paths of the boards, relative to the project, ordered. */
  async list(): Promise<string[]> {
    return (await this.listAll()).filter((path) => !notBoards.test(posix.basename(path)))
  }

  /** The same with templates and the defaults of folders. */
  async listAll(): Promise<string[]> {
    const found: string[] = []
    for (const folder of this.settings.folders) {
      const at = this.#inside(folder) ?? folder
      const entries = await readdir(join(this.settings.dir, at), { withFileTypes: true, recursive: true }).catch(() => [])
      for (const entry of entries.slice(0, maxFiles)) {
        if (!entry.isFile() || !boardName.test(entry.name)) continue
        const path = relative(this.settings.dir, join(entry.parentPath, entry.name)).split(sep).join('/')
        if (!path.split('/').some(isClosed)) found.push(path)
      }
    }
    return [...new Set(found)].sort()
  }

  /** The text at a path; undefined when there is none, or when it lies outside. */
  async read(path: string): Promise<string | undefined> {
    const file = await this.resolve(path)
    return file === undefined ? undefined : readFile(file, 'utf8').catch(() => undefined)
  }

  /** What tells that a file has changed; undefined when there is none. */
  async stamp(path: string): Promise<string | undefined> {
    const file = await this.resolve(path)
    const found = file === undefined ? undefined : await stat(file).catch(() => undefined)
    return found === undefined ? undefined : `${found.mtimeMs}:${found.size}:${found.ino}`
  }

  /** Whether a board may be written at a path: inside a board folder, named as boards are. */
  isBoardPath(path: string): boolean {
    const inside = this.#inside(path)
    return inside !== undefined && boardName.test(inside) && !notBoards.test(posix.basename(inside)) && this.#isInFolder(inside)
  }

  /** The absolute path of a file inside the board folders, links followed; undefined when it lies outside or is not there. */
  async resolve(path: string): Promise<string | undefined> {
    const inside = this.#inside(path)
    if (inside === undefined || !this.#isInFolder(inside)) return undefined
    const real = await realpath(join(this.settings.dir, inside)).catch(() => undefined)
    return real !== undefined && (await this.isInFolders(real)) ? real : undefined
  }

  /** Whether a real path lies in a board folder, links to the folders themselves followed. */
  async isInFolders(real: string): Promise<boolean> {
    const home = await realpath(this.settings.dir).catch(() => undefined)
    for (const folder of this.settings.folders) {
      const at = await realpath(join(this.settings.dir, this.#inside(folder) ?? folder)).catch(() => undefined)
      if (
        home !== undefined &&
        at !== undefined &&
        (at === home || at.startsWith(home + sep)) &&
        (real === at || real.startsWith(at + sep))
      )
        return true
    }
    return false
  }

  #isInFolder(path: string): boolean {
    return this.settings.folders.some((folder) => {
      const at = posix.normalize(folder).replace(/\/$/, '')
      return at === '.' || path.startsWith(`${at}/`)
    })
  }

  #inside(path: string): string | undefined {
    const normal = posix.normalize(path)
    const isOdd = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\\]/.test(path) || !path.isWellFormed()
    return isOdd || posix.isAbsolute(normal) || normal.startsWith('..') || normal.split('/').some(isClosed) ? undefined : normal
  }
}
