/**
 * A map that forgets what was not asked for lately, once it holds more than `max`. Values stand in two generations: what is
 * asked for moves to the young one, and when that is full the old one goes. Unlike a list in the order of use, asking for
 * the same value over and over costs no more than a look into a map.
 */
export class RecentMap<Value> {
  readonly #half: number
  readonly #isHeld: (value: Value, key: string) => boolean
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()

  /** `isHeld`: whether a value must stay, however long ago it was asked for. */
  constructor(max: number, isHeld: (value: Value, key: string) => boolean = () => false) {
    this.#half = max / 2
    this.#isHeld = isHeld
  }

  get(key: string): Value | undefined {
    const found = this.#young.get(key)
    if (found !== undefined) return found
    const old = this.#old.get(key)
    if (old !== undefined) {
      this.#old.delete(key)
      this.set(key, old)
    }
    return old
  }

  /** The value of a key, made when none is held. */
  getOrMake(key: string, make: () => Value): Value {
    let value = this.get(key)
    if (value === undefined) {
      value = make()
      this.set(key, value)
    }
    return value
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#half) this.#turn()
    this.#young.set(key, value)
  }

  *values(): Iterable<Value> {
    yield* this.#old.values()
    yield* this.#young.values()
  }

  #turn(): void {
    const held = [...this.#old].filter(([key, value]) => this.#isHeld(value, key))
    this.#old = this.#young
    this.#young = new Map(held)
  }
}
