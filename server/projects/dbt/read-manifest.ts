import { entryOf } from '../../envelope/entry-of.ts'
import { genericTest } from './generic-test.ts'
import type { DbtColumn, DbtExposure, DbtGraph, DbtMetric, DbtNode, DbtSemanticModel, DbtTest, NodeKind } from './graph.ts'
import { readJsonMembers } from './json-members.ts'
import {
  type Block,
  blockOf,
  blocksOf,
  descriptionOf,
  freshnessOf,
  isBlock,
  isOn,
  metaOf,
  ownerOf,
  shortOf,
  tagsOf,
  wordOf,
  wordsOf,
} from './loose-values.ts'
import { namedIn } from './references.ts'
import { metricOf, semanticModelOf } from './semantics.ts'

const tableKinds: Readonly<Record<string, NodeKind>> = { model: 'model', seed: 'seed', snapshot: 'snapshot' }

/** Parts of a manifest, those of all versions since 1; others, above all macros and compiled SQL, are skipped unread. */
const parts = new Set(['metadata', 'nodes', 'sources', 'exposures', 'metrics', 'semantic_models', 'groups'])

/** Reads `manifest.json`, whatever its version. Throws when it is no JSON object with nodes. */
export const readManifest = async (path: string): Promise<DbtGraph> => {
  const metadata: Record<string, unknown> = {}
  const nodes = new Map<string, DbtNode>()
  const tests: { test: DbtTest; node: string | undefined; named: string | undefined }[] = []
  const exposures: DbtExposure[] = []
  const metrics: DbtMetric[] = []
  const semanticModels: DbtSemanticModel[] = []
  const owners = new Map<string, string>()
  let hasNodes = false

  await readJsonMembers(path, {
    parts,
    onMember(part, name, value) {
      if (part === 'nodes') hasNodes = true
      if (part === 'metadata') metadata[name] = value
      if (!isBlock(value)) return
      const id = wordOf(value.unique_id) ?? name
      if (part === 'nodes') {
        const kind = entryOf(tableKinds, String(value.resource_type))
        if (kind !== undefined) {
          if (isOn(blockOf(value.config).enabled ?? true)) nodes.set(id, nodeOf(id, kind, value))
        } else if (value.resource_type === 'test') tests.push(testOf(value))
      } else if (part === 'sources') nodes.set(id, sourceOf(id, value))
      else if (part === 'exposures') exposures.push(exposureOf(value))
      else if (part === 'metrics') metrics.push(metricOf(value))
      else if (part === 'semantic_models') semanticModels.push(...semanticModelOf(value))
      else if (part === 'groups') {
        const owner = ownerOf(value.owner)
        if (owner !== undefined) owners.set(wordOf(value.name) ?? name, owner)
      }
    },
  })
  if (!hasNodes && metadata.dbt_schema_version === undefined) throw new SyntaxError('The file is no manifest.')
  const project = wordOf(metadata.project_name) ?? mostCommon([...nodes.values()].map((node) => node.package)) ?? 'dbt'
  // The last of a name counts: that of the project itself, and of its versions the latest.
  const rankOf = (node: DbtNode): number =>
    Number(node.kind !== 'source') * 4 + Number(node.package === project) * 2 + Number(node.isLatest)
  const byName = new Map([...nodes.values()].sort((a, b) => rankOf(a) - rankOf(b)).map((node) => [node.name, node.id]))
  const testsOf = Map.groupBy(tests, ({ node, named }) => (node !== undefined && nodes.has(node) ? node : byName.get(named ?? '')) ?? '')
  const finished = [...nodes.values()].map((node): DbtNode => {
    const own = (testsOf.get(node.id) ?? []).map(({ test }) => test)
    const owner = node.owner ?? (node.group === undefined ? undefined : owners.get(node.group))
    return {
      ...node,
      ...(owner !== undefined && { owner }),
      tests: own.map((test) =>
        test.to === undefined ? test : { ...test, to: { ...test.to, node: byName.get(test.to.node) ?? test.to.node } },
      ),
    }
  })
  return {
    project,
    from: 'manifest',
    generatedAt: wordOf(metadata.generated_at),
    nodes: new Map(finished.map((node) => [node.id, node])),
    exposures,
    metrics,
    semanticModels: semanticModels.map((model) => ({ ...model, model: byName.get(model.model) ?? model.model })),
  }
}

const mostCommon = (words: readonly string[]): string | undefined =>
  [...Map.groupBy(words, (word) => word)].sort(([, a], [, b]) => b.length - a.length)[0]?.[0]

const dependsOn = (value: Block): string[] => wordsOf(blockOf(value.depends_on).nodes)

/** Columns by their names. */
const columnEntries = (value: unknown): readonly (readonly [string, unknown])[] =>
  Array.isArray(value) ? blocksOf(value).map((column) => [wordOf(column.name) ?? '', column] as const) : Object.entries(blockOf(value))

const columnsOf = (value: unknown): DbtColumn[] =>
  columnEntries(value).map(([name, column]) => ({
    name: wordOf(blockOf(column).name) ?? name,
    description: descriptionOf(blockOf(column).description),
  }))

const keyOfConstraints = ({ constraints, columns, primary_key }: Block): string[] => {
  const whole = blocksOf(constraints).find(({ type }) => type === 'primary_key')
  if (whole !== undefined) return wordsOf(whole.columns)
  const single = columnEntries(columns).filter(([, column]) =>
    blocksOf(blockOf(column).constraints).some(({ type }) => type === 'primary_key'),
  )
  return single.length > 0 ? single.map(([name]) => name) : wordsOf(primary_key)
}

const nodeOf = (id: string, kind: NodeKind, value: Block): DbtNode => {
  const config = blockOf(value.config)
  const name = wordOf(value.name) ?? id
  const version = wordOf(value.version)
  const materialized = wordOf(config.materialized)
  const schema = wordOf(value.schema)
  return {
    id,
    kind,
    package: wordOf(value.package_name) ?? id.split('.')[1] ?? '',
    name,
    version,
    isLatest: version === undefined || version === wordOf(value.latest_version),
    schemas: schema === undefined ? [] : [schema],
    customSchema: wordOf(config.schema),
    alias: wordOf(value.alias) ?? name,
    isTable: materialized !== 'ephemeral' && schema !== undefined,
    database: wordOf(value.database),
    description: descriptionOf(value.description),
    columns: columnsOf(value.columns),
    tests: [],
    primaryKey: keyOfConstraints(value),
    tags: tagsOf(value.tags, config.tags),
    owner: ownerOf(blockOf(value.meta).owner, blockOf(config.meta).owner),
    group: wordOf(value.group) ?? wordOf(config.group),
    access: wordOf(value.access) ?? wordOf(config.access),
    meta: metaOf(value.meta, config.meta),
    dependsOn: dependsOn(value),
  }
}

const sourceOf = (id: string, value: Block): DbtNode => {
  const config = blockOf(value.config)
  const name = wordOf(value.name) ?? id
  const schema = wordOf(value.schema)
  const meta = metaOf(value.source_meta, value.meta, config.meta)
  return {
    id,
    kind: 'source',
    package: wordOf(value.package_name) ?? id.split('.')[1] ?? '',
    name: `${wordOf(value.source_name) ?? ''}.${name}`,
    isLatest: true,
    schemas: schema === undefined ? [] : [schema],
    alias: wordOf(value.identifier) ?? name,
    isTable: schema !== undefined,
    database: wordOf(value.database),
    isFile: (meta.external_location ?? config.external_location) !== undefined,
    description: descriptionOf(value.description) ?? descriptionOf(value.source_description),
    columns: columnsOf(value.columns),
    tests: [],
    primaryKey: [],
    tags: tagsOf(value.tags, config.tags),
    owner: ownerOf(blockOf(value.meta).owner, blockOf(value.source_meta).owner, blockOf(config.meta).owner),
    meta,
    dependsOn: [],
    freshness: freshnessOf(value.freshness ?? config.freshness),
  }
}

/** A test, and the node that it is of: by id where the manifest tells it, else by the name in its arguments. */
const testOf = (value: Block): { test: DbtTest; node: string | undefined; named: string | undefined } => {
  const { name, namespace, kwargs } = blockOf(value.test_metadata)
  const outer = blockOf(kwargs)
  const given: Block = { ...outer, ...blockOf(outer.arguments) }
  const kind = wordOf(name)
  const column = wordOf(value.column_name) ?? wordOf(given.column_name)
  const on = dependsOn(value)
  const named = namedIn(wordOf(given.model) ?? '') ?? wordOf(value.file_key_name)?.split('.').at(-1)
  const test = {
    ...genericTest(wordOf(namespace), kind ?? 'custom', given, column),
    ...((wordOf(blockOf(value.config).where) ?? wordOf(given.where)) !== undefined && { isPartial: true }),
  }
  return { test, node: wordOf(value.attached_node) ?? (on.length === 1 ? on[0] : undefined), named }
}

const exposureOf = (value: Block): DbtExposure => ({
  name: shortOf(value.name) ?? '',
  type: shortOf(value.type),
  label: shortOf(value.label),
  owner: ownerOf(value.owner),
  url: shortOf(value.url),
  dependsOn: dependsOn(value),
})
