import type { Client } from 'pg'
import type { Log } from '../operations/log.ts'
import { Link } from '../state/link.ts'
import { connectPostgres, isSessionLost } from '../state/postgres/connect-postgres.ts'
import type { AuditSink } from './audit.ts'
import { BatchedWrites } from './batched-writes.ts'

export const defaultRetentionDays = 400
const dayMs = 86_400_000
/** How long after its start a process looks for records that are too old, and how often from then on, milliseconds. */
const firstTrimMs = 60_000
const trimMs = 3_600_000
/** Records that are removed at once: meanwhile none can be added. */
const trimAtOnce = 5_000

export interface AuditTableOptions {
  readonly url: string
  readonly project: string
  readonly retentionDays: number
  readonly log: Log
}

/** Records in Postgres, each with the hash of the one before. Those that come while some are written go together with the next. */
export class AuditTable implements AuditSink {
  readonly #link: Link<Client>
  readonly #project: string
  readonly #retentionDays: number
  readonly #timers: readonly NodeJS.Timeout[]
  /** Whether something was written since the start and the last failure. */
  #isProven = false
  readonly #writes = new BatchedWrites((records) => this.#write(records))

  constructor({ url, project, retentionDays, log }: AuditTableOptions) {
    this.#project = project
    this.#retentionDays = retentionDays
    this.#link = new Link<Client>({
      connect: (lost) => connectPostgres({ url, place: 'audit.url' }, lost),
      isLost: isSessionLost,
      subject: 'The audit',
      operatorHint: 'Check audit.url, and that the database it names runs and can be reached from here.',
      log,
    })
    const trim = (): void => {
      this.trim().catch((error: unknown) => log('error', 'Records of the audit that are too old could not be removed.', { error }))
    }
    this.#timers = [setTimeout(trim, firstTrimMs).unref(), setInterval(trim, trimMs).unref()]
  }

  /** Resolves once the record is in the database. Throws NOT_READY. */
  append(record: string): Promise<void> {
    return this.#writes.add(record)
  }

  /** Resolves when a record could be written: one that answers may take none, as a standby does. Throws NOT_READY. */
  async probe(): Promise<void> {
    if (this.#isProven) await this.#link.use((client) => client.query('SELECT'))
    else await this.#write([])
  }

  /** Removes what is older than it is to be kept. `now`: milliseconds since 1970. Gives how many records. Throws NOT_READY. */
  async trim(now = Date.now()): Promise<number> {
    const before = new Date(now - this.#retentionDays * dayMs).toISOString()
    let removed = 0
    for (;;) {
      const { rows } = await this.#link.use((client) =>
        client.query<{ removed: string }>('SELECT dataface.audit_trim($1, $2, $3) AS removed', [this.#project, before, trimAtOnce]),
      )
      const some = Number(rows[0]?.removed ?? 0)
      removed += some
      if (some < trimAtOnce) return removed
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    await this.#writes.settle()
    await this.#link.close()
  }

  async #write(records: readonly string[]): Promise<void> {
    this.#isProven = false
    await this.#link.use((client) => client.query('SELECT dataface.audit_append($1, $2)', [this.#project, records]))
    this.#isProven = true
  }
}
