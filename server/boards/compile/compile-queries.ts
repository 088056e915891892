import { boardSchema } from '../../../contracts/v1/board/board.ts'
import type { Query, RefQuery } from '../../../contracts/v1/board/queries.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import { entryOf } from '../../yaml/schema-at.ts'
import type { CompiledQuery, Locate } from '../compiled-board.ts'
import type { Block, Compiling } from './compile-board.ts'
import { find } from './inherit.ts'
import { isBlock } from './merge-boards.ts'
import { readBoard } from './read-board.ts'
import { idFor, type Scope } from './scope.ts'

type Definition = CompiledQuery['definition']

/** Kinds of queries that are understood and cannot be run here. */
const notRun: Readonly<Record<string, string>> = {
  http: 'A server that only reads its own sources fetches no address. Load the data into a source.',
  metricflow: 'Metrics of a semantic layer are not run here. Write the query as SQL.',
  schema: 'Use describe_table or get_metadata for the structure of a source.',
}

/** Adds the queries of a group to those of the board, and gives the names that the group sees. */
export const compileQueries = async (
  group: Block,
  path: readonly PropertyKey[],
  outer: ReadonlyMap<string, string>,
  source: string | undefined,
  compiling: Compiling,
): Promise<ReadonlyMap<string, string>> => {
  const names = new Map(outer)
  const own = Object.entries(isBlock(group.queries) ? group.queries : {}).map(([name, written]) => ({
    name,
    written,
    id: idFor(name, path, compiling.queries),
  }))
  for (const { name, id } of own) names.set(name, id)
  for (const name of compiling.refusedIn([...path, 'queries'])) {
    const id = idFor(name, path, compiling.queries)
    names.set(name, id)
    addRefused(id, [...path, 'queries', name], compiling)
  }
  for (const { name, written, id } of own) await addQuery(id, written, [...path, 'queries', name], names, source, compiling)
  return names
}

/** A query that was refused has its name, so that only its fault is told, and not that it is missing as well. */
const addRefused = (id: string, path: readonly PropertyKey[], compiling: Compiling): void => {
  compiling.queries.set(id, {
    id,
    definition: { rows: [] },
    source: undefined,
    place: compiling.placeOf(path),
    locate: compiling.locatorOf(path),
    scope: new Map(),
    isRefused: true,
  })
}

/** Adds one query: written in its place, or named in another file. */
const addQuery = async (
  id: string,
  written: unknown,
  path: readonly PropertyKey[],
  scope: ReadonlyMap<string, string>,
  source: string | undefined,
  compiling: Compiling,
): Promise<void> => {
  const definition = definitionOf(written)
  if (definition === undefined) return
  if ('ref' in definition) return addReferred(id, definition.ref, path, source, compiling)
  const kind = kindOf(definition)
  const reason = notRun[kind]
  if (reason !== undefined)
    compiling.report('QUERY_UNSUPPORTED', path, `The query "${id}" is of type ${kind}. ${reason}`, undefined, { query: id })
  compiling.queries.set(id, {
    id,
    definition,
    source: kind === 'sql' ? chooseSource(id, definition, path, source, compiling) : undefined,
    ...((definition.cache ?? compiling.cache) !== undefined && { cache: definition.cache ?? compiling.cache }),
    place: compiling.placeOf(path),
    locate: typeof written === 'string' ? locatorOfText(compiling, path) : compiling.locatorOf(path),
    scope,
  })
}

/** SQL that stands where the query is named. */
const locatorOfText = ({ locatorOf }: Compiling, path: readonly PropertyKey[]): Locate => {
  const locate = locatorOf(path.slice(0, -1))
  return (_key, inside) => locate(String(path.at(-1)), inside)
}

export const kindOf = (definition: Definition): 'sql' | 'values' | 'http' | 'metricflow' | 'schema' => {
  if ('sql' in definition) return 'sql'
  if ('metrics' in definition) return 'metricflow'
  return definition.type === 'http' || definition.type === 'schema' ? definition.type : 'values'
}

const definitionOf = (written: unknown): Definition | RefQuery | undefined => {
  if (typeof written === 'string') return { sql: written }
  return isBlock(written) ? (written as Definition | RefQuery) : undefined
}

const chooseSource = (
  id: string,
  definition: Definition,
  path: readonly PropertyKey[],
  inherited: string | undefined,
  { sources, report }: Compiling,
): string | undefined => {
  const named = ('source' in definition ? definition.source : undefined) ?? inherited
  if (named === undefined) {
    if (sources.length === 1) return sources[0]
    report('NO_SOURCE', path, `The query "${id}" names no source.`, sources.length === 0 ? 'Add a source to dataface.yml.' : undefined, {
      query: id,
    })
    return undefined
  }
  if (sources.includes(named)) return named
  const near = nearestName(named, sources)
  report(
    'UNKNOWN_SOURCE',
    isBlock(definition) && 'source' in definition ? [...path, 'source'] : ['source'],
    `The project has no source "${named}".`,
    near === undefined ? undefined : `Did you mean "${near}"?`,
    { query: id },
  )
  return undefined
}

/** A query of another board comes with the queries that it names. */
const addReferred = async (
  id: string,
  ref: string,
  path: readonly PropertyKey[],
  source: string | undefined,
  compiling: Compiling,
): Promise<void> => {
  const [, file = '', name = ''] = /^(.+)\.queries\.([A-Za-z_]\w*)$/.exec(ref) ?? []
  const found = await find(file, compiling.path, compiling.read)
  const board = found === undefined ? undefined : readBoard(found.text, found.path, boardSchema)
  const queries = board?.value?.queries
  const written = isBlock(queries) ? entryOf(queries, name) : undefined
  if (written === undefined || isReference(written)) {
    const message = written === undefined ? `There is no query "${ref}".` : `"${ref}" is itself a reference.`
    compiling.report('EXTENDS_UNRESOLVED', path, message, undefined, { query: id })
    addRefused(id, path, compiling)
    return
  }
  const near = new Map(
    Object.keys(queries as Block)
      .filter((one) => one !== name)
      .map((one) => [one, `${id}.${one}`]),
  )
  const own = typeof board?.value?.source === 'string' ? board.value.source : source
  await addQuery(id, written, path, near, own, compiling)
  for (const [one, long] of near)
    if (!isReference((queries as Block)[one])) await addQuery(long, (queries as Block)[one], path, near, own, compiling)
}

const isReference = (written: unknown): boolean => isBlock(written) && 'ref' in written

/** Whether a text that stands where a query is named is SQL itself. */
export const looksLikeSql = (text: string): boolean =>
  /^\s*(--|\/\*|\(|select\b|with\b|from\b|values\b|table\b|summarize\b|describe\b|pivot\b|unpivot\b)/i.test(text) && /\s/.test(text.trim())

export const unknownQuery = (name: string): string => `There is no query ${name.slice(0, 100)}.`

/** The id of the query of a chart: one of the scope, or one that is written in the chart. */
export const queryOfChart = async (
  chart: string,
  written: Query | undefined,
  path: readonly PropertyKey[],
  scope: Scope,
  compiling: Compiling,
): Promise<string | undefined> => {
  if (written === undefined) return undefined
  if (typeof written === 'string' && !looksLikeSql(written)) {
    const id = scope.queries.get(written)
    if (id !== undefined) return id
    const near = nearestName(written, scope.queries.keys())
    compiling.report(
      'UNKNOWN_QUERY',
      path,
      `The chart "${chart}" names the query "${written}", which is not there.`,
      near === undefined ? undefined : `Did you mean "${near}"?`,
      { chart },
    )
    return undefined
  }
  const id = idFor(`${chart}.query`, [], compiling.queries)
  await addQuery(id, written, path, scope.queries, scope.source, compiling)
  return compiling.queries.has(id) ? id : undefined
}
