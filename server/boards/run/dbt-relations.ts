import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { Fault } from '../../envelope/fault.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import type { Project } from '../../projects/project.ts'
import { quoteName } from '../../sources/quote-name.ts'

/** The relation that `ref()` or `source()` names, as SQL; a fault when there is none. */
export type ResolveRelation = (kind: 'ref' | 'source', names: readonly string[]) => string | Fault

/** What dbt writes of a project, as far as it names relations. */
const manifestSchema = z.object({
  metadata: z.object({ project_name: z.string().nullish() }).optional(),
  nodes: z.record(
    z.string(),
    z.object({
      resource_type: z.string(),
      name: z.string(),
      package_name: z.string(),
      schema: z.string().nullish(),
      alias: z.string().nullish(),
      config: z.object({ materialized: z.string().nullish() }).nullish(),
    }),
  ),
  sources: z
    .record(z.string(), z.object({ source_name: z.string(), name: z.string(), schema: z.string(), identifier: z.string().nullish() }))
    .optional(),
})

/** Relative to the project's folder. */
const manifestPath = 'target/manifest.json'

/** A manifest of a thousand models has about 30 MB. */
const maxBytes = 256 * 1024 * 1024

/** Kinds of nodes that `ref()` can name. */
const referable = new Set(['model', 'seed', 'snapshot'])

const known = new WeakMap<Project, { readonly stamp: string; readonly resolve: Promise<ResolveRelation> }>()

/** The relations of the dbt project that lies in the project's folder; read again when its manifest changes. */
export const dbtRelationsOf = async (project: Project): Promise<ResolveRelation> => {
  const file = project.boards === undefined ? undefined : join(project.boards.dir, manifestPath)
  const found = file === undefined ? undefined : await stat(file).catch(() => undefined)
  if (file === undefined || found === undefined)
    return unusable(`there is no ${manifestPath} in the project's folder`, 'Run dbt parse there, or write the name of the table.')
  if (found.size > maxBytes) return unusable(`${manifestPath} is larger than 256 MB`, 'Write the name of the table.')
  const stamp = `${found.mtimeMs}:${found.size}:${found.ino}`
  const kept = known.get(project)
  if (kept?.stamp === stamp) return kept.resolve
  const resolve = readManifest(file)
  known.set(project, { stamp, resolve })
  return resolve
}

const unusable =
  (reason: string, hint: string): ResolveRelation =>
  (kind) =>
    new Fault('TABLE_NOT_FOUND', `${kind}() needs a dbt project: ${reason}.`, { hint })

const readManifest = async (file: string): Promise<ResolveRelation> => {
  try {
    return relationsOf(manifestSchema.parse(JSON.parse(await readFile(file, 'utf8'))))
  } catch {
    return unusable(`${manifestPath} is no manifest that can be read`, 'Run dbt parse again.')
  }
}

const relationsOf = ({ metadata, nodes, sources = {} }: z.output<typeof manifestSchema>): ResolveRelation => {
  const models = new Map<string, string | Fault>()
  const own = metadata?.project_name
  for (const { resource_type, name, package_name, schema, alias, config } of Object.values(nodes)) {
    if (!referable.has(resource_type)) continue
    const relation =
      config?.materialized === 'ephemeral' || typeof schema !== 'string'
        ? new Fault('TABLE_NOT_FOUND', `The model ${name} is ephemeral: no table holds it.`, {
            hint: 'Materialize it as a view or a table.',
          })
        : `${quoteName(schema)}.${quoteName(alias ?? name)}`
    models.set(`${package_name}.${name}`, relation)
    // Without a package the model of the project itself is meant.
    if (package_name === own || !models.has(name)) models.set(name, relation)
  }
  const tables = new Map(
    Object.values(sources).map(({ source_name, name, schema, identifier }) => [
      `${source_name}.${name}`,
      `${quoteName(schema)}.${quoteName(identifier ?? name)}`,
    ]),
  )
  return (kind, names) => {
    const [all, what] = kind === 'ref' ? [models, 'model'] : [tables, 'source']
    const name = names.join('.')
    const found = all.get(name)
    if (found !== undefined) return found
    const near = nearestName(name, all.keys())
    return new Fault('TABLE_NOT_FOUND', `The dbt project has no ${what} ${name}.`, {
      hint: near === undefined ? 'Correct the name, or run dbt parse when it is new.' : `Did you mean ${near}?`,
    })
  }
}
