import type { Query, RefQuery } from '../../../contracts/v1/board/queries.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import type { CompiledQuery, Locate } from '../compiled-board.ts'
import { checkRows } from './check-rows.ts'
import { type Block, type Compiling, textOf } from './compile-board.ts'
import { type Referred, readReferred } from './inherit.ts'
import { isBlock } from './merge-boards.ts'
import { idFor, type NamedSource, type Scope } from './scope.ts'

type Definition = CompiledQuery['definition']

/** Tells a query of a kind that is understood and cannot be run here, and what to write instead. */
const reportNotRun = (id: string, query: Block, path: readonly PropertyKey[], { report }: Compiling): void => {
  const tell = (kind: string, why: string, fix: string): void => {
    report('QUERY_UNSUPPORTED', path, `The query "${id}" is of type ${kind}. ${why}`, fix, { query: id })
  }
  if (query.type === 'http')
    tell('http', 'No address is fetched here.', 'Load the data into a source and write SQL, or write the rows as columns: and values:.')
  else if (query.type === 'schema')
    tell('schema', 'The structure of a source is no data.', 'Call describe_table or get_metadata; write as SQL what the board is to show.')
  else if (query.type === 'metricflow' || query.metrics !== undefined)
    tell('metricflow', 'Metrics of a semantic layer are not computed here.', `Write it as SQL: ${sqlOfMetrics(query)}`)
}

/** What SQL of metrics begins with, so that the charts find their columns. */
const sqlOfMetrics = ({ metrics, dimensions, time_grain: grain }: Block): string => {
  const named = (value: unknown): string[] => [value].flat().filter((one) => typeof one === 'string')
  const measures = named(metrics)
  const time = typeof grain === 'string' ? [`date_trunc('${grain}', ...) AS metric_time__${grain}`] : []
  const keys = [...time, ...named(dimensions).filter((name) => !name.startsWith('metric_time'))]
  const grouped = keys.length === 0 ? '' : ` GROUP BY ${keys.map((_, index) => index + 1).join(', ')}`
  return `SELECT ${[...keys, ...(measures.length === 0 ? ['...'] : measures.map((name) => `... AS ${name}`))].join(', ')} FROM ...${grouped}`
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
  const placed = { scope: names, source }
  for (const { name, ...query } of refused) addRefused({ ...query, ...placed, path: [...path, 'queries', name] }, compiling)
  for (const { name, ...query } of own) await addQuery({ ...query, ...placed, path: [...path, 'queries', name] }, compiling)
  return names
}

/** A query where it is written, and what is seen from there. */
interface WrittenQuery {
  readonly id: string
  readonly written: unknown
  readonly path: readonly PropertyKey[]
  readonly scope: ReadonlyMap<string, string>
  /** Of the boards around it. */
  readonly source: NamedSource | undefined
}

const keep = (
  { id, written, path, scope }: WrittenQuery,
  compiled: Pick<CompiledQuery, 'definition' | 'source' | 'sourceFault' | 'cache' | 'isRefused'>,
  compiling: Compiling,
): void => {
  const locate = isBlock(written) ? compiling.locatorOf(path) : locatorOfText(compiling, path)
  compiling.queries.set(id, { id, ...compiled, place: compiling.placeOf(path), locate, scope })
}

/**
 * A query that was refused has its name, so that only its fault is told, and not that it is missing as well. It is not run;
 * its SQL and its source are checked as if nothing else were wrong.
 */
const addRefused = (query: WrittenQuery, compiling: Compiling): void => {
  const block = isBlock(query.written) ? query.written : { sql: query.written }
  const isSql = typeof block.sql === 'string'
  reportNotRun(query.id, block, query.path, compiling)
  const compiled = {
    definition: isSql ? { sql: block.sql as string } : { rows: [] },
    ...(isSql || textOf(block.source) !== undefined ? chooseSource(query, block, compiling) : { source: undefined }),
    isRefused: true,
  } as const
  keep(query, compiled, compiling)
}

/** Adds one query: written in its place, or named in another file. */
const addQuery = async (query: WrittenQuery, compiling: Compiling): Promise<void> => {
  const { id, path } = query
  const definition = definitionOf(query.written)
  if (definition === undefined) return
  if ('ref' in definition) return addReferred(query, definition.ref, compiling)
  const kind = kindOf(definition)
  reportNotRun(id, definition, path, compiling)
  if ('values' in definition || 'rows' in definition) checkRows(id, definition, path, compiling)
  const cache = definition.cache ?? compiling.cache
  const source = kind === 'sql' ? chooseSource(query, definition, compiling) : { source: undefined }
  keep(query, { definition, ...source, ...(cache !== undefined && { cache }) }, compiling)
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
  { id, path, source: inherited }: WrittenQuery,
  definition: Definition | Block,
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
  const fix =
    fileFix(named.name) ??
    suggest(named.name, sources) ??
    (sources.length === 0 ? 'Add a source to dataface.yml.' : `Sources: ${sources.join(', ')}.`)
  // The source of a board is told once, and not of each query.
  const about = own === undefined ? {} : { query: id }
  return {
    source: undefined,
    sourceFault: report('UNKNOWN_SOURCE', named.path, `The project has no source "${named.name}".`, fix, about),
  }
}

/** What serves a source that is the path of a file: files are declared by the project, not by a board. */
const fileFix = (name: string): string | undefined => {
  const [, stem, type] = /([^/\\]+)\.(csv|json|parquet)$/i.exec(name) ?? []
  if (stem === undefined || type === undefined) return undefined
  const source = stem.replace(/\W+/g, '_')
  const file = name.replace(/^\.\//, '')
  return `Declare the file in dataface.yml, sources: {${source}: {type: ${type.toLowerCase()}, files: {${source}: ${file}}}}, and write source: ${source}.`
}

/** A query that is named in another board. */
const addReferred = async (query: WrittenQuery, ref: string, compiling: Compiling): Promise<void> => {
  const { id, path } = query
  const { name, ...from } = await readReferred(ref, 'queries', /[A-Za-z_]\w*/, compiling)
  const written = entryOf(from.entries, name)
  if (written === undefined || isReference(written)) {
    const message = written === undefined ? `There is no query "${ref}".` : `"${ref}" is itself a reference.`
    const fix = written === undefined ? compiling.suggest(name, Object.keys(from.entries)) : undefined
    compiling.report('EXTENDS_UNRESOLVED', path, message, fix, { query: id })
    addRefused({ id, written: undefined, path, scope: new Map(), source: undefined }, compiling)
    return
  }
  await addForeign(query, written, from, compiling, name)
}

/** A query of another board comes with the queries that it names. `name`: what it is called there, if it is. */
const addForeign = async (
  { id, path, source }: Pick<WrittenQuery, 'id' | 'path' | 'source'>,
  written: unknown,
  { file, board, entries: queries }: Foreign,
  compiling: Compiling,
  name?: string,
): Promise<void> => {
  const near = new Map(
    Object.keys(queries)
      .filter((one) => one !== name)
      .map((one) => [one, `${id}.${one}`]),
  )
  const outer = textOf(board?.value?.source)
  const placed = { path, scope: near, source: outer === undefined ? source : { name: outer, path } }
  await addQuery({ id, written, ...placed }, compiling)
  for (const [one, long] of near) if (!isReference(queries[one])) await addQuery({ id: long, written: queries[one], ...placed }, compiling)
  for (const one of [id, ...near.values()]) {
    const query = compiling.queries.get(one)
    if (query !== undefined) compiling.queries.set(one, { ...query, from: file })
  }
}

/** The queries of another board. */
export type Foreign = Pick<Referred, 'file' | 'board' | 'entries'>

const isReference = (written: unknown): boolean => isBlock(written) && 'ref' in written

/** Whether a text that stands where a query is named is SQL itself. */
export const looksLikeSql = (text: string): boolean =>
  /^\s*(--|\/\*|\(|select\b|with\b|from\b|values\b|table\b|summarize\b|describe\b|pivot\b|unpivot\b)/i.test(text) && /\s/.test(text.trim())

export const unknownQuery = (name: string): string => `There is no query ${name.slice(0, 100)}.`

/** The id of the query of a chart of another board, which names queries of its own board. */
const queryOfForeignChart = async (
  chart: string,
  written: Query,
  foreign: Foreign,
  about: Pick<WrittenQuery, 'path' | 'source'>,
  compiling: Compiling,
): Promise<string | undefined> => {
  const id = idFor(`${chart}.query`, [], compiling.queries)
  const placed = { id, scope: new Map<string, string>(), written, ...about }
  if (typeof written === 'string' && !looksLikeSql(written)) await addReferred(placed, `${foreign.file}.queries.${written}`, compiling)
  else await addForeign(placed, written, foreign, compiling)
  return compiling.queries.has(id) ? id : undefined
}

/** The id of the query of a chart: one of the scope, one that is written in the chart, or one of the board that it comes from. */
export const queryOfChart = async (
  chart: string,
  written: Query | undefined,
  path: readonly PropertyKey[],
  scope: Scope,
  compiling: Compiling,
  foreign?: Foreign,
): Promise<string | undefined> => {
  if (written === undefined) return undefined
  if (foreign !== undefined) return queryOfForeignChart(chart, written, foreign, { path, source: scope.source }, compiling)
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
  await addQuery({ id, written, path, scope: scope.queries, source: scope.source }, compiling)
  return compiling.queries.has(id) ? id : undefined
}
