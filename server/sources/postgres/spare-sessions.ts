import type { Pool, PoolClient } from 'pg'

/** How long a session is kept at hand at most, milliseconds. */
const keptMs = 5_000

/**
 * Sessions of a pool between two queries. Taking one from the pool itself costs every query two timers and several
 * promises. From time to time all go back to the pool, which closes those that nobody needs.
 */
export class SpareSessions {
  readonly #spare: PoolClient[] = []
  #sweep: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(pool: Pool) {
    pool.on('connect', (client) => {
      const lost = () => this.#drop(client as PoolClient)
      client.on('error', lost).on('end', lost)
    })
  }

  get count(): number {
    return this.#spare.length
  }

  /** The session that was used last; undefined when there is none. */
  take(): PoolClient | undefined {
    return this.#spare.pop()
  }

  /** Keeps a session that is as new. */
  keep(client: PoolClient): void {
    if (this.#isClosed) {
      client.release()
      return
    }
    this.#spare.push(client)
    this.#sweep ??= setTimeout(() => this.#giveBack(), keptMs).unref()
  }

  /** Gives all of them back to the pool, and from now on each that is brought. */
  close(): void {
    this.#isClosed = true
    this.#giveBack()
  }

  #giveBack(): void {
    clearTimeout(this.#sweep)
    this.#sweep = undefined
    for (const client of this.#spare.splice(0)) client.release()
  }

  /** Gives back a session that broke while nobody used it. */
  #drop(client: PoolClient): void {
    const at = this.#spare.indexOf(client)
    if (at === -1) return
    this.#spare.splice(at, 1)
    client.release(true)
  }
}
