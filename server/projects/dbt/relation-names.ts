import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { TemplateFunction, type TemplateValue, textOf } from '../../boards/template/value.ts'
import { listFiles } from './list-files.ts'
import { wordOf } from './loose-values.ts'
import type { DbtProjectFile } from './project-file.ts'
import { renderTemplate, type TemplateScope } from './render-template.ts'

/** A node whose names are wanted. */
export interface NamedNode {
  readonly kind: string
  readonly package: string
  readonly name: string
  readonly version?: string | undefined
  /** Folders below the model path. */
  readonly folders: readonly string[]
  readonly scope: TemplateScope
}

/** How a project names the schemas and tables of its nodes, of those that it says itself. */
export interface RelationNames {
  /** The likeliest first: where only dbt can tell, the database shows which there is. */
  schemas(node: NamedNode, custom: string | undefined): readonly string[]
  alias(node: NamedNode, custom: string | undefined): string
}

/** A macro that dbt asks for names. */
interface NamingMacro {
  readonly parameters: readonly string[]
  readonly body: string
}

const maxBytes = 256 * 1024

/** The rules of a project: its own macros for them where it has some, else those of dbt. */
export const relationNamesOf = async ({ dir, macroPaths }: DbtProjectFile): Promise<RelationNames> => {
  const files = (await Promise.all(macroPaths.map((path) => listFiles(resolve(dir, path), /\.sql$/i)))).flat()
  let schemaMacro: NamingMacro | undefined
  let aliasMacro: NamingMacro | undefined
  for (const { path, size } of files) {
    const text = size > maxBytes ? '' : await readFile(path, 'utf8').catch(() => '')
    schemaMacro ??= macroIn(text, 'generate_schema_name')
    aliasMacro ??= macroIn(text, 'generate_alias_name')
  }
  return {
    schemas(node, custom) {
      const schema = wordOf(node.scope.target.get('schema')) ?? 'main'
      const byDefault = custom === undefined ? schema : `${schema}_${custom}`
      if (schemaMacro === undefined) return [byDefault]
      const made = runMacro(schemaMacro, node, custom)
      return made === undefined ? [...new Set([custom ?? schema, byDefault, schema])] : [made]
    },
    alias(node, custom) {
      const byDefault = custom ?? (node.version === undefined ? node.name : `${node.name}_v${node.version.replaceAll('.', '_')}`)
      return (aliasMacro === undefined ? undefined : runMacro(aliasMacro, node, custom)) ?? byDefault
    },
  }
}

const macroIn = (text: string, name: string): NamingMacro | undefined => {
  if (!text.includes(name)) return undefined
  const plain = text.replace(/\{#[\s\S]*?#\}/g, '')
  const macro = new RegExp(
    `\\{%-?\\s*macro\\s+(?:default__)?${name}\\s*\\(([^)]*)\\)\\s*-?%\\}([\\s\\S]*?)\\{%-?\\s*endmacro\\s*-?%\\}`,
  ).exec(plain)
  if (macro === null) return undefined
  const [, parameters = '', body = ''] = macro
  return { parameters: parameters.split(',').map((one) => one.replace(/=[\s\S]*$/, '').trim()), body }
}

/** What a macro gives; undefined where it does what only dbt can. */
const runMacro = ({ parameters, body }: NamingMacro, node: NamedNode, custom: string | undefined): string | undefined => {
  const given: readonly TemplateValue[] = [custom ?? null, nodeValue(node, custom)]
  const rendered = renderTemplate(body, {
    ...node.scope,
    names: new Map(parameters.map((name, index) => [name, given[index] ?? null])),
    functions: [
      ['generate_schema_name_for_env', byEnvironment(node)],
      ['default__generate_schema_name', byPrefix(node)],
    ],
  })
  return 'value' in rendered ? wordOf(rendered.value) : undefined
}

const nodeValue = ({ kind, package: own, name, version, folders }: NamedNode, custom: string | undefined): TemplateValue =>
  new Map<string, TemplateValue>([
    ['resource_type', kind],
    ['package_name', own],
    ['name', name],
    ['version', version ?? null],
    ['fqn', [own, ...folders, name]],
    ['path', [...folders, `${name}.sql`].join('/')],
    ['config', new Map<string, TemplateValue>([['schema', custom ?? null]])],
  ])

/** The rule that dbt has for environments: in production the custom schema alone. */
const byEnvironment = ({ scope: { target } }: NamedNode): TemplateFunction =>
  new TemplateFunction('generate_schema_name_for_env', ({ list: [custom = null] }) =>
    target.get('name') === 'prod' && custom !== null ? textOf(custom) : textOf(target.get('schema') ?? ''),
  )

const byPrefix = ({ scope: { target } }: NamedNode): TemplateFunction =>
  new TemplateFunction('default__generate_schema_name', ({ list: [custom = null] }) =>
    [target.get('schema') ?? '', ...(custom === null ? [] : [custom])].map(textOf).join('_'),
  )
