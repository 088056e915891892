import { type Alias, isAlias, isCollection, isPair, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import { maxLevels, tooDeep } from './compose-document.ts'

/** What is wrong with an alias, and what to do. */
export interface AliasFault {
  readonly message: string
  readonly hint: string
}

export const unknownAlias = 'A value that begins with * means an anchor, &name, before it. Put quotes around it if it is text.'

/** What the aliases of a text stand for, which is told node by node in the order of the text. */
export class Aliases {
  /** The last so named before. */
  readonly #anchors = new Map<string, Node>()
  readonly #targets = new Map<Alias, Node>()
  readonly #levels = new Map<unknown, number>()
  #isTooDeep = false

  /** Takes note of a node that may be named, before what is in it. */
  noteAnchor(node: Scalar | YAMLMap | YAMLSeq): void {
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
  }

  /** Finds the target of an alias that has `path` above it. One within what it names would have no end; too deep is told once. */
  resolve(alias: Alias, path: readonly unknown[]): AliasFault | undefined {
    const target = this.#anchors.get(alias.source)
    if (target === undefined) return { message: `No anchor is named "${alias.source}".`, hint: unknownAlias }
    if (path.includes(target)) return { message: `The alias "${alias.source}" stands within what it names.`, hint: 'Write the value out.' }
    this.#targets.set(alias, target)
    if (this.#isTooDeep || path.filter(isCollection).length + this.#levelsOf(target) <= maxLevels) return undefined
    this.#isTooDeep = true
    return tooDeep
  }

  targetOf(alias: Alias): Node | undefined {
    return this.#targets.get(alias)
  }

  /** Blocks within blocks of a node, aliases followed: those in it came before. */
  #levelsOf(node: unknown): number {
    if (isAlias(node)) return this.#levelsOf(this.#targets.get(node))
    if (isPair(node)) return this.#levelsOf(node.value)
    if (!isCollection(node)) return 0
    const known = this.#levels.get(node)
    if (known !== undefined) return known
    const levels = 1 + node.items.reduce<number>((most, item) => Math.max(most, this.#levelsOf(item)), 0)
    this.#levels.set(node, levels)
    return levels
  }
}
