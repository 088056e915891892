import { type SourceConfig, sourceConfigSchema } from '../../contracts/v1/project.ts'
import { type SourceType, sourceTypes } from '../../contracts/v1/tools/list-sources.ts'
import { entryOf } from '../envelope/entry-of.ts'
import { nearestName } from '../envelope/nearest-name.ts'
import { isBlock, sourceAt, sourceNames } from './check-sources.ts'

/** Names that people give to a type of ours. */
export const foreignTypes: Readonly<Record<string, SourceType>> = {
  postgresql: 'postgres',
  pg: 'postgres',
  psql: 'postgres',
  redshift: 'postgres',
  duck: 'duckdb',
  ddb: 'duckdb',
  tsv: 'csv',
  jsonl: 'json',
  ndjson: 'json',
  pq: 'parquet',
}

const keysOf = new Map(
  sourceConfigSchema.options.map((option) => [option.shape.type.value as SourceConfig['type'], Object.keys(option.shape)]),
)

/** The type that a text most likely means. */
export const nearestType = (written: string): SourceType | undefined =>
  entryOf(foreignTypes, written.toLowerCase()) ?? (nearestName(written, sourceTypes) as SourceType | undefined)

/**
 * The settings with a likely type for every source that has none that is known, so that the rest of it is checked as
 * well, and the names of those sources. A source that is like nothing stays as it is.
 */
export const guessTypes = (value: unknown): { readonly guessed: unknown; readonly names: ReadonlySet<string> } => {
  const names = new Set<string>()
  const sources: Record<string, unknown> = {}
  for (const name of sourceNames(value)) {
    const source = sourceAt(value, name)
    const known = sourceTypes.find((type) => type === source.type)
    const type = known === undefined ? guessType(source) : undefined
    if (type === undefined) continue
    names.add(name)
    sources[name] = { ...source, type }
  }
  if (names.size === 0 || !isBlock(value)) return { guessed: value, names }
  return { guessed: { ...value, sources: { ...(value.sources as object), ...sources } }, names }
}

/** By what `type`, or a key like it, says; else the type that knows most of the keys. */
const guessType = (source: Readonly<Record<string, unknown>>): SourceType | undefined => {
  const keys = Object.keys(source)
  const written = source.type ?? keys.filter((key) => nearestName(key, ['type']) !== undefined).map((key) => source[key])[0]
  const said = typeof written === 'string' ? nearestType(written) : undefined
  if (said !== undefined) return said
  const fit = [...keysOf].map(([type, known]) => ({ type, fit: keys.filter((key) => nearestName(key, known) !== undefined).length }))
  const best = fit.reduce((a, b) => (b.fit > a.fit ? b : a))
  return best.fit === 0 ? undefined : best.type
}
