import type { Warning } from '../../contracts/v1/envelope.ts'
import type { Project } from '../projects/project.ts'
import { BoardFiles, maxBoardFiles } from './board-files.ts'
import type { CompiledBoard } from './compiled-board.ts'

interface Kept {
  readonly board: Promise<CompiledBoard>
  readonly text: string
  /** Files that were looked for, and what they were like. */
  readonly stamps: ReadonlyMap<string, string | undefined>
}

/** A board with the text it was compiled from. */
export interface StoredBoard {
  readonly text: string
  readonly board: CompiledBoard
}

/** The boards of a project, compiled once for as long as no file that they stand on changes. */
export class BoardStore {
  readonly files: BoardFiles | undefined
  readonly #sources: readonly string[]
  readonly #kept = new Map<string, Kept>()

  constructor(project: Project) {
    this.files = project.boards === undefined ? undefined : new BoardFiles(project.boards)
    this.#sources = [...project.sources.keys(), ...project.disabled.keys()]
  }

  /** What `all` left out. */
  warnings(): Warning[] {
    const left = this.files?.unlisted ?? 0
    return left === 0
      ? []
      : [
          {
            code: 'BOARDS_UNLISTED',
            message: `The board folders hold ${left} files more than the ${maxBoardFiles} that are looked at; those are not listed or searched, and are served by their paths.`,
          },
        ]
  }

  /** Every board, by path; see `warnings`. */
  async all(): Promise<StoredBoard[]> {
    const paths = (await this.files?.list()) ?? []
    const boards = await Promise.all(paths.map((path) => this.get(path)))
    const there = new Set(paths)
    for (const path of this.#kept.keys()) if (!there.has(path)) this.#kept.delete(path)
    return boards.filter((board) => board !== undefined)
  }

  /** The board of a canonical path; undefined when there is none. */
  async get(path: string): Promise<StoredBoard | undefined> {
    const kept = this.#kept.get(path)
    if (kept !== undefined && (await this.#isFresh(kept))) return { text: kept.text, board: await kept.board }
    const text = await this.files?.read(path)
    if (text === undefined) return undefined
    const stamps = new Map([[path, await this.files?.stamp(path)]])
    const board = this.compile(text, path, stamps)
    this.#kept.set(path, { board, text, stamps })
    return { text, board: await board }
  }

  /** Compiles a text as if it stood at a path; `stamps` takes note of the files that it stands on. */
  async compile(text: string, path: string, stamps: Map<string, string | undefined> = new Map()): Promise<CompiledBoard> {
    const { compileBoard } = await import('./compile/compile-board.ts')
    const read = async (other: string) => {
      stamps.set(other, await this.files?.stamp(other))
      return this.files?.read(other)
    }
    try {
      return await compileBoard(text, path, { read, sources: this.#sources })
    } catch (error) {
      // A fault of ours about one file must not hide the others.
      const { failedBoard } = await import('./compile/failed-board.ts')
      return failedBoard(path, error)
    }
  }

  async #isFresh({ board, stamps }: Kept): Promise<boolean> {
    await board
    for (const [path, stamp] of stamps) if ((await this.files?.stamp(path)) !== stamp) return false
    return true
  }
}

const stores = new WeakMap<Project, BoardStore>()

/** The boards of a project. */
export const boardsOf = (project: Project): BoardStore => {
  const store = stores.get(project) ?? new BoardStore(project)
  stores.set(project, store)
  return store
}
