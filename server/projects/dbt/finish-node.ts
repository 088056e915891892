import type { DbtNode, NodeKind } from './graph.ts'
import type { BuilderOptions, Draft } from './graph-builder.ts'
import type { Section } from './list-packages.ts'
import { type Block, blockOf, isOn, ownerOf, wordOf } from './loose-values.ts'
import { mergeConfig, projectConfigOf } from './node-config.ts'
import {
  columnsIn,
  forCallers,
  primaryKeyIn,
  renderedDescription,
  renderedWord,
  settingsReader,
  tellTemplate,
  testsIn,
} from './read-properties.ts'

const kinds: Readonly<Record<Section, NodeKind>> = { models: 'model', seeds: 'seed', snapshots: 'snapshot' }

/** The node of a table whose properties and file are known; undefined when it is switched off. */
export const finishNode = (
  { section, name, version, isLatest, context, properties = {}, versioned = {}, text }: Draft,
  { root, names, findings }: BuilderOptions,
  groups: ReadonlyMap<string, string>,
): DbtNode | undefined => {
  const { own, scope, folders } = context
  const layers: Block[] = [
    ...projectConfigOf(section, { root, own, path: [...folders, name, ...(version === undefined ? [] : [`v${version}`])] }),
    { tags: properties.tags, meta: properties.meta },
    blockOf(properties.config),
    blockOf(versioned.config),
    text?.config ?? {},
  ]
  const { settings, tags, meta } = mergeConfig(...layers)
  const word = settingsReader(name, context, findings)
  if (text?.fault !== undefined) tellTemplate(findings, context.place, `A setting of ${name} cannot be rendered: ${text.fault}`)
  if (!isOn(word(settings.enabled) ?? true)) return undefined

  const kind = kinds[section]
  const named = { kind, package: own.name, name, version, folders, scope, config: { ...settings, tags, meta } }
  const ofSnapshot = (setting: unknown): string | undefined => (kind === 'snapshot' ? word(setting) : undefined)
  const exact = ofSnapshot(settings.target_schema)
  const shown = (value: unknown): string | undefined => renderedWord(value, forCallers(scope))
  const group = shown(settings.group) ?? wordOf(properties.group)
  const owner =
    ownerOf(...layers.toReversed().map((layer) => blockOf(layer.meta).owner)) ?? (group === undefined ? undefined : groups.get(group))
  const described = [properties, versioned]
  return {
    id: `${kind}.${own.name}.${name}${version === undefined ? '' : `.v${version}`}`,
    kind,
    package: own.name,
    name,
    version,
    isLatest,
    schemas: exact === undefined ? names.schemas(named, word(settings.schema)) : [exact],
    alias: names.alias(named, word(settings.alias)),
    database: ofSnapshot(settings.target_database) ?? names.database(named, word(settings.database)),
    isTable: word(settings.materialized) !== 'ephemeral',
    description: renderedDescription(versioned.description, scope) ?? renderedDescription(properties.description, scope),
    columns: columnsIn(described, scope),
    tests: testsIn(described),
    primaryKey: primaryKeyIn(properties),
    tags,
    ...(owner !== undefined && { owner }),
    group,
    access: shown(settings.access) ?? wordOf(properties.access),
    meta,
    dependsOn: [],
  }
}
