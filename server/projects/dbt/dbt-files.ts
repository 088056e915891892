import { stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import type { TemplateValue } from '../../boards/template/value.ts'
import { addCatalog } from './add-catalog.ts'
import type { DbtFinding, DbtGraph, DbtNode } from './graph.ts'
import { type DbtPackages, listPackages, type OnFileFault } from './list-packages.ts'
import { dbtProjectFile, varsFile } from './names.ts'
import { type DbtProjectFile, readProjectFile, varsFor } from './project-file.ts'
import { readFiles, type YamlMemory } from './read-files.ts'
import { readMacros } from './read-macros.ts'
import { readManifest } from './read-manifest.ts'
import { relationNamesOf } from './relation-names.ts'

/** A manifest of a thousand models has about 30 MB; it is read piece by piece. */
const maxManifestBytes = 1024 ** 3
/** Files are looked at for changes at most so often, milliseconds. */
const checkedMs = 1_000
/** Where looking takes longer, calls go on with what is known and it is done behind them. */
const patienceMs = 250

/** What is known of a dbt project now. */
export interface DbtState {
  readonly graph: DbtGraph
  readonly findings: readonly DbtFinding[]
  /** Files of the project are newer than the manifest. */
  readonly isStale: boolean
}

export interface DbtFilesOptions {
  /** The folder of the dbt project. */
  readonly dir: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly target: ReadonlyMap<string, TemplateValue>
  /** Names of databases that dbt attaches, in lower case: what is in them is not served. */
  readonly attached: readonly string[]
  /** Told of each finding once. */
  readonly onFinding: (finding: DbtFinding) => void
}

interface Seen {
  readonly mtimeMs: number
  readonly stamp: string
  readonly size: number
}

const lookAt = async (path: string): Promise<Seen | undefined> => {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() ? { mtimeMs: found.mtimeMs, size: found.size, stamp: `${found.mtimeMs}:${found.size}:${found.ino}` } : undefined
}

/** The files of a dbt project, read anew when they change. What cannot be read leaves what was read before. */
export class DbtFiles {
  readonly #options: DbtFilesOptions
  readonly #told = new Set<string>()
  /** YAML by path, as it was when it could last be read. */
  readonly #yaml: YamlMemory = new Map()
  /** As `dbt_project.yml` said it when it could last be read. */
  #root: DbtProjectFile | undefined
  #kept: { readonly state: DbtState; readonly stamp: string } | undefined
  #manifest: { readonly stamp: string; readonly graph: DbtGraph | undefined; readonly findings: readonly DbtFinding[] } | undefined
  #manifestPath = ''
  #manifestStamp: string | undefined
  #checkedAt = Number.NEGATIVE_INFINITY
  #tookMs = 0
  #running: Promise<DbtState> | undefined

  constructor(options: DbtFilesOptions) {
    this.#options = options
  }

  /** What is known now, at most about a second old. Never throws. */
  async read(): Promise<DbtState> {
    const { state } = this.#kept ?? {}
    // A manifest is one file, so it is looked at each time; all the others are many.
    const isFresh = performance.now() - this.#checkedAt < checkedMs
    if (state !== undefined && isFresh && (await lookAt(this.#manifestPath))?.stamp === this.#manifestStamp) return state
    this.#running ??= this.#check()
      .catch(() => this.#unreadable())
      .finally(() => {
        this.#running = undefined
      })
    return state !== undefined && this.#tookMs > patienceMs ? state : this.#running
  }

  /** What no file should come to: what was known holds, and the operator is told. */
  #unreadable(): DbtState {
    const finding: DbtFinding = {
      code: 'DBT_FILE_UNREADABLE',
      place: '.',
      message: 'The dbt project cannot be read.',
      hint: 'Run dbt parse; if that works, report this.',
    }
    this.#tell(finding)
    this.#checkedAt = performance.now()
    const { graph, isStale } = this.#kept?.state ?? { graph: noGraph, isStale: false }
    return { graph, isStale, findings: [finding] }
  }

  async #check(): Promise<DbtState> {
    const began = performance.now()
    const { dir, env } = this.#options
    const read = await readProjectFile(dir, env)
    const findings: DbtFinding[] = []
    const onFault: OnFileFault = (file, { line, message, hint }) =>
      findings.push({ code: 'DBT_FILE_UNREADABLE', place: `${relative(dir, file).replaceAll('\\', '/')}:${line}`, message, hint })
    const { fault } = 'fault' in read ? read : { fault: undefined }
    // Without the file from the start there is only what dbt has compiled.
    if (fault !== undefined && this.#root !== undefined)
      onFault(join(dir, dbtProjectFile), { ...fault, message: `${fault.message} What it said before holds.` })
    if ('project' in read) this.#root = read.project
    if ('varsFault' in read && read.varsFault !== undefined) onFault(join(dir, varsFile), read.varsFault)
    const root = this.#root ?? unnamedProject(dir)
    const packages = await listPackages(root, env, onFault)
    const [manifest, catalog] = await Promise.all(['manifest.json', 'catalog.json'].map((name) => lookAt(join(root.targetPath, name))))
    this.#manifestPath = join(root.targetPath, 'manifest.json')
    this.#manifestStamp = manifest?.stamp
    const settings = packages.flatMap(({ file }) => [dbtProjectFile, varsFile].map((name) => lookAt(join(file.dir, name))))
    const stamp = JSON.stringify([findings, stampOf(packages, manifest, catalog, ...(await Promise.all(settings)))])
    if (this.#kept?.stamp !== stamp) {
      const read = await this.#readState(root, packages, manifest, catalog)
      const state = { ...read, findings: [...findings, ...read.findings] }
      for (const finding of state.findings) this.#tell(finding)
      this.#kept = { state, stamp }
    }
    this.#checkedAt = performance.now()
    this.#tookMs = this.#checkedAt - began
    return this.#kept.state
  }

  async #readState(root: DbtProjectFile, packages: DbtPackages, manifest: Seen | undefined, catalog: Seen | undefined): Promise<DbtState> {
    const compiled = manifest === undefined ? undefined : await this.#readManifest(root, manifest)
    const findings = [...(compiled?.findings ?? [])]
    const foreign = compiled?.graph === undefined || !hasTables(packages) ? undefined : strangenessOf(compiled.graph, root)
    if (foreign !== undefined)
      findings.push({
        code: 'DBT_MANIFEST_UNREADABLE',
        place: relative(root.dir, join(root.targetPath, 'manifest.json')),
        message: `${foreign} The files of the project are read in its place.`,
        hint: 'Run dbt parse.',
      })
    let graph = foreign === undefined ? compiled?.graph : undefined
    let isStale = false
    if (graph === undefined) {
      const read = await readFiles({ root, env: this.#options.env, target: this.#options.target, packages, yaml: this.#yaml })
      graph = read.graph
      findings.push(...read.findings)
    } else if (manifest !== undefined) {
      graph = await this.#withOwnSchemas(graph, packages)
      const newer = newerFile(packages, manifest.mtimeMs)
      isStale = newer !== undefined
      if (newer !== undefined)
        findings.push({
          code: 'DBT_MANIFEST_STALE',
          place: relative(root.dir, join(root.targetPath, 'manifest.json')),
          message: `${newer} is newer than the manifest, which is read all the same.`,
          hint: 'Run dbt parse.',
        })
    }
    if (catalog !== undefined && catalog.size <= maxManifestBytes) {
      const added = await addCatalog(graph, join(root.targetPath, 'catalog.json')).catch(() => undefined)
      if (added === undefined)
        findings.push({
          code: 'DBT_FILE_UNREADABLE',
          place: relative(root.dir, join(root.targetPath, 'catalog.json')),
          message: 'The file is no catalog that can be read.',
          hint: 'Run dbt docs generate again.',
        })
      graph = added ?? graph
    }
    return { graph: this.#withoutAttached(graph), findings, isStale }
  }

  /** A table of the same name may be in the database itself, which is not meant. */
  #withoutAttached(graph: DbtGraph): DbtGraph {
    const { attached } = this.#options
    if (attached.length === 0) return graph
    const nodes = [...graph.nodes].map(([id, node]): [string, DbtNode] => {
      const isAttached = node.database !== undefined && attached.includes(node.database.toLowerCase())
      return [id, isAttached ? { ...node, attachedTo: node.database } : node]
    })
    return { ...graph, nodes: new Map(nodes) }
  }

  /** A manifest may be of another target, such as production: its tables may be in the schemas of this one too. */
  async #withOwnSchemas(graph: DbtGraph, packages: DbtPackages): Promise<DbtGraph> {
    const { env, target } = this.#options
    const [{ file: root }] = packages
    const names = relationNamesOf(await readMacros(packages))
    const scope = { env, target, vars: varsFor(root.name, root) }
    const widened = [...graph.nodes.values()].map((node) => {
      if (node.kind === 'source' || node.schemas.length === 0) return node
      const own = names.schemas({ ...node, scope }, node.customSchema)
      return { ...node, schemas: [...new Set([...node.schemas, ...own])] }
    })
    return { ...graph, nodes: new Map(widened.map((node) => [node.id, node])) }
  }

  /** The manifest; where it cannot be read, as while dbt writes it, what it was before. */
  async #readManifest(root: DbtProjectFile, { stamp, size }: Seen) {
    if (this.#manifest?.stamp === stamp) return this.#manifest
    const place = relative(root.dir, join(root.targetPath, 'manifest.json'))
    const before = this.#manifest?.graph
    const after = before === undefined ? 'The files of the project are read in its place.' : 'What it said before holds.'
    const failed = (code: DbtFinding['code'], message: string, hint: string) => ({
      stamp,
      graph: before,
      findings: [{ code, place, message: `${message} ${after}`, hint }],
    })
    if (size > maxManifestBytes) this.#manifest = failed('DBT_TOO_LARGE', 'The manifest is larger than 1 GB.', 'Split the project.')
    else
      this.#manifest = await readManifest(join(root.targetPath, 'manifest.json')).then(
        (graph) => ({ stamp, graph, findings: [] }),
        () => failed('DBT_MANIFEST_UNREADABLE', 'The file is no manifest that can be read.', 'Run dbt parse again.'),
      )
    return this.#manifest
  }

  #tell(finding: DbtFinding): void {
    const key = JSON.stringify([finding.code, finding.place, finding.message])
    if (this.#told.has(key) || this.#told.size > 1_000) return
    this.#told.add(key)
    this.#options.onFinding(finding)
  }
}

const noGraph: DbtGraph = { project: 'dbt', from: 'files', nodes: new Map(), exposures: [], semanticModels: [], metrics: [] }

/** A folder that has only what dbt has compiled. */
const unnamedProject = (dir: string): DbtProjectFile => ({
  dir,
  name: basename(dir),
  modelPaths: ['models'],
  seedPaths: ['seeds'],
  snapshotPaths: ['snapshots'],
  macroPaths: ['macros'],
  otherPaths: [],
  targetPath: join(dir, 'target'),
  packagesPath: join(dir, 'dbt_packages'),
  vars: {},
  dispatch: new Map(),
  config: { models: {}, seeds: {}, snapshots: {}, sources: {} },
})

const stampOf = (packages: DbtPackages, ...seen: readonly (Seen | undefined)[]): string =>
  JSON.stringify([
    seen.map((one) => one?.stamp),
    packages.map(({ files }) => files.map(({ path, mtimeMs, size }) => [path, mtimeMs, size])),
  ])

const hasTables = ([root]: DbtPackages): boolean =>
  root?.files.some(({ path, section }) => section !== 'others' && !/\.md$/i.test(path)) === true

/** Why a manifest is not that of a project; undefined when it is. */
const strangenessOf = ({ project, nodes }: DbtGraph, { name }: DbtProjectFile): string | undefined => {
  if (nodes.size === 0) return 'The manifest tells of no table.'
  const isOwn = project === name || [...nodes.values()].some((node) => node.package === name)
  return isOwn ? undefined : 'The manifest is of another project.'
}

/** The newest file of the project itself that dbt has not compiled yet. */
const newerFile = ([root]: DbtPackages, mtimeMs: number): string | undefined =>
  (root?.files ?? []).filter((file) => file.mtimeMs > mtimeMs && !/\.(csv|md)$/i.test(file.path)).sort((a, b) => b.mtimeMs - a.mtimeMs)[0]
    ?.place
