import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { Fault } from '../envelope/fault.ts'
import type { BoardFiles } from './board-files.ts'
import { versionOfText } from './version-of-text.ts'

/** Where the texts go that were overwritten, in the project's folder. */
const historyFolder = '.dataface/boards'
/** A lock older than this was left by a process that died. */
const staleLockMs = 10_000

export interface SavedBoard {
  readonly version: string
  readonly isNew: boolean
  /** Version of the text that was overwritten. */
  readonly previous: string | undefined
}

/**
 * Writes a board in one step, so that a reader sees the old text or the new one. CONFLICT when the file is not at
 * `version`, or is there when none is given; two that save at once are told apart by a lock file. The old text is kept.
 * To save what is there already changes nothing, so that a call whose answer was lost can be made again.
 */
export const writeBoard = async (files: BoardFiles, path: string, text: string, version: string | undefined): Promise<SavedBoard> => {
  const target = await targetOf(files, path)
  const unlock = await lock(target)
  try {
    const current = await readFile(target, 'utf8').catch(() => undefined)
    const found = current === undefined ? undefined : versionOfText(current)
    if (current === text) return { version: versionOfText(text), isNew: false, previous: undefined }
    if (found !== version) throw conflict(path, found, version)
    if (current !== undefined && found !== undefined) await keep(files, path, current, found)
    const fresh = `${target}.${randomUUID()}.tmp`
    await writeFile(fresh, text, { flag: 'w' })
    await rename(fresh, target)
    return { version: versionOfText(text), isNew: found === undefined, previous: found }
  } finally {
    await unlock()
  }
}

/** The text that was overwritten at a version; undefined when none is kept. */
export const keptBoard = async ({ settings }: BoardFiles, path: string, version: string): Promise<string | undefined> =>
  /^[\w-]{22}$/.test(version)
    ? readFile(join(settings.dir, historyFolder, path, `${version}${posix.extname(path)}`), 'utf8').catch(() => undefined)
    : undefined

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

/** The file to write: inside the board folders, whatever links stand on the way. */
const targetOf = async (files: BoardFiles, path: string): Promise<string> => {
  if (!files.isBoardPath(path))
    throw new Fault('VALIDATION_ERROR', `"${path.slice(0, 200)}" is no place for a board.`, {
      path: 'path',
      hint: `Use a path such as "${files.settings.folders[0]}/sales.yml": in ${files.settings.folders.join(', ')}, ending in .yml, .yaml or .md, its name not beginning with _ or a dot.`,
    })
  const target = join(files.settings.dir, posix.normalize(path))
  let above = dirname(target)
  while ((await stat(above).catch(() => undefined)) === undefined) above = dirname(above)
  const there = await realpath(target).catch(() => undefined)
  const isFolderNew = files.settings.folders.some((folder) => join(files.settings.dir, folder).startsWith(above))
  const isInside =
    (isFolderNew || (await files.isInFolders(await realpath(above)))) && (there === undefined || (await files.isInFolders(there)))
  if (!isInside)
    throw new Fault('VALIDATION_ERROR', `"${path}" leads out of the board folders.`, { path: 'path', hint: 'Use a path without links.' })
  await mkdir(dirname(target), { recursive: true })
  return there ?? target
}

const keep = async ({ settings }: BoardFiles, path: string, text: string, version: string): Promise<void> => {
  const folder = join(settings.dir, historyFolder, posix.normalize(path))
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${version}${posix.extname(path)}`), text)
}

const lock = async (target: string): Promise<() => Promise<void>> => {
  const file = `${target}.lock`
  for (;;) {
    const handle = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return undefined
      throw new Fault('PERMISSION_DENIED', 'The server may not write into the board folders.', {
        hint: 'Ask the operator of the project, who may give it leave or set boards.read_only.',
        cause: error,
      })
    })
    if (handle !== undefined) {
      await handle.close()
      return () => rm(file, { force: true })
    }
    const found = await stat(file).catch(() => undefined)
    if (found !== undefined && Date.now() - found.mtimeMs > staleLockMs) await rm(file, { force: true })
    else await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
