import { genericTest } from './generic-test.ts'
import type { DbtColumn, DbtFinding, DbtTest } from './graph.ts'
import type { PartContext } from './graph-builder.ts'
import { type Block, blockOf, blocksOf, descriptionOf, isBlock, isOn, listOf, wordOf, wordsOf } from './loose-values.ts'
import { renderTemplate, type TemplateScope } from './render-template.ts'

/** A text of YAML with its templates rendered; undefined when there is none or it cannot be rendered. */
export const renderedWord = (value: unknown, scope: TemplateScope, onFault?: (fault: string) => void): string | undefined => {
  const text = wordOf(value)
  if (text === undefined) return undefined
  const rendered = renderTemplate(text, scope)
  if ('value' in rendered) return wordOf(rendered.value)
  onFault?.(rendered.fault)
  return undefined
}

/** As `renderedWord`, for the settings of one thing, such as `the source`: of those that cannot be rendered, the first is a finding. */
export const settingsReader =
  (about: string, { scope, place }: Pick<PartContext, 'scope' | 'place'>, findings: DbtFinding[]) =>
  (value: unknown): string | undefined =>
    renderedWord(value, scope, (fault) => tellTemplate(findings, place, `A setting of ${about} cannot be rendered: ${fault}`))

/** Adds the finding that something of a file is for dbt alone to render, once for the file. */
export const tellTemplate = (findings: DbtFinding[], place: string, message: string): void => {
  if (findings.some((one) => one.place === place && one.code === 'DBT_TEMPLATE')) return
  findings.push({
    code: 'DBT_TEMPLATE',
    place,
    message,
    hint: 'Run dbt parse: what dbt has compiled is read before the files.',
  })
}

/** For texts that callers are shown: the environment of the server, its host and its login are none of their business. */
export const forCallers = (scope: TemplateScope): TemplateScope => ({
  ...scope,
  env: {},
  target: new Map([...scope.target].filter(([name]) => /^(name|type|schema|database|dbname)$/.test(name))),
})

/** A description; what of it cannot be rendered leaves it as it is written. */
export const renderedDescription = (value: unknown, scope: TemplateScope): string | undefined => {
  const text = wordOf(value)
  if (text === undefined) return undefined
  const rendered = renderTemplate(text, forCallers(scope))
  return descriptionOf('value' in rendered ? rendered.value : text)
}

/** Columns that blocks of properties describe: of a model, and of one version of it. */
export const columnsIn = (blocks: readonly Block[], scope: TemplateScope): DbtColumn[] =>
  columnBlocks(blocks).flatMap((column) => {
    const name = wordOf(column.name)
    return name === undefined ? [] : [{ name, description: renderedDescription(column.description, scope) }]
  })

/** The columns of a model without those that a version leaves out or describes anew, and then its own. */
const columnBlocks = ([general = {}, versioned = {}]: readonly Block[]): readonly Block[] => {
  const own = blocksOf(versioned.columns)
  const inherited = own.find(({ include }) => include !== undefined)
  const [include, exclude] = [inherited?.include ?? 'all', wordsOf(inherited?.exclude)]
  const isAll = include === 'all' || include === '*'
  const replaced = new Set([...exclude, ...own.flatMap(({ name }) => wordOf(name) ?? [])])
  const isInherited = (name: string | undefined): boolean =>
    name !== undefined && !replaced.has(name) && (isAll || wordsOf(include).includes(name))
  return [...blocksOf(general.columns).filter(({ name }) => isInherited(wordOf(name))), ...own]
}

/** Tests of blocks of properties and of their columns, under both names that dbt has for them; those of a version replace those of the model. */
export const testsIn = (blocks: readonly Block[]): DbtTest[] => [
  ...testsOfList(blocks.findLast(({ tests, data_tests }) => (tests ?? data_tests) !== undefined) ?? {}, undefined),
  ...columnBlocks(blocks).flatMap((column) => testsOfList(column, wordOf(column.name))),
]

const besideTest = new Set(['name', 'config', 'tags', 'description', 'meta'])

const testsOfList = ({ tests, data_tests }: Block, column: string | undefined): DbtTest[] =>
  [...listOf(tests), ...listOf(data_tests)].flatMap((entry): DbtTest[] => {
    if (typeof entry === 'string') return [genericTest(undefined, entry, {}, column)]
    if (!isBlock(entry)) return []
    const called = wordOf(entry.test_name)
    const kind = called ?? Object.keys(entry).find((key) => !besideTest.has(key))
    if (kind === undefined) return []
    const outer = called === undefined ? blockOf(entry[kind]) : entry
    const given = { ...outer, ...blockOf(outer.arguments), ...blockOf(entry.config), ...blockOf(outer.config) }
    if (!isOn(given.enabled ?? true)) return []
    return [genericTest(undefined, kind, given, column ?? wordOf(given.column_name))]
  })

/** The columns of a primary key that is declared by a constraint. */
export const primaryKeyIn = (properties: Block): string[] => {
  const whole = blocksOf(properties.constraints).find(({ type }) => type === 'primary_key')
  if (whole !== undefined) return listOf(whole.columns).flatMap((name) => wordOf(name) ?? [])
  return blocksOf(properties.columns)
    .filter(({ constraints }) => blocksOf(constraints).some(({ type }) => type === 'primary_key'))
    .flatMap(({ name }) => wordOf(name) ?? [])
}

/** The texts of `{% docs name %}` blocks. */
export const docsIn = (text: string): [string, string][] =>
  [...text.matchAll(/\{%-?\s*docs\s+(\w+)\s*-?%\}([\s\S]*?)\{%-?\s*enddocs\s*-?%\}/g)].map(([, name, body]) => [
    name as string,
    (body as string).trim(),
  ])
