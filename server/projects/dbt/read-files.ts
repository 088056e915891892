import { readFile } from 'node:fs/promises'
import type { TemplateValue } from '../../boards/template/value.ts'
import type { DbtFinding, DbtGraph } from './graph.ts'
import { GraphBuilder } from './graph-builder.ts'
import type { DbtPackage, DbtPackages, PackageFile } from './list-packages.ts'
import { type Block, blockOf, blocksOf, isOn, wordOf } from './loose-values.ts'
import { readModelText, readPythonText, snapshotsIn, type TextContext } from './model-text.ts'
import { type DbtProjectFile, varsFor } from './project-file.ts'
import { readMacros } from './read-macros.ts'
import { docsIn, renderedWord, tellTemplate } from './read-properties.ts'
import { type LooseYaml, readYamlFile } from './read-yaml-file.ts'
import { relationNamesOf } from './relation-names.ts'
import type { TemplateScope } from './render-template.ts'

/** SQL and Markdown that are larger are not looked into, bytes. */
const maxTextBytes = 1024 * 1024
/** Files read at once. */
const atOnce = 16

export interface ReadFilesOptions {
  readonly root: DbtProjectFile
  readonly env: TemplateScope['env']
  /** What templates see of the target. */
  readonly target: ReadonlyMap<string, TemplateValue>
  readonly packages: DbtPackages
  /** YAML by path as it was read last, and when it could last be read. */
  readonly yaml: YamlMemory
}

/** YAML that was read before, by path. */
export type YamlMemory = Map<string, { stamp: string; last: LooseYaml; good: unknown }>

/** Reads what a dbt project says of its tables from its YAML and SQL, as dbt would compile it by default. Never throws. */
export const readFiles = async ({
  root,
  env,
  target,
  packages,
  yaml,
}: ReadFilesOptions): Promise<{ graph: DbtGraph; findings: readonly DbtFinding[] }> => {
  const findings: DbtFinding[] = []
  const macros = await readMacros(packages)
  const names = relationNamesOf(macros, ({ name, place }, fault) =>
    tellTemplate(findings, place, `The macro ${name} cannot be run: ${fault}`),
  )
  const builder = new GraphBuilder({ root, names, findings })
  const docs = new Map(await Promise.all(packages.map(async ({ file, files }) => [file.name, await readDocs(files)] as const)))
  for (const one of packages) {
    const { name } = one.file
    const scope: TemplateScope = {
      env: withoutSecrets(env),
      vars: varsFor(name, root, one.file),
      target,
      doc: docFinder(docs, name, root.name),
    }
    await readProperties(one, { scope, builder, findings, yaml })
    await readTables(one, { scope, macros, own: name }, builder)
  }
  return { graph: builder.finish(), findings }
}

/** As in dbt, variables of this prefix are for profiles alone. */
const withoutSecrets = (env: TemplateScope['env']): TemplateScope['env'] =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^DBT_ENV_SECRET/.test(name)))

const readText = (file: PackageFile): Promise<string> =>
  file.size > maxTextBytes ? Promise.resolve('') : readFile(file.path, 'utf8').catch(() => '')

/** Runs work on every item, a few at a time, in order of the results. */
const mapFew = async <Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> => {
  const results: Result[] = []
  for (let from = 0; from < items.length; from += atOnce) results.push(...(await Promise.all(items.slice(from, from + atOnce).map(work))))
  return results
}

/** The texts of `doc()` in a package: those of the package that is named, else its own, those of the project, and all others. */
const docFinder =
  (docs: ReadonlyMap<string, ReadonlyMap<string, string>>, own: string, root: string) =>
  (name: string, of?: string): string | undefined => {
    const places = of === undefined ? [own, root, ...docs.keys()] : [of]
    return places.map((place) => docs.get(place)?.get(name)).find((text) => text !== undefined)
  }

const readDocs = async (files: readonly PackageFile[]): Promise<Map<string, string>> => {
  const texts = await mapFew(
    files.filter(({ path }) => /\.md$/i.test(path)),
    readText,
  )
  return new Map(texts.flatMap((text) => (text.includes('enddocs') ? docsIn(text) : [])))
}

interface Reading {
  readonly scope: TemplateScope
  readonly builder: GraphBuilder
  readonly findings: DbtFinding[]
  readonly yaml: YamlMemory
}

const readProperties = async ({ file, files }: DbtPackage, { scope, builder, findings, yaml }: Reading): Promise<void> => {
  for (const one of files.filter(({ path }) => /\.ya?ml$/i.test(path))) {
    const value = await readProperty(one, yaml, findings)
    if (value === undefined) continue
    const properties: Block = blockOf(value)
    const context = { own: file, scope, folders: one.parts.slice(0, -1), place: one.place }
    for (const section of ['models', 'seeds', 'snapshots'] as const)
      for (const entry of blocksOf(properties[section])) builder.addProperties(section, entry, context)
    for (const entry of blocksOf(properties.sources)) builder.addSource(entry, context)
    const uses = (key: string): Block[] =>
      blocksOf(properties[key]).filter((entry) => isOn(renderedWord(blockOf(entry.config).enabled ?? entry.enabled, scope) ?? true))
    for (const entry of uses('exposures')) builder.addExposure(entry, context)
    for (const entry of uses('metrics')) builder.addMetric(entry, context)
    for (const entry of uses('semantic_models')) builder.addSemanticModel(entry, context)
    for (const entry of blocksOf(properties.groups)) builder.addGroup(wordOf(entry.name) ?? '', entry.owner)
  }
}

/** What a file of YAML says; one that cannot be read says what it said before. */
const readProperty = async ({ path, place, mtimeMs, size }: PackageFile, yaml: YamlMemory, findings: DbtFinding[]): Promise<unknown> => {
  const stamp = `${mtimeMs}:${size}`
  const known = yaml.get(path)
  const last = known?.stamp === stamp ? known.last : await readYamlFile(path)
  const good = last.fault === undefined ? last.value : known?.good
  yaml.set(path, { stamp, last, good })
  if (last.fault !== undefined)
    findings.push({
      code: 'DBT_FILE_UNREADABLE',
      place: `${place}:${last.fault.line}`,
      message: `${last.fault.message}${good === undefined ? '' : ' What it said before holds.'}`,
      hint: last.fault.hint,
    })
  else if (last.unquoted !== undefined)
    findings.push({
      code: 'DBT_TEMPLATE',
      place: `${place}:${last.unquoted.line}`,
      message: last.unquoted.message,
      hint: last.unquoted.hint,
    })
  return good
}

/** The files that are tables themselves: models in SQL and Python, seeds, and snapshots, of which a file may hold several. */
const readTables = async ({ file, files }: DbtPackage, within: TextContext, builder: GraphBuilder): Promise<void> => {
  const tables = files.filter(({ path, section }) => tableFiles[section]?.test(path) === true)
  const texts = await mapFew(tables, async (one) => (one.section === 'seeds' ? '' : readText(one)))
  for (const [index, one] of tables.entries()) {
    const { section } = one
    if (section === 'others') continue
    const name = (one.parts.at(-1) as string).replace(/\.\w+$/, '')
    const text = texts[index] as string
    // The file of a snapshot counts as a folder.
    const folders = section === 'snapshots' ? [...one.parts.slice(0, -1), name] : one.parts.slice(0, -1)
    const context = { own: file, scope: within.scope, folders, place: one.place }
    const read = (body: string) => (/\.py$/i.test(one.path) ? readPythonText(body, within.scope) : readModelText(body, within))
    for (const [each, body] of section === 'snapshots' ? snapshotsIn(text) : [[name, text] as const])
      builder.addFile(section, each, read(body), context)
  }
}

/** Files that are tables, by the kind of the folder. */
const tableFiles: Readonly<Partial<Record<PackageFile['section'], RegExp>>> = {
  models: /\.(sql|py)$/i,
  seeds: /\.csv$/i,
  snapshots: /\.sql$/i,
}
