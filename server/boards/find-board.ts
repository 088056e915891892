import { posix } from 'node:path'
import { Fault } from '../envelope/fault.ts'
import { nearestNames } from '../envelope/nearest-name.ts'
import type { BoardStore, StoredBoard } from './board-store.ts'

/** Where a text that is no file is said to stand. */
const unsavedName = 'board.yml'

/** The board of a path, with or without its ending; BOARD_NOT_FOUND with the nearest paths when there is none. */
export const findBoard = async (store: BoardStore, path: string): Promise<StoredBoard> => {
  const wanted = store.files?.canonical(path.replace(/^\//, '')) ?? ''
  for (const ending of ['', '.yml', '.yaml', '.md']) {
    const found = store.files?.isBoardPath(`${wanted}${ending}`) === true ? await store.get(`${wanted}${ending}`) : undefined
    if (found !== undefined) return found
  }
  const paths = (await store.files?.list()) ?? []
  // A folder that is right says nothing about which of its boards is meant.
  const stem = (one: string): string => posix.basename(one, posix.extname(one))
  const names = nearestNames(stem(wanted), new Set(paths.map(stem)), 3)
  const near = names.flatMap((name) => paths.filter((one) => stem(one) === name)).slice(0, 3)
  throw new Fault('BOARD_NOT_FOUND', `There is no board "${path.slice(0, 200)}".`, {
    path: 'path',
    hint:
      near.length > 0
        ? `Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?`
        : paths.length === 0
          ? 'The project has no boards.'
          : 'Call list_dashboards for the paths.',
  })
}

/** The board that a call is about: one of the project, or a text that is compiled as if it stood in the first board folder. */
export const boardOfInput = async (
  store: BoardStore,
  { path, yaml }: { readonly path?: string | undefined; readonly yaml?: string | undefined },
): Promise<StoredBoard> => {
  if (path !== undefined && yaml !== undefined)
    throw new Fault('VALIDATION_ERROR', 'Give path or yaml, not both.', {
      path: 'yaml',
      hint: 'path for a board of the project, yaml for a text.',
    })
  if (path !== undefined) return findBoard(store, path)
  if (yaml === undefined)
    throw new Fault('VALIDATION_ERROR', 'Give path or yaml.', { path: 'path', hint: 'path for a board of the project, yaml for a text.' })
  return { text: yaml, board: await store.compile(yaml, unsavedName) }
}
