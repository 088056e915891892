import { createHash, hash } from 'node:crypto'
import * as z from 'zod'

/** A record as its table has it. */
export interface ChainedRecord {
  readonly seq: number
  /** The text that was hashed. */
  readonly record: string
  readonly previous: Buffer
  readonly hash: Buffer
}

/** A place in the chain: the number of a record and its hash. */
export interface ChainPlace {
  readonly seq: number
  readonly hash: Buffer
}

export interface ChainFault {
  readonly kind: 'changed' | 'missing' | 'unlinked' | 'unknown'
  /** The first record that is meant. */
  readonly seq: number
  readonly message: string
}

export interface ChainReport {
  readonly records: number
  readonly first: number | undefined
  readonly head: ChainPlace
  /** In the order of the chain, at most `maxFaults`. */
  readonly faults: readonly ChainFault[]
}

export interface ChainOptions {
  readonly project: string
  /** In the order of their numbers. */
  readonly records: AsyncIterable<ChainedRecord>
  /** Where the chain ends, as the database says. */
  readonly head: ChainPlace
  /** Where it was once, as somebody noted. */
  readonly noted?: ChainPlace | undefined
}

const maxFaults = 100

/** What follows a project's first record. */
export const genesisOf = (project: string): Buffer => hash('sha256', `dataface audit ${project}`, 'buffer')

/** As `dataface.audit_append` makes it. */
export const hashOf = (project: string, { seq, record, previous }: Pick<ChainedRecord, 'seq' | 'record' | 'previous'>): Buffer =>
  createHash('sha256').update(previous).update(`${seq} ${project}\n${record}`).digest()

const checkpointSchema = z.object({ checkpoint: z.object({ through: z.number(), hash: z.string() }) })

/** Reads a whole chain, and says where it is not what was written. */
export const verifyChain = async ({ project, records, head, noted }: ChainOptions): Promise<ChainReport> => {
  const faults: ChainFault[] = []
  const add = (kind: ChainFault['kind'], seq: number, message: string): void => {
    if (faults.length < maxFaults) faults.push({ kind, seq, message })
  }
  let count = 0
  let first: ChainedRecord | undefined
  let last: ChainedRecord | undefined
  let isStartKnown = false
  let isNotedFound = false
  for await (const one of records) {
    count++
    first ??= one
    if (last === undefined) isStartKnown = one.seq === 1 && one.previous.equals(genesisOf(project))
    else if (one.seq !== last.seq + 1) add('missing', last.seq + 1, `${rangeText(last.seq + 1, one.seq - 1)} missing.`)
    else if (!one.previous.equals(last.hash))
      add('unlinked', one.seq, `Record ${one.seq} does not follow record ${last.seq}: one was put in, taken out or moved.`)
    if (!hashOf(project, one).equals(one.hash)) add('changed', one.seq, `Record ${one.seq} is not as it was written.`)
    if (isCheckpoint(one, first)) isStartKnown = true
    if (noted?.seq === one.seq) {
      isNotedFound = true
      if (!noted.hash.equals(one.hash))
        add('changed', one.seq, `Record ${one.seq} has another hash than was noted: the chain was written anew.`)
    }
    last = one
  }
  const start = first?.seq ?? head.seq + 1
  if (first !== undefined && !isStartKnown)
    faults.unshift(
      start === 1
        ? { kind: 'unlinked', seq: 1, message: 'Record 1 is not the first that was written.' }
        : { kind: 'missing', seq: 1, message: `${rangeText(1, start - 1)} missing, and no checkpoint says that they were removed.` },
    )
  const end = last?.seq ?? 0
  if (end < head.seq) add('missing', end + 1, `${rangeText(end + 1, head.seq)} missing at the end.`)
  if (end > head.seq) add('unknown', head.seq + 1, `${rangeText(head.seq + 1, end)} not of the server, which wrote ${head.seq}.`)
  if (last !== undefined && end === head.seq && !last.hash.equals(head.hash))
    add('changed', end, `Record ${end}, the last, has another hash than the server noted.`)
  if (noted !== undefined && !isNotedFound && noted.seq >= start)
    add('missing', noted.seq, `Record ${noted.seq}, whose hash was noted, is missing.`)
  return { records: count, first: first?.seq, head, faults }
}

/** Whether a record says that all before the first were removed for their age. */
const isCheckpoint = ({ record }: ChainedRecord, first: ChainedRecord): boolean => {
  if (!record.includes('"checkpoint"')) return false
  const { checkpoint } = checkpointSchema.safeParse(JSON.parse(record)).data ?? {}
  return checkpoint?.through === first.seq - 1 && checkpoint.hash === first.previous.toString('hex')
}

const rangeText = (from: number, to: number): string => (from === to ? `Record ${from} is` : `Records ${from} to ${to} are`)
