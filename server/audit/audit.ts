import { resolve } from 'node:path'
import type { AuditConfig } from '../../contracts/v1/project.ts'
import { Fault } from '../envelope/fault.ts'
import { storableText } from '../envelope/storable-text.ts'
import { toThousandths } from '../envelope/to-thousandths.ts'
import { LastLook } from '../operations/last-look.ts'
import type { Log } from '../operations/log.ts'
import { AuditFile } from './audit-file.ts'
import { AuditTable, defaultRetentionDays } from './audit-table.ts'
import { redactSql } from './redact-sql.ts'
import { RepeatedRefusals } from './repeated-refusals.ts'

/** The file of a project whose settings name none, relative to its folder. */
export const defaultAuditFile = '.dataface/audit.jsonl'

/** What is known of a call once it has its answer. */
export interface CallRecord {
  readonly requestId: string
  /** The call that this one is a part of: a query of a board. */
  readonly parent?: string | undefined
  /** The trace that it is a part of. */
  readonly traceId?: string | undefined
  readonly caller: string
  readonly door: string
  readonly tool: string
  /** As `meta.contract` names it. */
  readonly contract: string
  readonly source?: string | undefined
  readonly sql?: string | undefined
  /** The codes of what was refused or went wrong; empty for a call that was answered. */
  readonly errors: readonly string[]
  /** Whether its answer begins only: what it came to is told by a record that follows. */
  readonly isBegun?: boolean
  /** Whether it was not let in: its caller may not call this, or not now. */
  readonly isRefused: boolean
  readonly rows: number
  readonly bytes: number
  readonly tokens: number
  readonly elapsedMs: number
}

/** A record of every call, written before its answer leaves. */
export interface Audit {
  /** Throws NOT_READY when the record cannot be written and the project wants none without. */
  record(call: CallRecord): Promise<void>
  /** Calls of which no record could be written. */
  readonly failures: number
  /** Rejects when a call would be refused since its record cannot be written. Absent where calls are answered without. */
  check?(): Promise<void>
  /** Whether a record could be written. */
  readonly writable: LastLook
  close(): Promise<void>
}

/** Where records are kept. */
export interface AuditSink {
  /** Resolves once the record, which is JSON, is kept. */
  append(record: string): Promise<void>
  /** Resolves when a record could be kept. */
  probe(): Promise<void>
  close(): Promise<void>
}

/** The audit of a project in a folder: lines of JSON that are only ever appended, or a table in Postgres. */
export const openAudit = (
  config: AuditConfig,
  { project, dir, log }: { readonly project: string; readonly dir: string; readonly log: Log },
): Audit => {
  const { file = defaultAuditFile, url, retention_days: retentionDays = defaultRetentionDays, required = true } = config
  const sink = url === undefined ? new AuditFile(resolve(dir, file)) : new AuditTable({ url, project, retentionDays, log })
  let failures = 0
  const write = async (call: CallRecord, repeated?: number): Promise<Fault | undefined> => {
    try {
      const record = recordOf(call, project, repeated)
      // One that the database cannot keep would fail those that are written with it.
      await sink.append(url === undefined ? JSON.stringify(record) : JSON.stringify(record, storable))
      return undefined
    } catch (error) {
      // Of one that begins the end follows, which is counted.
      if (call.isBegun !== true) failures++
      log('error', 'The record of a call could not be written.', { request_id: call.requestId, error })
      return new Fault('NOT_READY', 'The call was not answered, since no record of it could be written.', {
        cause: error,
        hint: 'Report it to the operator of the project.',
        operatorHint:
          url === undefined
            ? 'Check that the disk has room, and the permissions of the file that audit.file names.'
            : 'Check audit.url, and that the database it names runs and can be reached from here.',
        retryAfterMs: 5_000,
      })
    }
  }
  const refusals = new RepeatedRefusals(async (call, repeated) => void (await write(call, repeated)))
  return {
    get failures() {
      return failures
    },
    writable: new LastLook(() => sink.probe()),
    async record(call) {
      if (call.isRefused && refusals.counts(call)) return
      const fault = await write(call)
      if (fault !== undefined && required) throw fault
    },
    ...(required && { check: () => sink.probe() }),
    async close() {
      await refusals.close()
      await sink.close()
    },
  }
}

const storable = (_key: string, value: unknown): unknown => (typeof value === 'string' ? storableText(value) : value)

/** A record as it is kept, what is undefined left out; see docs/access.md. `repeated`: the number of refusals that it stands for. */
const recordOf = (call: CallRecord, project: string, repeated: number | undefined) => {
  const redacted = call.sql === undefined ? undefined : redactSql(call.sql)
  return {
    time: timeOf(Date.now()),
    request_id: call.requestId,
    parent: call.parent,
    trace_id: call.traceId,
    project,
    caller: call.caller,
    door: call.door,
    tool: call.tool,
    contract: call.contract,
    source: call.source,
    fingerprint: redacted?.fingerprint,
    sql: redacted?.sql,
    verdict: call.isBegun === true ? 'begun' : call.errors.length === 0 ? 'answered' : 'failed',
    errors: call.errors.length === 0 ? undefined : call.errors,
    repeated,
    rows: call.rows,
    bytes: call.bytes,
    tokens: call.tokens,
    elapsed_ms: toThousandths(call.elapsedMs),
  }
}

let lastSecond = { at: Number.NaN, text: '' }

/** ISO 8601; all but its milliseconds is made once a second. */
const timeOf = (at: number): string => {
  const second = Math.floor(at / 1000)
  if (second !== lastSecond.at) lastSecond = { at: second, text: new Date(at).toISOString().slice(0, -'000Z'.length) }
  return `${lastSecond.text}${String(at % 1000).padStart(3, '0')}Z`
}
