import type { DbtFinding, DbtNode } from './graph.ts'
import type { PartContext } from './graph-builder.ts'
import { type Block, blockOf, blocksOf, freshnessOf, isOn, metaOf, ownerOf, tagsOf } from './loose-values.ts'
import { projectConfigOf } from './node-config.ts'
import { columnsIn, primaryKeyIn, renderedDescription, settingsReader, testsIn } from './read-properties.ts'

/** The tables of a block under `sources:`. */
export const sourceNodes = (entry: Block, { own, scope, folders, place }: PartContext, findings: DbtFinding[]): DbtNode[] => {
  const word = settingsReader('the source', { scope, place }, findings)
  const source = word(entry.name)
  if (source === undefined) return []
  const config = blockOf(entry.config)
  const enabled = (layers: readonly Block[]): boolean =>
    isOn(word(layers.map((layer) => layer.enabled).findLast((value) => value !== undefined)) ?? true)
  const ofProject = (table: string): Block[] => projectConfigOf('sources', { root: own, own, path: [...folders, source, table] })
  const schema = word(entry.schema) ?? source
  return blocksOf(entry.tables).flatMap((table): DbtNode[] => {
    const name = word(table.name)
    if (name === undefined) return []
    const ownConfig = blockOf(table.config)
    if (!enabled([...ofProject(name), config, ownConfig])) return []
    const metas = [entry.meta, config.meta, table.meta, ownConfig.meta]
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
        tags: tagsOf(entry.tags, config.tags, table.tags, ownConfig.tags),
        owner: ownerOf(...metas.toReversed().map((one) => blockOf(one).owner)),
        meta,
        dependsOn: [],
        // Null switches it off.
        freshness: freshnessOf([table, ownConfig, entry, config].map((one) => one.freshness).find((one) => one !== undefined)),
      },
    ]
  })
}
