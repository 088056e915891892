import { lchownSync, mkdirSync, statSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'

/** Whom a file belongs to. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/**
 * Makes a folder, and those it is in, that only its owner may open: whoever owns the one that was there. Commands are given by root beside
 * a server that is not, which could else not open what they made. Throws what the file system throws.
 */
export const makeFolder = (folder: string): void => {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  const owner = statSync(dirname(first))
  let made = first
  giveTo(owner, (uid, gid) => lchownSync(made, uid, gid))
  for (const name of relative(first, folder).split(sep).filter(Boolean)) {
    made = join(made, name)
    giveTo(owner, (uid, gid) => lchownSync(made, uid, gid))
  }
}

/** Gives what was made just now to the owner of its folder, where this process may: root, unless that was taken from it. */
export const giveTo = ({ uid, gid }: Owner, change: (uid: number, gid: number) => void): void => {
  if (process.geteuid?.() !== 0) return
  try {
    change(uid, gid)
  } catch {
    // It stays whose it is.
  }
}

/** Gives a file that is to replace another the owner and the mode of that. Throws where whoever owns that could read it no longer. */
export const replaceAs = async (file: FileHandle, replaced: Owner & { readonly mode: number }): Promise<void> => {
  const own = await file.stat()
  if (own.uid !== replaced.uid || own.gid !== replaced.gid)
    await file.chown(replaced.uid, replaced.gid).catch(async (error: unknown) => {
      const isForGroup = (replaced.mode & 0o040) !== 0
      if (isForGroup) await file.chown(own.uid, replaced.gid)
      else if ((replaced.mode & 0o004) === 0) throw error
    })
  await file.chmod(replaced.mode & 0o777)
}
