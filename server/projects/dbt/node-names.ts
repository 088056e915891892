import type { DbtNode } from './graph.ts'
import type { Ref } from './references.ts'

/** Finds nodes by what ref() and source() name. */
export class NodeNames {
  readonly #models: ReadonlyMap<string, readonly DbtNode[]>
  readonly #sources: ReadonlyMap<string, DbtNode>
  readonly #root: string

  constructor(nodes: Iterable<DbtNode>, root: string) {
    const all = [...nodes]
    this.#models = Map.groupBy(
      all.filter(({ kind }) => kind !== 'source'),
      ({ name }) => name,
    )
    // The last of a name counts, so the project itself comes last.
    const sources = all.filter(({ kind }) => kind === 'source').sort((a, b) => Number(a.package === root) - Number(b.package === root))
    this.#sources = new Map(sources.map((node) => [node.name, node]))
    this.#root = root
  }

  /** The node of a ref() that stands in a package: its own before those of the project, those before the others. */
  ref({ name, package: wanted, version }: Ref, own = this.#root): DbtNode | undefined {
    const named = (this.#models.get(name) ?? []).filter((node) => wanted === undefined || node.package === wanted)
    const meant = named.filter((node) => (version === undefined ? node.isLatest : node.version === version))
    return meant.find((node) => node.package === own) ?? meant.find((node) => node.package === this.#root) ?? meant[0]
  }

  /** The table of a source, by `source.table`. */
  source(name: string): DbtNode | undefined {
    return this.#sources.get(name)
  }
}
