/** What waits, of many owners who take turns: of each the one that has waited longest comes next. */
export class Rotation<Item> {
  /** Owners in the order of their turns. */
  readonly #queues = new Map<string, Item[]>()

  get size(): number {
    let size = 0
    for (const queue of this.#queues.values()) size += queue.length
    return size
  }

  get isEmpty(): boolean {
    return this.#queues.size === 0
  }

  sizeOf(owner: string): number {
    return this.#queues.get(owner)?.length ?? 0
  }

  add(owner: string, item: Item): void {
    const queue = this.#queues.get(owner)
    if (queue === undefined) this.#queues.set(owner, [item])
    else queue.push(item)
  }

  /** Takes the next out; undefined when nothing waits. */
  next(): Item | undefined {
    const [entry] = this.#queues
    if (entry === undefined) return undefined
    const [owner, queue] = entry
    const item = queue.shift()
    // The others come first now.
    this.#queues.delete(owner)
    if (queue.length > 0) this.#queues.set(owner, queue)
    return item
  }

  /** Takes one out that is not to wait any more. */
  remove(owner: string, item: Item): void {
    const queue = this.#queues.get(owner) ?? []
    const at = queue.indexOf(item)
    if (at === -1) return
    queue.splice(at, 1)
    if (queue.length === 0) this.#queues.delete(owner)
  }

  /** All that waits, in no order that means anything. */
  items(): Item[] {
    return [...this.#queues.values()].flat()
  }
}
