import { Fault } from '../envelope/fault.ts'
import type { Basis, RelationName, RelationStamp, SourceCatalog, SourceObjects } from './source.ts'

/** A relation that is read, and how the statement names it, if it does. */
export interface ReadRelation {
  readonly relation: RelationName
  readonly name?: RelationName
}

/**
 * What reading relations rests upon: they themselves and all that reading them reads, where something is hidden, and
 * the functions of the database. These always: one that came since, or was replaced, can be what a column, an operator or
 * a view calls. Undefined when the source has stamps of neither.
 */
export const basisOf = ({ stamp, objects }: SourceCatalog, read: readonly ReadRelation[]): Basis | undefined => {
  if (stamp !== undefined) return { stamp, relations: [] }
  if (objects.stamps === undefined && objects.functionsStamp === undefined) return undefined
  const { stamps, behind } = indexOf(objects)
  const relations: Basis['relations'][number][] = []
  const seen = new Set<string>()
  const add = ({ relation, name }: ReadRelation): void => {
    const key = keyOf(relation)
    const found = stamps.get(key)
    if (found === undefined || (seen.has(key) && name === undefined)) return
    seen.add(key)
    relations.push({ stamp: found, ...(name !== undefined && { name }) })
    for (const from of behind.get(key) ?? []) if (!seen.has(keyOf(from))) add({ relation: from })
  }
  read.forEach(add)
  if (objects.functionsStamp !== undefined) relations.push({ stamp: objects.functionsStamp })
  return { relations }
}

interface Index {
  readonly stamps: ReadonlyMap<string, RelationStamp>
  /** What reading a relation reads. */
  readonly behind: ReadonlyMap<string, readonly RelationName[]>
}

const indexes = new WeakMap<SourceObjects, Index>()

const indexOf = (objects: SourceObjects): Index => {
  const known = indexes.get(objects)
  if (known !== undefined) return known
  const behind = new Map<string, RelationName[]>()
  for (const { relation, from } of objects.reads) {
    const list = behind.get(keyOf(relation))
    if (list === undefined) behind.set(keyOf(relation), [from])
    else list.push(from)
  }
  const index = { stamps: new Map((objects.stamps ?? []).map((one) => [keyOf(one), one])), behind }
  indexes.set(objects, index)
  return index
}

/** Whether the database has such a relation, listed or not; false where that is not known. */
export const isThere = ({ objects }: SourceCatalog, relation: RelationName): boolean => indexOf(objects).stamps.has(keyOf(relation))

const keyOf = ({ schema = '', name }: RelationName): string => JSON.stringify([schema, name])

/** The source is another than what the statement was judged upon. */
export const staleSource = (cause?: unknown): Fault =>
  new Fault('SOURCE_UNAVAILABLE', 'Tables or functions of this source were changed in the meantime.', {
    cause,
    retryable: true,
    retryAfterMs: 1_000,
    isStale: true,
  })
