import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, posix, sep } from 'node:path'
import type { BoardSettings } from '../projects/project.ts'

const boardName = /\.(ya?ml|md)$/i
const notBoards = /^(_.*|\..*|meta\.ya?ml|dataface\.ya?ml|dbt_charts\.ya?ml|readme\.md)$/i
/** Folders and files of other things. */
const isClosed = (part: string): boolean => (part.startsWith('.') && part !== '.') || part === 'node_modules'
/** Boards, templates and defaults that are looked at; a project with more is cut, and says so. */
export const maxBoardFiles = 5000

/** Characters that are not seen, or steer what is: no path has them. Joiners are letters of some scripts. */
const odd = /[\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\\]/u

/** What two names have in common that some systems take for the same. */
export const foldPath = (path: string): string => path.normalize('NFC').toLowerCase()

/** The files of the board folders: nothing outside them is read or written, whatever a path says. */
export class BoardFiles {
  readonly settings: BoardSettings
  #unlisted = 0

  constructor(settings: BoardSettings) {
    this.settings = settings
  }

  /** Files that were left out when the folders were last listed, since there are too many. */
  get unlisted(): number {
    return this.#unlisted
  }

  /** Paths of the boards, relative to the project, ordered. */
  async list(): Promise<string[]> {
    return (await this.listAll()).filter((path) => !notBoards.test(posix.basename(path)))
  }

  /** The same with templates and the defaults of folders. */
  async listAll(): Promise<string[]> {
    const found = new Set<string>()
    for (const folder of this.settings.folders) await this.#collect(this.canonical(folder) ?? folder, found)
    const paths = [...found].sort()
    this.#unlisted = Math.max(0, paths.length - maxBoardFiles)
    return paths.slice(0, maxBoardFiles)
  }

  async #collect(folder: string, found: Set<string>): Promise<void> {
    const entries = await readdir(join(this.settings.dir, folder), { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      if (isClosed(entry.name)) continue
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory()) await this.#collect(path, found)
      else if (entry.isFile() && boardName.test(entry.name)) found.add(path.normalize('NFC'))
    }
  }

  /** The text at a path; undefined when there is none, or when it lies outside. */
  async read(path: string): Promise<string | undefined> {
    const file = await this.resolve(path)
    const isPlain = file !== undefined && (await stat(file).catch(() => undefined))?.isFile() === true
    return isPlain ? readFile(file, 'utf8').catch(() => undefined) : undefined
  }

  /** What tells that a file has changed; undefined when there is none. */
  async stamp(path: string): Promise<string | undefined> {
    const file = await this.resolve(path)
    const found = file === undefined ? undefined : await stat(file).catch(() => undefined)
    return found === undefined ? undefined : `${found.mtimeMs}:${found.size}:${found.ino}`
  }

  /** Whether a board may be written at a path: inside a board folder, named as boards are. */
  isBoardPath(path: string): boolean {
    const inside = this.canonical(path)
    return inside !== undefined && boardName.test(inside) && !notBoards.test(posix.basename(inside)) && this.#isInFolder(inside)
  }

  /** The absolute path of a file inside the board folders, links followed; undefined when it lies outside or is not there. */
  async resolve(path: string): Promise<string | undefined> {
    const inside = this.canonical(path)
    if (inside === undefined || !this.#isInFolder(inside)) return undefined
    const real = await realpath(await this.onDisk(inside)).catch(() => undefined)
    return real !== undefined && (await this.isInFolders(real)) ? real : undefined
  }

  /** Whether a real path lies in a board folder, links to the folders themselves followed. */
  async isInFolders(real: string): Promise<boolean> {
    const home = await realpath(this.settings.dir).catch(() => undefined)
    for (const folder of this.settings.folders) {
      const at = await realpath(join(this.settings.dir, this.canonical(folder) ?? folder)).catch(() => undefined)
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

  /**
   * The one form of a path that means a file: relative to the project, without `.`, `..` and doubled slashes, composed as
   * Unicode says (NFC). Undefined for a path that leads out, into folders of other tools, or holds what no path has.
   */
  canonical(path: string): string | undefined {
    const normal = posix.normalize(path.normalize('NFC'))
    return odd.test(path) ||
      !path.isWellFormed() ||
      posix.isAbsolute(normal) ||
      normal.split('/').some((part) => part === '..' || isClosed(part))
      ? undefined
      : normal
  }

  /** Where the file of a canonical path is, absolute; systems may write its letters in another form. */
  async onDisk(path: string): Promise<string> {
    // Letters of ASCII have one form.
    if (/^[ -~]*$/.test(path)) return join(this.settings.dir, path)
    let at = this.settings.dir
    for (const part of path.split('/')) {
      const names = await readdir(at).catch(() => [])
      at = join(at, names.find((name) => name === part) ?? names.find((name) => name.normalize('NFC') === part) ?? part)
    }
    return at
  }
}
