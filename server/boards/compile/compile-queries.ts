import type { Query, RefQuery } from '../../../contracts/v1/board/queries.ts'
import { entryOf } from '../../yaml/schema-at.ts'
import type { CompiledQuery, Locate } from '../compiled-board.ts'
import { type Block, type Compiling, textOf } from './compile-board.ts'
import { readReferred } from './inherit.ts'
import { isBlock } from './merge-boards.ts'
import { idFor, type NamedSource, type Scope } from './scope.ts'

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
  source: NamedSource | undefined,
  compiling: Compiling,
): Promise<ReadonlyMap<string, string>> => {
  const names = new Map(outer)
  const own = Object.entries(isBlock(group.queries) ? group.queries : {}).map(([name, written]) => ({
    name,
    written,
    id: idFor(name, path, compiling.queries),
  }))
  for (const { name, id } of own) names.set(name, id)
  const refused = [...compiling.refusedIn([...path, 'queries'])].map(([name, written]) => {
    const id = idFor(name, path, compiling.queries)
    names.set(name, id)
    return { name, written, id }
  })
  for (const { name, written, id } of refused) addRefused(id, written, [...path, 'queries', name], names, source, compiling)
  for (const { name, written, id } of own) await addQuery(id, written, [...path, 'queries', name], names, source, compiling)
  return names
}

/**
 * A query that was refused has its name, so that only its fault is told, and not that it is missing as well. It is not run;
 * its SQL and its source are checked as if nothing else were wrong.
 */
const addRefused = (
  id: string,
  written: unknown,
  path: readonly PropertyKey[],
  scope: ReadonlyMap<string, string>,
  source: NamedSource | undefined,
  compiling: Compiling,
): void => {
  const block = isBlock(written) ? written : { sql: written }
  const isSql = typeof block.sql === 'string'
  compiling.queries.set(id, {
    id,
    definition: isSql ? { sql: block.sql as string } : { rows: [] },
    ...(isSql || textOf(block.source) !== undefined ? chooseSource(id, block, path, source, compiling) : { source: undefined }),
    place: compiling.placeOf(path),
    locate: isBlock(written) ? compiling.locatorOf(path) : locatorOfText(compiling, path),
    scope,
    isRefused: true,
  })
}

/** Adds one query: written in its place, or named in another file. */
const addQuery = async (
  id: string,
  written: unknown,
  path: readonly PropertyKey[],
  scope: ReadonlyMap<string, string>,
  source: NamedSource | undefined,
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
    ...(kind === 'sql' ? chooseSource(id, definition, path, source, compiling) : { source: undefined }),
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

/** The source of SQL: its own, else that of the nearest board around it, else the only one. */
const chooseSource = (
  id: string,
  definition: Definition | Block,
  path: readonly PropertyKey[],
  inherited: NamedSource | undefined,
  { sources, report, suggest }: Compiling,
): Pick<CompiledQuery, 'source' | 'sourceFault'> => {
  const own = 'source' in definition ? textOf(definition.source) : undefined
  const named = own === undefined ? inherited : { name: own, path: [...path, 'source'] }
  if (named === undefined) {
    if (sources.length === 1) return { source: sources[0] }
    const fix = sources.length === 0 ? 'Add a source to dataface.yml.' : undefined
    return { source: undefined, sourceFault: report('NO_SOURCE', path, `The query "${id}" names no source.`, fix, { query: id }) }
  }
  if (sources.includes(named.name)) return { source: named.name }
  const fix = suggest(named.name, sources) ?? (sources.length === 0 ? 'Add a source to dataface.yml.' : `Sources: ${sources.join(', ')}.`)
  // The source of a board is told once, and not of each query.
  const about = own === undefined ? {} : { query: id }
  return {
    source: undefined,
    sourceFault: report('UNKNOWN_SOURCE', named.path, `The project has no source "${named.name}".`, fix, about),
  }
}

/** A query of another board comes with the queries that it names. */
const addReferred = async (
  id: string,
  ref: string,
  path: readonly PropertyKey[],
  source: NamedSource | undefined,
  compiling: Compiling,
): Promise<void> => {
  const { name, board, entries: queries } = await readReferred(ref, 'queries', /[A-Za-z_]\w*/, compiling)
  const written = entryOf(queries, name)
  if (written === undefined || isReference(written)) {
    const message = written === undefined ? `There is no query "${ref}".` : `"${ref}" is itself a reference.`
    const fix = written === undefined ? compiling.suggest(name, Object.keys(queries)) : undefined
    compiling.report('EXTENDS_UNRESOLVED', path, message, fix, { query: id })
    addRefused(id, undefined, path, new Map(), undefined, compiling)
    return
  }
  const near = new Map(
    Object.keys(queries)
      .filter((one) => one !== name)
      .map((one) => [one, `${id}.${one}`]),
  )
  const outer = textOf(board?.value?.source)
  const own = outer === undefined ? source : { name: outer, path }
  await addQuery(id, written, path, near, own, compiling)
  for (const [one, long] of near) if (!isReference(queries[one])) await addQuery(long, queries[one], path, near, own, compiling)
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
    if (compiling.declared.has(written)) return undefined
    compiling.report(
      'UNKNOWN_QUERY',
      path,
      `The chart "${chart}" names the query "${written}", which is not there.`,
      compiling.suggest(written, scope.queries.keys()),
      { chart },
    )
    return undefined
  }
  const id = idFor(`${chart}.query`, [], compiling.queries)
  await addQuery(id, written, path, scope.queries, scope.source, compiling)
  return compiling.queries.has(id) ? id : undefined
}
