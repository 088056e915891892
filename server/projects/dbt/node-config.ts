import { type Block, blockOf, isBlock, metaOf, tagsOf } from './loose-values.ts'
import type { DbtProjectFile } from './project-file.ts'

/** Settings that may stand without a plus in `dbt_project.yml`, where a folder could have the same name. */
const known = new Set(['schema', 'alias', 'database', 'materialized', 'enabled', 'tags', 'group', 'access', 'target_schema', 'meta'])

/** The settings of a node, the more particular ones over the general; tags and meta add up. */
export interface NodeConfig {
  readonly settings: Block
  readonly tags: readonly string[]
  readonly meta: Readonly<Record<string, string | number | boolean>>
}

/** Puts settings over each other, the later over the earlier. */
export const mergeConfig = (...layers: readonly Block[]): NodeConfig => ({
  settings: Object.assign({}, ...layers) as Block,
  tags: tagsOf(...layers.map(({ tags }) => tags)),
  meta: metaOf(...layers.map(({ meta }) => meta)),
})

const ownSettings = (block: Block): Block =>
  Object.fromEntries(
    Object.entries(block).flatMap(([key, value]): [string, unknown][] => {
      if (key.startsWith('+')) return [[key.slice(1), value]]
      return known.has(key) && (key === 'meta' || !isBlock(value)) ? [[key, value]] : []
    }),
  )

/**
 * What `dbt_project.yml` sets for a node: of its package first, of the root over it.
 * @param path the folders below the model path, and the name.
 */
export const projectConfigOf = (
  section: keyof DbtProjectFile['config'],
  { root, own, path }: { readonly root: DbtProjectFile; readonly own: DbtProjectFile; readonly path: readonly string[] },
): Block[] =>
  [...new Set([own, root])].flatMap(({ config }) => {
    const layers = [ownSettings(config[section])]
    let at: Block = config[section]
    for (const part of [own.name, ...path]) {
      if (!isBlock(at[part])) break
      at = blockOf(at[part])
      layers.push(ownSettings(at))
    }
    return layers
  })
