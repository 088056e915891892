import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { DbtProjectInfo } from '../../../contracts/v1/tables.ts'
import type { Log } from '../../operations/log.ts'
import type { SourceCatalog } from '../../sources/source.ts'
import type { DbtProject, ResolveRelation } from '../project.ts'
import type { DbtFiles, DbtState } from './dbt-files.ts'
import type { DbtSettings } from './settings.ts'

/** A file that was written may be locked for a moment yet, and the tables from before be served: so long it is looked at anew. */
const settlingMs = 3_000
const betweenMs = 200

/** Opens the dbt project of a source. Reads nothing yet, and never fails. */
export const openDbt = (
  { dir, env, target, attached = [], database, targetPath = join(dir, 'target') }: DbtSettings,
  log: Log,
): DbtProject => {
  let files: Promise<DbtFiles> | undefined
  let annotated: { readonly catalog: SourceCatalog; readonly state: DbtState; readonly result: SourceCatalog } | undefined
  let resolved: { readonly catalog: SourceCatalog | undefined; readonly state: DbtState; readonly resolve: ResolveRelation } | undefined
  const read = async (): Promise<DbtState> => {
    files ??= import('./dbt-files.ts').then(
      ({ DbtFiles: Files }) =>
        new Files({
          dir,
          env,
          target,
          attached,
          onFinding: ({ code, place, message, hint }) => log('warn', `${code}: ${message}`, { project: dir, place, hint }),
        }),
    )
    return (await files).read()
  }
  const traces = [join(targetPath, 'run_results.json'), ...(database === undefined ? [] : [database, `${database}.wal`])]
  const stampOfRun = (): string =>
    traces
      .map((path) => statSync(path, { throwIfNoEntry: false }))
      .map((found) => (found === undefined ? '' : `${found.mtimeMs}:${found.size}:${found.ino}`))
      .join()
  let ran = stampOfRun()
  /** When a change was noticed after which tables may still be on their way; undefined when all is known. */
  let noticedAt: number | undefined
  let askedAt = Number.NEGATIVE_INFINITY

  return {
    dir,
    hasRun() {
      const [stamp, now] = [stampOfRun(), performance.now()]
      if (stamp !== ran) noticedAt = now
      ran = stamp
      if (noticedAt === undefined || now - askedAt < betweenMs) return false
      if (now - noticedAt > settlingMs) noticedAt = undefined
      askedAt = now
      return true
    },
    async annotate(catalog, hidden) {
      const state = await read()
      if (annotated?.catalog === catalog && annotated.state === state) return annotated.result
      const { annotateCatalog } = await import('./annotate-catalog.ts')
      const { graph, isStale } = state
      const info: DbtProjectInfo = {
        project: graph.project,
        from: graph.from,
        ...(graph.generatedAt !== undefined && { generated_at: graph.generatedAt }),
        ...(isStale && { is_stale: true }),
      }
      const result = { ...annotateCatalog(catalog, graph, hidden, info), version: `${catalog.version}:${versionOf(state)}` }
      annotated = { catalog, state, result }
      return result
    },
    async relations(catalog, hidden) {
      const [{ resolveRelations }, state] = await Promise.all([import('./resolve-relation.ts'), read()])
      if (resolved?.catalog === catalog && resolved?.state === state) return resolved.resolve
      const resolve = resolveRelations(state, catalog, hidden)
      resolved = { catalog, state, resolve }
      return resolve
    },
    examine: read,
  }
}

const versions = new WeakMap<DbtState, number>()
let lastVersion = 0

/** A number for each state. */
const versionOf = (state: DbtState): number => {
  const known = versions.get(state) ?? ++lastVersion
  versions.set(state, known)
  return known
}
