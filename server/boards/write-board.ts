import { hash } from 'node:crypto'
import { chmod, copyFile, mkdir, open, readdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { Fault } from '../envelope/fault.ts'
import { type TakenFile, takeFile } from '../operations/take-file.ts'
import { type BoardFiles, foldPath } from './board-files.ts'
import { versionOfText } from './version-of-text.ts'

/** Where the texts go that were overwritten, and where one is written before it takes its place; in the project's folder. */
const historyFolder = '.dataface/boards'
const savingFolder = '.dataface/saving'
/** When a save that met another may be tried again, milliseconds. */
const retryAfterMs = 1_000

export interface SavedBoard {
  readonly path: string
  readonly version: string
  readonly isNew: boolean
  /** Version of the text that was overwritten. */
  readonly previous: string | undefined
}

/** A place where a board may be written. */
export interface BoardTarget {
  /** The path in the form in which it is known. */
  readonly path: string
  /** Of the file, absolute. */
  readonly file: string
}

/**
 * Writes a board in one step, so that a reader sees the old text or the new one. CONFLICT when the file is not at
 * `version`, or is there when none is given. The new text is written into a file that one process alone can make for this
 * board, and that becomes the board: what a process leaves behind that dies meanwhile stands in no board folder, and the
 * next save takes it over. The old text is kept. To save what is there already changes nothing, so that a call whose answer
 * was lost can be made again.
 */
export const writeBoard = async (
  files: BoardFiles,
  { path, file }: BoardTarget,
  text: string,
  version: string | undefined,
  signal: AbortSignal,
): Promise<SavedBoard> => {
  const name = nameOfSave(file)
  try {
    const folder = join(files.settings.dir, savingFolder)
    await mkdir(folder, { recursive: true })
    const taken = await takeFile(join(folder, name), signal)
    if (taken === undefined) throw isBusy(path)
    try {
      const current = await readFile(file, 'utf8').catch(absent)
      const found = current === undefined ? undefined : versionOfText(current)
      if (current === text) return { path, version: versionOfText(text), isNew: false, previous: undefined }
      if (found !== version) throw conflict(path, found, version)
      if (current !== undefined && found !== undefined) await keep(files, path, current, found)
      await mkdir(dirname(file), { recursive: true })
      await put(taken, text, file)
      return { path, version: versionOfText(text), isNew: found === undefined, previous: found }
    } finally {
      await taken.release()
    }
  } catch (error) {
    throw faultOfFile(error, path)
  }
}

/** What the file is called that becomes a board, in the folder of those that are saved. */
export const nameOfSave = (file: string): string => hash('sha256', file, 'base64url').slice(0, 22)

/** Writes the text into the file that is ours, and puts that in the place of the board. */
const put = async (taken: TakenFile, text: string, file: string): Promise<void> => {
  const handle = await open(taken.path, 'w')
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  const before = await stat(file).catch(absent)
  if (before !== undefined) await chmod(taken.path, before.mode)
  if (!taken.isMine()) throw new Fault('CONFLICT', 'The save took too long, and another may have begun.', { retryable: true, retryAfterMs })
  try {
    await rename(taken.path, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    // The board folder is another file system: what is left of a copy has the same name next time.
    const near = join(dirname(file), `.${nameOfSave(file)}.saving`)
    await copyFile(taken.path, near)
    await rename(near, file)
  }
}

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error
}

/** The text that was overwritten at a version; undefined when none is kept, or not the whole of it. */
export const keptBoard = async ({ settings }: BoardFiles, path: string, version: string): Promise<string | undefined> => {
  if (!/^[\w-]{22}$/.test(version)) return undefined
  const text = await readFile(join(settings.dir, historyFolder, path, `${version}${posix.extname(path)}`), 'utf8').catch(() => undefined)
  return text !== undefined && versionOfText(text) === version ? text : undefined
}

const conflict = (path: string, found: string | undefined, wanted: string | undefined): Fault => {
  if (wanted === undefined)
    return new Fault('CONFLICT', `There is a board "${path}" already.`, {
      path: 'version',
      hint: 'Read it with get_dashboard and give its version to overwrite it, or choose another path.',
    })
  return new Fault(
    'CONFLICT',
    found === undefined ? `There is no board "${path}" any more.` : `The board "${path}" has changed since it was read.`,
    {
      path: 'version',
      hint:
        found === undefined
          ? 'Leave version out to write it anew.'
          : 'Read it again with get_dashboard, bring your change into that text, and save with its version.',
    },
  )
}

/**
 * Where a board may be written: inside the board folders, whatever links stand on the way. VALIDATION_ERROR for any other
 * path, CONFLICT for one that some systems do not tell from that of a board that is there.
 */
export const boardTarget = async (files: BoardFiles, asked: string): Promise<BoardTarget> => {
  const path = files.canonical(asked)
  if (path === undefined || !files.isBoardPath(path))
    throw unfit(
      `"${asked.slice(0, 200)}" is no place for a board.`,
      `Use a path such as "${files.settings.folders[0]}/sales.yml": in ${files.settings.folders.join(', ')}, ending in .yml, .yaml or .md, its name not beginning with _ or a dot.`,
    )
  if (path.split('/').some((part) => Buffer.byteLength(part) > 255)) throw unfit('The path is too long.', 'Use names of at most 255 bytes.')
  try {
    const target = await files.onDisk(path)
    const there = await realpath(target).catch(absent)
    let above = dirname(target)
    while ((await stat(above).catch(absent)) === undefined) above = dirname(above)
    const isFolderNew = files.settings.folders.some((folder) => join(files.settings.dir, folder).startsWith(above))
    const isInside =
      (isFolderNew || (await files.isInFolders(await realpath(above)))) && (there === undefined || (await files.isInFolders(there)))
    if (!isInside) throw unfit(`"${path}" leads out of the board folders.`, 'Use a path without links.')
    const found = there === undefined ? undefined : await stat(there)
    if (found !== undefined && !found.isFile()) throw unfit(`"${path}" is a folder, or no plain file.`, 'Choose another path.')
    const twin = there === undefined ? await twinOf(files, path) : undefined
    if (twin !== undefined)
      throw new Fault('CONFLICT', `There is "${twin}", which some systems do not tell from "${path}".`, {
        path: 'path',
        hint: `Use that path, or a name that differs in more than its case.`,
      })
    return { path, file: there ?? target }
  } catch (error) {
    throw faultOfFile(error, path)
  }
}

/** A path that is there, differs from one that is not, and is the same on systems that do not tell letters by their case. */
const twinOf = async (files: BoardFiles, path: string): Promise<string | undefined> => {
  const parts = path.split('/')
  for (let depth = 1; depth <= parts.length; depth++) {
    const above = parts.slice(0, depth - 1).join('/')
    const part = parts[depth - 1] as string
    const names = (await readdir(await files.onDisk(above)).catch(() => [])).map((name) => name.normalize('NFC'))
    const twin = names.includes(part) ? undefined : names.find((name) => foldPath(name) === foldPath(part))
    if (twin !== undefined) return posix.join(above, twin)
  }
  return undefined
}

const keep = async ({ settings }: BoardFiles, path: string, text: string, version: string): Promise<void> => {
  const folder = join(settings.dir, historyFolder, path)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${version}${posix.extname(path)}`), text)
}

const unfit = (message: string, hint: string): Fault => new Fault('VALIDATION_ERROR', message, { path: 'path', hint })

const isBusy = (path: string): Fault =>
  new Fault('CONFLICT', `The board "${path}" is being saved by another.`, {
    path: 'version',
    hint: 'Try again; if the board has changed by then, read it first.',
    retryable: true,
    retryAfterMs,
  })

/** What is wrong with a path as the file system says it, or that the server may not write; anything else as it is. */
const faultOfFile = (error: unknown, path: string): unknown => {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENAMETOOLONG':
      return unfit('The path is too long.', 'Use shorter names and fewer folders.')
    case 'EISDIR':
    case 'ENOTDIR':
    case 'EEXIST':
    case 'ENOENT':
    case 'ELOOP':
      return unfit(`"${path}" leads through something that is no folder, or is one itself.`, 'Choose another path.')
    case 'EINVAL':
    case 'EILSEQ':
      return unfit(`"${path}" is no name that a file can have.`, 'Use letters, digits, - and _.')
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOSPC':
    case 'EDQUOT':
      return new Fault('PERMISSION_DENIED', 'The server may not write into the board folders, or has no room there.', {
        hint: 'Ask the operator of the project, who may give it leave and room, or set boards.read_only.',
        cause: error,
      })
    default:
      return error
  }
}
