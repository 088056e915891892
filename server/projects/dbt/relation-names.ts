import { Refusal } from '../../boards/template/template-fault.ts'
import { Namespace, TemplateFunction, type TemplateValue } from '../../boards/template/value.ts'
import { type Block, wordOf } from './loose-values.ts'
import type { Macro, Macros } from './read-macros.ts'
import { type TemplateScope, templateValueOf } from './render-template.ts'
import { runMacro } from './run-macro.ts'

/** A node whose names are wanted. */
export interface NamedNode {
  readonly kind: string
  readonly package: string
  readonly name: string
  readonly version?: string | undefined
  /** Folders below the model path; undefined where they are not known. */
  readonly folders?: readonly string[] | undefined
  /** Its settings; undefined where they are not known. */
  readonly config?: Block | undefined
  readonly scope: TemplateScope
}

/** How a project names the databases, schemas and tables of its nodes, of those that it says itself. */
export interface RelationNames {
  /** Undefined where nothing says it, so that it is that of the target. */
  database(node: NamedNode, custom: string | undefined): string | undefined
  /** The likeliest first: where only dbt can tell, the database shows which there is. */
  schemas(node: NamedNode, custom: string | undefined): readonly string[]
  alias(node: NamedNode, custom: string | undefined): string
}

/** Told of a macro that only dbt can run. */
export type OnMacroFault = (macro: Macro, fault: string) => void

/** The rules of a project: its own macros for them where it has some, else those of dbt. */
export const relationNamesOf = (macros: Macros, onFault: OnMacroFault = () => {}): RelationNames => {
  const macroFor = (rule: string, { package: own, scope }: NamedNode): Macro | undefined =>
    macros.rule(rule, own, String(scope.target.get('type')))
  const run = (rule: string, node: NamedNode, custom: string | undefined, schema?: string): string | undefined => {
    const macro = macroFor(rule, node)
    if (macro === undefined) return undefined
    const made = runMacro(macros, macro, [custom ?? null, nodeValue(node, schema)], node.scope, rulesOfDbt(node))
    if ('fault' in made) onFault(macro, made.fault)
    return 'value' in made ? wordOf(made.value) : undefined
  }
  const names: RelationNames = {
    database: (node, custom) => run('generate_database_name', node, custom) ?? custom,
    schemas(node, custom) {
      const made = run('generate_schema_name', node, custom)
      if (made !== undefined) return [made]
      const [schema, byDefault] = [targetSchema(node), schemaByDefault(node, custom)]
      return macroFor('generate_schema_name', node) === undefined ? [byDefault] : [...new Set([custom ?? schema, byDefault, schema])]
    },
    alias(node, custom) {
      const schema = (): string | undefined => names.schemas(node, wordOf(node.config?.schema))[0]
      const isAsked = macroFor('generate_alias_name', node) !== undefined
      return (isAsked ? run('generate_alias_name', node, custom, schema()) : undefined) ?? aliasByDefault(node, custom)
    },
  }
  return names
}

const targetSchema = ({ scope }: NamedNode): string => wordOf(scope.target.get('schema')) ?? 'main'

const schemaByDefault = (node: NamedNode, custom: string | undefined): string =>
  custom === undefined ? targetSchema(node) : `${targetSchema(node)}_${custom}`

const aliasByDefault = ({ name, version }: NamedNode, custom: string | undefined): string =>
  custom ?? (version === undefined ? name : `${name}_v${version.replaceAll('.', '_')}`)

/** What the rules of dbt do, for macros that hand over to them. */
const rulesOfDbt = (node: NamedNode): readonly TemplateFunction[] => {
  const { target } = node.scope
  const rule = (names: readonly string[], make: (custom: string | undefined) => string): TemplateFunction[] =>
    names.map(
      (name) =>
        new TemplateFunction(name, ({ list: [custom = null], named }) =>
          make(wordOf(custom ?? [...named].find(([key]) => key.startsWith('custom_'))?.[1] ?? null)),
        ),
    )
  // In production the custom schema alone.
  const byEnvironment = (custom: string | undefined): string =>
    target.get('name') === 'prod' && custom !== undefined ? custom : targetSchema(node)
  return [
    ...rule(['generate_schema_name_for_env', 'dbt__generate_schema_name_for_env'], byEnvironment),
    ...rule(['default__generate_schema_name', 'dbt__generate_schema_name'], (custom) => schemaByDefault(node, custom)),
    ...rule(['default__generate_database_name', 'dbt__generate_database_name'], (custom) => custom ?? wordOf(target.get('database')) ?? ''),
    ...rule(['default__generate_alias_name', 'dbt__generate_alias_name'], (custom) => aliasByDefault(node, custom)),
  ]
}

const materializedByDefault: Readonly<Record<string, string>> = { model: 'view', seed: 'seed', snapshot: 'snapshot' }

/** The node as macros see it. What is not known of it is refused, since a macro would go another way without it. */
const nodeValue = ({ kind, package: own, name, version, folders, config, scope }: NamedNode, schema: string | undefined): Namespace => {
  const known = new Map<string, TemplateValue>([
    ['resource_type', kind],
    ['package_name', own],
    ['name', name],
    ['version', version ?? null],
    ['unique_id', [kind, own, name, ...(version === undefined ? [] : [`v${version}`])].join('.')],
    ['schema', schema ?? scope.target.get('schema') ?? null],
    ['database', scope.target.get('database') ?? null],
  ])
  if (folders !== undefined) {
    const path = [...folders, `${name}.sql`].join('/')
    known
      .set('fqn', [own, ...folders, name])
      .set('path', path)
      .set('original_file_path', `${kind}s/${path}`)
  }
  if (config !== undefined) {
    const settings = Object.entries({ materialized: materializedByDefault[kind], enabled: true, schema: null, alias: null, ...config })
    const value = new Map(settings.map(([key, item]) => [key, templateValueOf(item)] as const))
    known
      .set('config', value)
      .set('tags', value.get('tags') ?? [])
      .set('meta', value.get('meta') ?? new Map())
  }
  return new Namespace('the node', (member) => {
    const value = known.get(member)
    if (value === undefined) throw new Refusal(`It asks for ${member.slice(0, 60)} of the node, which only dbt knows.`)
    return value
  })
}
