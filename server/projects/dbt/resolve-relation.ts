import { Fault } from '../../envelope/fault.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import { quoteName } from '../../sources/quote-name.ts'
import type { SourceCatalog } from '../../sources/source.ts'
import type { Hidden } from '../../sources/table-policy.ts'
import type { ResolveRelation } from '../project.ts'
import type { DbtState } from './dbt-files.ts'
import type { DbtNode } from './graph.ts'
import { matchTables } from './match-tables.ts'
import { NodeNames } from './node-names.ts'

/** Resolves ref() and source() to quoted names. What a policy hides answers as what does not exist. */
export const resolveRelations = (
  { graph, findings }: Pick<DbtState, 'graph' | 'findings'>,
  catalog: SourceCatalog | undefined,
  hidden: Hidden,
): ResolveRelation => {
  if (graph.nodes.size === 0) return unusable(findings)
  const matched = matchTables(graph, catalog, hidden)
  const shown = [...graph.nodes.values()].filter((node) => !matched.isHidden(node))
  const names = new NodeNames(shown, graph.project)
  return (kind, written, version) => {
    const name = written.join('.')
    const [last = '', of] = written.toReversed()
    const ref = { name: last, ...(of !== undefined && { package: of }) }
    const node = kind === 'source' ? names.source(name) : names.ref({ ...ref, ...(version !== undefined && { version }) })
    if (node !== undefined) return relationOf(node, matched.tableOf(node))
    const what = kind === 'ref' ? 'model' : 'source'
    const versions = shown.filter((one) => one.kind !== 'source' && one.name === last).flatMap((one) => one.version ?? [])
    if (version !== undefined && names.ref(ref) !== undefined)
      return new Fault('TABLE_NOT_FOUND', `The model ${last} has no version ${version}.`, {
        hint: versions.length === 0 ? 'It has no versions: leave v= out.' : `Versions: ${versions.join(', ')}.`,
      })
    const known = shown.filter((one) => (one.kind === 'source') === (kind === 'source'))
    const near = nearestName(
      name,
      new Set(known.map((one) => (of === undefined || kind === 'source' ? one.name : `${one.package}.${one.name}`))),
    )
    return new Fault('TABLE_NOT_FOUND', `The dbt project has no ${what} ${name}.`, {
      hint: near === undefined ? 'Correct the name, or run dbt parse when it is new.' : `Did you mean ${near}?`,
    })
  }
}

/** Where nothing is known of a dbt project. */
const unusable = (findings: DbtState['findings']): ResolveRelation => {
  const isBroken = findings.some(({ code }) => code === 'DBT_MANIFEST_UNREADABLE')
  const [reason, hint] = isBroken
    ? ['target/manifest.json is no manifest that can be read', 'Run dbt parse again.']
    : ["there is no target/manifest.json in the project's folder", 'Run dbt parse there, or write the name of the table.']
  return (kind) => new Fault('TABLE_NOT_FOUND', `${kind}() needs a dbt project: ${reason}.`, { hint })
}

/** The table as the database spells it, or as dbt would make it. */
const relationOf = (
  { name, schemas, alias, isTable, attachedTo, isFile }: DbtNode,
  table: { readonly schema: string; readonly name: string } | undefined,
): string | Fault => {
  const [schema] = schemas
  if (!isTable || schema === undefined)
    return new Fault('TABLE_NOT_FOUND', `The model ${name} is ephemeral: no table holds it.`, {
      hint: 'Materialize it as a view or a table.',
    })
  if (attachedTo !== undefined)
    return new Fault('TABLE_NOT_FOUND', `${name} is in the database ${attachedTo}, which dbt attaches and the source does not.`, {
      hint: 'Name a model that reads it and is in the database itself.',
    })
  if (table === undefined && isFile === true)
    return new Fault('TABLE_NOT_FOUND', `${name} is a file that dbt reads: no table holds it.`, {
      hint: 'Name a model that reads it and is a table.',
    })
  return `${quoteName(table?.schema ?? schema)}.${quoteName(table?.name ?? alias)}`
}
