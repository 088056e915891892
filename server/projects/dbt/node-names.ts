import type { DbtNode } from './graph.ts'
import type { Ref } from './references.ts'

/** Finds nodes by what ref() and source() name. */
export class NodeNames {
  readonly #models: ReadonlyMap<string, readonly DbtNode[]>
  readonly #sources: ReadonlyMap<string, readonly DbtNode[]>
  readonly #root: string

  constructor(nodes: Iterable<DbtNode>, root: string) {
    const all = [...nodes]
    const byName = (isSource: boolean) =>
      Map.groupBy(
        all.filter(({ kind }) => (kind === 'source') === isSource),
        ({ name }) => name,
      )
    this.#models = byName(false)
    this.#sources = byName(true)
    this.#root = root
  }

  /** The node of a ref() that stands in a package: its own before those of the project, those before the others. */
  ref({ name, package: wanted, version }: Ref, own = this.#root): DbtNode | undefined {
    const named = (this.#models.get(name) ?? []).filter((node) => wanted === undefined || node.package === wanted)
    const meant = named.filter((node) => (version === undefined ? node.isLatest : node.version === version))
    return this.#nearest(meant, own)
  }

  /** The table of a source, by `source.table`, of the same places. */
  source(name: string, own = this.#root): DbtNode | undefined {
    return this.#nearest(this.#sources.get(name) ?? [], own)
  }

  #nearest(meant: readonly DbtNode[], own: string): DbtNode | undefined {
    return meant.find((node) => node.package === own) ?? meant.find((node) => node.package === this.#root) ?? meant[0]
  }
}
