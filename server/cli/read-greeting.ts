import type { z } from 'zod'
import type { Warning } from '../../contracts/v1/envelope.ts'
import type { listSources } from '../../contracts/v1/tools/list-sources.ts'
import type { listTables } from '../../contracts/v1/tools/list-tables.ts'
import type { Dispatch } from '../dispatch/call.ts'
import { encodeEnvelope } from '../envelope/envelope.ts'
import type { Project } from '../projects/project.ts'
import { quoteName } from '../sources/quote-name.ts'

type SourceState = z.output<typeof listSources.output>['sources'][number]

/** What a newcomer is shown when the server has started. */
export interface Greeting {
  readonly sources: readonly SourceState[]
  /** What is missing, such as tables whose files cannot be read. */
  readonly warnings: readonly Warning[]
  /** A call that works on this project; undefined when no source is ready. */
  readonly example: { readonly source: string; readonly sql: string } | undefined
}

/** How long sources may take to open before they are asked how they are, milliseconds: files are read first. */
const openingMs = 15_000

/** Asks the sources how they are, through dispatch, once they had time to open, and makes an example of the first that is ready. */
export const readGreeting = async (project: Project, dispatch: Dispatch, signal: AbortSignal): Promise<Greeting> => {
  const ask = async <Data>(
    tool: string,
    input: Readonly<Record<string, unknown>>,
  ): Promise<{ data: Data; warnings: readonly Warning[] } | undefined> => {
    const envelope = await dispatch({ tool, input, door: 'cli', caller: { id: 'cli' }, signal })
    return envelope.success ? (JSON.parse(encodeEnvelope(envelope)) as { data: Data; warnings: readonly Warning[] }) : undefined
  }
  const opening = AbortSignal.any([signal, AbortSignal.timeout(openingMs)])
  await Promise.allSettled([...project.sources.values()].map(({ catalog }) => catalog.read(opening)))
  const listed = await ask<z.output<typeof listSources.output>>('list_sources', {})
  const sources = listed?.data.sources ?? []
  const warnings = listed?.warnings ?? []
  const ready = sources.find((source) => source.state === 'ready' && (source.table_count ?? 0) > 0)
  if (ready === undefined) return { sources, warnings, example: undefined }
  const tables = await ask<z.output<typeof listTables.output>>('list_tables', { source: ready.name, limit: 1 })
  const table = tables?.data.tables[0]
  if (table === undefined) return { sources, warnings, example: undefined }
  return { sources, warnings, example: { source: ready.name, sql: await sampleQuery(project, ready.name, table, signal) } }
}

/** `SELECT * FROM table LIMIT 3`, with quotes and schema only where the grammar of the source needs them. */
const sampleQuery = async (
  project: Project,
  name: string,
  table: { name: string; schema: string },
  signal: AbortSignal,
): Promise<string> => {
  const source = project.sources.get(name)?.source
  const schema = table.schema === source?.defaultSchema ? '' : `${quoteName(table.schema)}.`
  const simple = `SELECT * FROM ${table.name} LIMIT 3`
  const facts = schema === '' ? await source?.analyze(simple, signal).catch(() => undefined) : undefined
  const understood = facts?.count === 1 && facts.relations.length === 1 && facts.relations[0]?.name === table.name
  return understood ? simple : `SELECT * FROM ${schema}${quoteName(table.name)} LIMIT 3`
}
