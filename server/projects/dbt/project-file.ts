import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { TemplateValue } from '../../boards/template/value.ts'
import { type Block, blockOf, blocksOf, isBlock, wordOf, wordsOf } from './loose-values.ts'
import { dbtProjectFile, dbtVariable, varsFile } from './names.ts'
import { readYamlFile } from './read-yaml-file.ts'
import { renderTemplate, type TemplateScope, templateValueOf } from './render-template.ts'

/** What `dbt_project.yml` says, with its defaults. */
export interface DbtProjectFile {
  /** The folder, absolute. */
  readonly dir: string
  readonly name: string
  readonly profile?: string | undefined
  /** Folders, relative to `dir`. */
  readonly modelPaths: readonly string[]
  readonly seedPaths: readonly string[]
  readonly snapshotPaths: readonly string[]
  readonly macroPaths: readonly string[]
  /** Folders that hold no tables, but YAML and texts that may describe some. */
  readonly otherPaths: readonly string[]
  readonly targetPath: string
  readonly packagesPath: string
  readonly vars: Block
  /** Packages in which macros of a namespace are looked for, in order. */
  readonly dispatch: ReadonlyMap<string, readonly string[]>
  /** Settings of nodes by kind: the trees under `models`, `seeds`, `snapshots` and `sources`. */
  readonly config: Readonly<Record<'models' | 'seeds' | 'snapshots' | 'sources', Block>>
}

interface Fault {
  readonly line: number
  readonly message: string
  readonly hint: string
}

export type ReadProjectFile =
  | {
      readonly project: DbtProjectFile
      /** Of `vars.yml`, without which the project is read all the same. */
      readonly varsFault?: Fault | undefined
    }
  | { readonly fault: Fault }

/** Reads `dbt_project.yml` of a folder. Never throws. */
export const readProjectFile = async (dir: string, env: TemplateScope['env']): Promise<ReadProjectFile> => {
  const { value, fault } = await readYamlFile(join(dir, dbtProjectFile))
  if (fault !== undefined) return { fault }
  if (!isBlock(value)) return { fault: { line: 1, message: 'The file is empty.', hint: 'It needs at least name and profile.' } }
  const ofVars = existsSync(join(dir, varsFile)) ? await readYamlFile(join(dir, varsFile)) : undefined
  const vars = { ...blockOf(blockOf(ofVars?.value).vars), ...blockOf(value.vars) }
  const scope = { env, vars: new Map(Object.entries(vars).map(([key, item]) => [key, templateValueOf(item)])) }
  const word = (given: unknown): string | undefined => {
    const text = wordOf(given)
    const rendered = text === undefined ? undefined : renderTemplate(text, scope)
    return rendered !== undefined && 'value' in rendered ? wordOf(rendered.value) : undefined
  }
  const paths = (fallback: readonly string[], ...keys: readonly string[]): readonly string[] => {
    const given = keys.map((key) => value[key]).find((one) => one !== undefined && one !== null)
    const words = wordsOf(given).flatMap((one) => word(one) ?? [])
    return words.length === 0 ? fallback : words
  }
  const macroPaths = paths(['macros'], 'macro-paths')
  const targetPath = word(dbtVariable(env, 'TARGET_PATH')) ?? word(value['target-path']) ?? 'target'
  return {
    varsFault: ofVars?.fault,
    project: {
      dir,
      name: word(value.name) ?? 'dbt',
      profile: word(value.profile),
      modelPaths: paths(['models'], 'model-paths', 'source-paths'),
      seedPaths: paths(['seeds'], 'seed-paths', 'data-paths'),
      snapshotPaths: paths(['snapshots'], 'snapshot-paths'),
      macroPaths,
      otherPaths: [
        ...macroPaths,
        ...paths(['analyses'], 'analysis-paths'),
        ...paths([], 'docs-paths'),
        ...paths(['functions'], 'function-paths'),
      ],
      targetPath: resolve(dir, targetPath),
      packagesPath: resolve(dir, word(value['packages-install-path']) ?? word(value['modules-path']) ?? 'dbt_packages'),
      vars,
      dispatch: new Map(
        blocksOf(value.dispatch).map(({ macro_namespace, search_order }) => [wordOf(macro_namespace) ?? '', wordsOf(search_order)]),
      ),
      config: {
        models: blockOf(value.models),
        seeds: blockOf(value.seeds),
        snapshots: blockOf(value.snapshots),
        sources: blockOf(value.sources),
      },
    },
  }
}

/** The vars that a package sees: its own defaults, then those of the root for all, then those of the root for it. */
export const varsFor = (name: string, root: DbtProjectFile, own?: DbtProjectFile): ReadonlyMap<string, TemplateValue> => {
  const layers = [own?.vars, blockOf(own?.vars[name]), root.vars, blockOf(root.vars[name])]
  return new Map(layers.flatMap((layer) => Object.entries(layer ?? {}).map(([key, item]) => [key, templateValueOf(item)] as const)))
}
