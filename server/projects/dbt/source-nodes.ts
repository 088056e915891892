import type { DbtNode } from './graph.ts'
import type { BuilderOptions, PartContext } from './graph-builder.ts'
import { type Block, blockOf, blocksOf, freshnessOf, isOn, metaOf, ownerOf, tagsOf, wordOf } from './loose-values.ts'
import { projectConfigOf } from './node-config.ts'
import { columnsIn, primaryKeyIn, renderedDescription, settingsReader, testsIn } from './read-properties.ts'

/** A block under `sources:`, and where it stands. */
export interface SourceEntry {
  readonly entry: Block
  readonly context: PartContext
}

/** The sources of all packages, with what others say in the place of a package by `overrides`. */
export const withOverrides = (sources: readonly SourceEntry[]): SourceEntry[] => {
  const [others, plain] = [true, false].map((wanted) =>
    sources.filter(({ entry, context }) => ((wordOf(entry.overrides) ?? context.own.name) !== context.own.name) === wanted),
  ) as [SourceEntry[], SourceEntry[]]
  return plain.map(({ entry, context }) => {
    const over = others.find((one) => wordOf(one.entry.overrides) === context.own.name && one.entry.name === entry.name)?.entry
    if (over === undefined) return { entry, context }
    const tables = blocksOf(entry.tables).map((table) => ({ ...table, ...blocksOf(over.tables).find(({ name }) => name === table.name) }))
    return { entry: { ...entry, ...over, tables }, context }
  })
}

/** The tables of a block under `sources:`. */
export const sourceNodes = (
  { entry, context: { own, scope, folders, place } }: SourceEntry,
  { root, findings }: Pick<BuilderOptions, 'root' | 'findings'>,
): DbtNode[] => {
  const word = settingsReader('the source', { scope, place }, findings)
  const source = word(entry.name)
  if (source === undefined) return []
  const config = blockOf(entry.config)
  const enabled = (layers: readonly Block[]): boolean =>
    isOn(word(layers.map((layer) => layer.enabled).findLast((value) => value !== undefined)) ?? true)
  const ofProject = (table: string): Block[] => projectConfigOf('sources', { root, own, path: [...folders, source, table] })
  const schema = word(entry.schema) ?? source
  return blocksOf(entry.tables).flatMap((table): DbtNode[] => {
    const name = word(table.name)
    if (name === undefined) return []
    const ownConfig = blockOf(table.config)
    const general = ofProject(name)
    if (!enabled([...general, config, ownConfig])) return []
    const metas = [...general.map((layer) => layer.meta), entry.meta, config.meta, table.meta, ownConfig.meta]
    const meta = metaOf(...metas)
    return [
      {
        id: `source.${own.name}.${source}.${name}`,
        kind: 'source',
        package: own.name,
        name: `${source}.${name}`,
        isLatest: true,
        schemas: [schema],
        alias: word(table.identifier) ?? name,
        isTable: true,
        database: word(entry.database),
        isFile: (meta.external_location ?? ownConfig.external_location ?? config.external_location) !== undefined,
        description: renderedDescription(table.description, scope) ?? renderedDescription(entry.description, scope),
        columns: columnsIn([table], scope),
        tests: testsIn([table]),
        primaryKey: primaryKeyIn(table),
        tags: tagsOf(...general.map((layer) => layer.tags), entry.tags, config.tags, table.tags, ownConfig.tags),
        owner: ownerOf(...metas.toReversed().map((one) => blockOf(one).owner)),
        meta,
        dependsOn: [],
        // Null switches it off.
        freshness: freshnessOf(
          [table, ownConfig, entry, config, ...general.toReversed()].map((one) => one.freshness).find((one) => one !== undefined),
        ),
      },
    ]
  })
}
