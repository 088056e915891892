import type { DbtProject, OpenSource } from '../projects/project.ts'
import type { Check } from './examine-project.ts'

/** Findings that are printed; a project that is broken throughout has one per file. */
const mostFindings = 30

/** Reads the dbt project of a source: what it says, where from, and how much of it the source has. */
export const examineDbt = async ({ source, catalog }: OpenSource, dbt: DbtProject, signal: AbortSignal): Promise<Check[]> => {
  const { graph, findings } = await dbt.examine()
  const subject = `dbt project ${graph.project}`
  const kinds = Map.groupBy(graph.nodes.values(), ({ kind }) => kind)
  const counts = [...kinds].map(([kind, nodes]) => `${nodes.length} ${nouns[kind]?.[nodes.length === 1 ? 0 : 1] ?? kind}`)
  const from =
    graph.from === 'files'
      ? 'its YAML and SQL, without a manifest'
      : `target/manifest.json${graph.generatedAt === undefined ? '' : ` of ${graph.generatedAt}`}`
  const known = await catalog.read(signal).catch(() => undefined)
  const described =
    known === undefined ? undefined : (await dbt.annotate(known, catalog.hidden)).tables.filter((table) => table.dbt !== undefined).length
  const found: Check = {
    state: 'ok',
    subject,
    message: `tells of ${counts.join(', ') || 'no tables'}, from ${from}${described === undefined ? '' : `; ${described} of the ${known?.tables.length} tables of ${source.name} are described by it`}`,
  }
  const left = findings.length - mostFindings
  return [
    found,
    ...findings
      .slice(0, mostFindings)
      .map(({ code, place, message, hint }): Check => ({ state: 'warning', subject: place, message: `${code}: ${message}`, hint })),
    ...(left > 0 ? [{ state: 'warning' as const, subject, message: `${left} more of its files have findings` }] : []),
  ]
}

const nouns: Readonly<Record<string, readonly [one: string, many: string]>> = {
  model: ['model', 'models'],
  seed: ['seed', 'seeds'],
  snapshot: ['snapshot', 'snapshots'],
  source: ['table of sources', 'tables of sources'],
}
