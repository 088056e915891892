import { type BoardStore, boardsOf } from '../../boards/board-store.ts'
import type { Project } from '../../projects/project.ts'

const lookMs = 700

/**
 * Tells when a file of the boards is written, added or removed, for as long as someone listens; folders are looked at rather
 * than watched, which works the same on every file system.
 */
export class BoardWatch {
  readonly #store: BoardStore
  readonly #isOpen: () => boolean
  readonly #listeners = new Map<(paths: readonly string[]) => void, () => void>()
  #known: Map<string, string> | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param isOpen once false, everyone who listens is let go. */
  constructor(project: Project, isOpen: () => boolean) {
    this.#store = boardsOf(project)
    this.#isOpen = isOpen
  }

  /** @returns what stops listening. `closed` is called when the server stops. */
  listen(changed: (paths: readonly string[]) => void, closed: () => void): () => void {
    this.#listeners.set(changed, closed)
    this.#timer ??= setTimeout(() => this.#look(), 0)
    return () => {
      this.#listeners.delete(changed)
    }
  }

  async #look(): Promise<void> {
    const found = this.#isOpen() ? await this.#stamps() : undefined
    if (found === undefined) {
      for (const closed of this.#listeners.values()) closed()
      this.#listeners.clear()
    }
    const known = this.#known
    if (found !== undefined && known !== undefined) {
      const paths = [...new Set([...known.keys(), ...found.keys()])].filter((path) => known.get(path) !== found.get(path))
      if (paths.length > 0) for (const changed of this.#listeners.keys()) changed(paths)
    }
    const goesOn = this.#listeners.size > 0
    this.#known = goesOn ? found : undefined
    this.#timer = goesOn ? setTimeout(() => this.#look(), lookMs) : undefined
    this.#timer?.unref()
  }

  async #stamps(): Promise<Map<string, string>> {
    const paths = (await this.#store.files?.listAll()) ?? []
    return new Map(await Promise.all(paths.map(async (path) => [path, (await this.#store.files?.stamp(path)) ?? ''] as const)))
  }
}
