import type { z } from 'zod'
import type { ErrorCode } from '../../contracts/v1/errors.ts'
import { listSources } from '../../contracts/v1/tools/list-sources.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { errorItem, Fault } from '../envelope/fault.ts'
import type { DisabledSource, OpenSource } from '../projects/project.ts'
import { unreadWarnings } from '../search/unread-warnings.ts'
import type { ReadOnlyProof } from '../sources/source.ts'
import { patienceWith, withinTime } from '../sources/within-time.ts'

/** How long one source may take to answer before it is shown as unavailable, milliseconds. */
const patienceMs = 3_000

type Listed = z.output<typeof listSources.output>['sources'][number]

const guardProof: ReadOnlyProof = {
  layer: 'guard',
  holds: true,
  detail: 'Every statement is parsed with the grammar of its engine; exactly one SELECT-class statement passes.',
}

export const handler = defineHandler(listSources, async (_input, { project, signal }) => {
  const open = await Promise.all([...project.sources.values()].map((entry) => describeOpen(entry, signal)))
  const disabled = [...project.disabled.values()].map(describeDisabled)
  const sources = [...open, ...disabled].sort((a, b) => (a.name < b.name ? -1 : 1))
  const unread = [...project.sources.values()].flatMap(({ source, catalog }) =>
    catalog.known === undefined ? [] : unreadWarnings(source.name, catalog.known),
  )
  return { data: { sources }, warnings: unread }
})

const describeOpen = async ({ source, catalog }: OpenSource, signal: AbortSignal): Promise<Listed> => {
  const shown = {
    name: source.name,
    type: source.type,
    dialect: source.dialect,
    ...(source.description !== undefined && { description: source.description }),
  }
  let proof: readonly ReadOnlyProof[] = []
  try {
    const known = await withinTime(source.name, patienceWith(source, patienceMs), signal, async (bounded) => {
      proof = await source.proof(bounded)
      return catalog.read(bounded)
    })
    // What is kept tells nothing of a source that has failed since.
    if (source.failure !== undefined) throw source.failure
    return {
      ...shown,
      state: proof.every(({ holds }) => holds) ? 'ready' : 'unproven',
      schemas: [...known.schemas],
      table_count: known.tables.length,
      read_only: [guardProof, ...proof],
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Fault)) throw error
    return {
      ...shown,
      state: error.code === 'SOURCE_UNPROVEN' ? 'unproven' : 'unavailable',
      reason: reasonOf(error),
      schemas: [],
      read_only: [guardProof, ...proof],
    }
  }
}

const describeDisabled = ({ name, type, description, reason }: DisabledSource): Listed => ({
  name,
  type,
  dialect: type === 'postgres' ? 'postgres' : 'duckdb',
  ...(description !== undefined && { description }),
  state: 'disabled',
  reason: reasonOf(reason),
  schemas: [],
  read_only: [],
})

const reasonOf = (fault: Fault): { code: ErrorCode; message: string; hint?: string; retryable: boolean } => {
  const { code, message, hint, retryable } = errorItem(fault)
  return { code, message, retryable, ...(hint !== undefined && { hint }) }
}
