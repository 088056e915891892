/** How long it is believed that something works, or does not, milliseconds. */
const believedMs = 2_000

/** Whether something works, as it was last looked at. */
export class LastLook {
  readonly #probe: () => Promise<unknown>
  #lookAgainAt = Number.NEGATIVE_INFINITY
  #isUp = true

  /** `probe` rejects when it does not work. */
  constructor(probe: () => Promise<unknown>) {
    this.#probe = probe
  }

  /** True before the first look. */
  get isUp(): boolean {
    return this.#isUp
  }

  /** Looks, every few seconds at most. Never throws. */
  async look(): Promise<void> {
    if (performance.now() < this.#lookAgainAt) return
    this.#lookAgainAt = Number.POSITIVE_INFINITY
    this.#isUp = await this.#probe().then(
      () => true,
      () => false,
    )
    this.#lookAgainAt = performance.now() + believedMs
  }
}
