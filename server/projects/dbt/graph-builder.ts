import { finishNode } from './finish-node.ts'
import type { DbtExposure, DbtFinding, DbtGraph, DbtMetric, DbtNode, DbtSemanticModel } from './graph.ts'
import type { Section } from './list-packages.ts'
import { type Block, blocksOf, ownerOf, shortOf, wordOf, wordsOf } from './loose-values.ts'
import type { ModelText } from './model-text.ts'
import { NodeNames } from './node-names.ts'
import type { DbtProjectFile } from './project-file.ts'
import { forCallers, renderedWord } from './read-properties.ts'
import { metricsIn, type Ref, refIn, refsIn, sourcesIn } from './references.ts'
import type { RelationNames } from './relation-names.ts'
import type { TemplateScope } from './render-template.ts'
import { inlineSemantics, metricOf, semanticModelOf } from './semantics.ts'
import { type SourceEntry, sourceNodes, withOverrides } from './source-nodes.ts'
import { tellClashes } from './tell-clashes.ts'

/** Where a part of a project stands. */
export interface PartContext {
  readonly own: DbtProjectFile
  readonly scope: TemplateScope
  /** Folders below the model path. */
  readonly folders: readonly string[]
  /** The file, for findings. */
  readonly place: string
}

/** A table that is not finished: its properties and its file are found apart from each other. */
export interface Draft {
  readonly section: Section
  readonly name: string
  readonly version?: string | undefined
  readonly isLatest: boolean
  /** Of its file, once that is found; of its properties until then. */
  context: PartContext
  properties?: Block | undefined
  /** What a version says beside the model. */
  readonly versioned?: Block | undefined
  text?: ModelText | undefined
}

export interface BuilderOptions {
  readonly root: DbtProjectFile
  readonly names: RelationNames
  readonly findings: DbtFinding[]
}

/** Puts together what is read from the files of a project and its packages. */
export class GraphBuilder {
  readonly #options: BuilderOptions
  readonly #drafts = new Map<string, Draft>()
  readonly #sources: SourceEntry[] = []
  readonly #exposures: { readonly entry: Block; readonly context: PartContext }[] = []
  readonly #metrics: { readonly metric: DbtMetric; readonly model: Ref | undefined; readonly context: PartContext }[] = []
  readonly #semanticModels: { readonly model: DbtSemanticModel; readonly context: PartContext }[] = []
  readonly #groups = new Map<string, string>()

  constructor(options: BuilderOptions) {
    this.#options = options
  }

  /** What YAML says of a model, a seed or a snapshot. */
  addProperties(section: Section, entry: Block, context: PartContext): void {
    const name = renderedWord(entry.name, context.scope)
    if (name === undefined) return
    const versions = section === 'models' ? blocksOf(entry.versions) : []
    const latest = wordOf(entry.latest_version) ?? latestOf(versions.flatMap(({ v }) => wordOf(v) ?? []))
    const key = keyOf(section, context, name)
    if (versions.length === 0) this.#put(key, { section, name, isLatest: true, context, properties: entry })
    for (const versioned of versions) {
      const version = wordOf(versioned.v)
      if (version === undefined) continue
      const stem = wordOf(versioned.defined_in) ?? `${name}_v${version}`
      this.#put(keyOf(section, context, stem), {
        section,
        name,
        version,
        isLatest: version === latest,
        context,
        properties: entry,
        versioned,
      })
    }
    const { model, metrics } = inlineSemantics(name, entry)
    if (model !== undefined) this.#semanticModels.push({ model, context })
    for (const metric of metrics) this.#metrics.push({ metric, model: { name }, context })
  }

  #put(key: string, draft: Draft): void {
    const known = this.#drafts.get(key)
    if (known === undefined) this.#drafts.set(key, draft)
    else if (known.properties === undefined) known.properties = draft.properties
    else
      this.#options.findings.push({
        code: 'DBT_DUPLICATE_NAME',
        place: draft.context.place,
        message: `${draft.name} is described twice; ${known.context.place} holds.`,
        hint: 'Keep one of them.',
      })
  }

  /** A file that is a table. */
  addFile(section: Section, stem: string, text: ModelText, context: PartContext): void {
    const key = keyOf(section, context, stem)
    const known = this.#drafts.get(key) ?? this.#latestOf(section, stem, context)
    if (known === undefined) this.#drafts.set(key, { section, name: stem, isLatest: true, context, text })
    else if (known.text === undefined) {
      known.text = text
      known.context = context
    } else
      this.#options.findings.push({
        code: 'DBT_DUPLICATE_NAME',
        place: context.place,
        message: `There are two files named ${stem}; ${known.context.place} holds.`,
        hint: 'Rename one of them.',
      })
  }

  /** The latest version of a model may lie in a file that has the name of the model alone. */
  #latestOf(section: Section, stem: string, { own }: PartContext): Draft | undefined {
    return [...this.#drafts.values()].find(
      (one) => one.version !== undefined && one.isLatest && one.section === section && one.name === stem && one.context.own === own,
    )
  }

  addSource(entry: Block, context: PartContext): void {
    this.#sources.push({ entry, context })
  }

  addExposure(entry: Block, context: PartContext): void {
    this.#exposures.push({ entry, context })
  }

  addMetric(entry: Block, context: PartContext): void {
    this.#metrics.push({ metric: metricOf(entry), model: refIn(wordOf(entry.model) ?? ''), context })
  }

  addSemanticModel(entry: Block, context: PartContext): void {
    for (const model of semanticModelOf(entry)) this.#semanticModels.push({ model, context })
  }

  addGroup(name: string, owner: unknown): void {
    const found = ownerOf(owner)
    if (found !== undefined) this.#groups.set(name, found)
  }

  finish(): DbtGraph {
    const drafts = withoutStrangers([...this.#drafts.values()]).map((draft) => ({
      draft,
      node: finishNode(draft, this.#options, this.#groups),
    }))
    const made = drafts.flatMap(({ draft, node }) => (node === undefined ? [] : [{ draft, node }]))
    const placed = made.flatMap(({ draft, node }) => (draft.text === undefined ? [] : [{ node, place: draft.context.place }]))
    const described = withOverrides(this.#sources).flatMap((one) =>
      sourceNodes(one, this.#options).map((node) => ({ node, place: one.context.place })),
    )
    const sources = tellClashes(placed, described, this.#options.findings)
    const names = new NodeNames([...made.map(({ node }) => node), ...sources], this.#options.root.name)
    const idOf = (ref: Ref, { own }: PartContext): string | undefined => names.ref(ref, own.name)?.id
    const idsOf = (refs: readonly Ref[], sources: readonly string[], context: PartContext): string[] => [
      ...new Set([
        ...refs.flatMap((ref) => idOf(ref, context) ?? []),
        ...sources.flatMap((name) => names.source(name, context.own.name)?.id ?? []),
      ]),
    ]
    const withTargets = (node: DbtNode): DbtNode => ({
      ...node,
      tests: node.tests.map((test) =>
        test.to === undefined
          ? test
          : {
              ...test,
              to: {
                ...test.to,
                node: (names.ref({ name: test.to.node }, node.package) ?? names.source(test.to.node, node.package))?.id ?? '',
              },
            },
      ),
    })
    const nodes = made.map(({ draft: { text, context, properties = {} }, node }) => {
      // A snapshot may be YAML alone.
      const relation = wordOf(properties.relation) ?? ''
      const [refs, sources] = [text?.refs ?? refsIn(relation), text?.sources ?? sourcesIn(relation)]
      return { ...node, dependsOn: idsOf(refs, sources, context).filter((id) => id !== node.id) }
    })
    return {
      project: this.#options.root.name,
      from: 'files',
      nodes: new Map([...nodes, ...sources].map((node) => [node.id, withTargets(node)])),
      exposures: this.#exposures.map(({ entry, context }): DbtExposure => {
        const words = wordsOf(entry.depends_on).join('\n')
        const word = (value: unknown) => shortOf(renderedWord(value, forCallers(context.scope)))
        return {
          name: word(entry.name) ?? '',
          type: word(entry.type),
          label: word(entry.label),
          owner: ownerOf(entry.owner),
          url: word(entry.url),
          dependsOn: [
            ...idsOf(refsIn(words), sourcesIn(words), context),
            ...metricsIn(words).map((metric) => `metric.${context.own.name}.${metric}`),
          ],
        }
      }),
      metrics: this.#metrics.map(({ metric, model, context }) => {
        const id = model === undefined ? undefined : idOf(model, context)
        return id === undefined ? metric : { ...metric, dependsOn: [...metric.dependsOn, id] }
      }),
      semanticModels: this.#semanticModels.flatMap(({ model, context }) => {
        const id = idOf({ name: model.model }, context)
        return id === undefined ? [] : [{ ...model, model: id }]
      }),
    }
  }
}

const keyOf = (section: Section, { own }: PartContext, stem: string): string => JSON.stringify([own.name, section, stem])

/** Without what a package says of a model of another, which dbt leaves out: a file makes a model, and YAML describes those of its package. */
const withoutStrangers = (drafts: readonly Draft[]): readonly Draft[] => {
  const made = Map.groupBy(
    drafts.filter(({ text }) => text !== undefined),
    ({ section, name }) => `${section} ${name}`,
  )
  const isStranger = ({ section, name, text, context, properties }: Draft): boolean => {
    const others = text === undefined && properties?.relation === undefined ? (made.get(`${section} ${name}`) ?? []) : []
    return others.length > 0 && others.every((one) => one.context.own !== context.own)
  }
  return drafts.filter((draft) => !isStranger(draft))
}

/** The highest version, by number where all are numbers. */
const latestOf = (versions: readonly string[]): string | undefined =>
  [...versions].sort((a, b) => (Number.isNaN(Number(a) - Number(b)) ? (a < b ? -1 : 1) : Number(a) - Number(b))).at(-1)
