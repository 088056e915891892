import type { Chart } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { Variable } from '../../../contracts/v1/board/variables.ts'
import { positionAt } from '../../envelope/text-position.ts'
import { chartTexts, groupTexts, textsOf, variableTexts } from '../board-texts.ts'
import type { CompiledChart, CompiledQuery, CompiledVariable, GroupNode, LayoutNode, Locate } from '../compiled-board.ts'
import { markNames } from '../mark-names.ts'
import { templateLimits } from '../template/budget.ts'
import { findUses, type TemplateUses } from '../template/find-uses.ts'
import { TemplateFault } from '../template/template-fault.ts'
import type { Compiling } from './compile-board.ts'
import { looksLikeSql, unknownQuery } from './compile-queries.ts'
import { diagnostic } from './diagnostic.ts'
import { queryDepths } from './query-depths.ts'

/** What is wrong with the templates of a board as far as their text tells, and what nothing uses. */
export const checkTemplates = (root: GroupNode, compiling: Compiling): BoardDiagnostic[] => {
  const checker = new TemplateChecker(compiling)
  for (const query of compiling.queries.values()) checker.query(query)
  checker.nesting()
  for (const chart of compiling.charts.values()) checker.chart(chart)
  for (const node of nodesOf(root)) checker.node(node)
  for (const variable of compiling.variables.values()) checker.variable(variable)
  checker.unused()
  return checker.found
}

type About = { readonly chart?: string; readonly query?: string }
type Path = readonly PropertyKey[]

class TemplateChecker {
  readonly found: BoardDiagnostic[] = []
  readonly #path: string
  readonly #variables: Compiling['variables']
  readonly #queries: Compiling['queries']
  readonly #charts: Compiling['charts']
  readonly #mentioned: Compiling['mentioned']
  readonly #declared: Compiling['declared']
  readonly #usedVariables = new Set<string>()
  readonly #usedQueries = new Set<string>()
  readonly #suggest: Compiling['suggest']

  constructor({ path, variables, queries, charts, mentioned, declared, suggest }: Compiling) {
    this.#path = path
    this.#variables = variables
    this.#queries = queries
    this.#charts = charts
    this.#mentioned = mentioned
    this.#declared = declared
    this.#suggest = suggest
  }

  query({ id, definition, scope, locate }: CompiledQuery): void {
    if ('sql' in definition) this.#sql(definition.sql, ['sql'], locate, scope, { query: id })
  }

  /** Circles, and queries that stand too deep within each other; of these the first, with how many there are. */
  nesting(): void {
    const { depths, circles } = queryDepths(this.#queries)
    for (const circle of circles) {
      const [first = ''] = circle
      const place = this.#queries.get(first)?.place
      const shown = circle.length > 10 ? [...circle.slice(0, 10), '…'] : circle
      if (place !== undefined)
        this.found.push(diagnostic('QUERY_CYCLE', place, `${[...shown, first].join(' uses ')}.`, undefined, { query: first }))
    }
    const isDeep = (depth: number) => depth > templateLimits.maxDepth + 1 && Number.isFinite(depth)
    const deep = [...this.#queries.values()].filter(({ id }) => isDeep(depths.get(id) ?? 0))
    const [first] = deep
    if (first === undefined) return
    const more = deep.length === 1 ? '' : ` So ${deep.length === 2 ? 'does 1 other' : `do ${deep.length - 1} others`}.`
    const message = `The query "${first.id}" stands on more than ${templateLimits.maxDepth} others.${more}`
    this.found.push(
      diagnostic('TEMPLATE_ERROR', first.place, message, 'Write fewer steps, or a view in the database.', { query: first.id }),
    )
  }

  chart({ id, chart: drawn, query, layers, locate, refused }: CompiledChart): void {
    const chart = (refused?.parts ?? drawn) as Pick<Chart, 'select' | 'link' | 'drill'>
    for (const one of [query, ...(layers ?? []), refused?.query, ...(refused?.layers ?? [])])
      if (one !== undefined) this.#usedQueries.add(one)
    for (const { path, text } of textsOf(chart, chartTexts)) this.#template(text, path, locate, { chart: id })
    for (const name of namedByChart(chart)) this.#usedVariables.add(name)
    this.#selected(chart.select, locate, id)
    if (typeof chart.drill !== 'string') return
    const scope = (query === undefined ? undefined : this.#queries.get(query)?.scope) ?? this.#everyQuery()
    this.#asked(chart.drill, ['drill'], locate, scope, { chart: id }, ofMark)
  }

  /** The variable that a click sets. */
  #selected(name: unknown, locate: Locate, chart: string): void {
    if (typeof name !== 'string' || this.#variables.has(name) || this.#declared.has(name)) return
    const fix = this.#suggest(name, this.#variables.keys())
    this.found.push(diagnostic('UNKNOWN_VARIABLE', locate('select'), `There is no variable ${name}.`, fix, { chart }))
  }

  node(node: LayoutNode): void {
    this.#condition(node.visible, ['visible'], node.kind === 'group' ? node.locate : () => node.place)
    if (node.kind === 'chart') return
    const { title, text, details, style, layout } = node
    const written = {
      title,
      text,
      style,
      details: details?.text ?? (details && { summary: details.summary, expanded_title: details.expandedTitle }),
    }
    for (const one of textsOf(written, groupTexts)) this.#template(one.text, one.path, node.locate)
    if (layout?.direction === 'tabs') for (const tab of layout.items) this.#template(tab.title, ['title'], tab.node.locate)
  }

  variable({ definition, locate }: CompiledVariable): void {
    const { options, query, visible, enabled } = definition
    for (const { path, text } of textsOf(definition, variableTexts)) this.#template(text, path, locate)
    this.#condition(visible, ['visible'], locate)
    this.#condition(enabled, ['enabled'], locate)
    if (query !== undefined) this.#asked(query, ['query'], locate, this.#everyQuery())
    if (options !== undefined && 'query' in options) this.#asked(options.query, ['options', 'query'], locate, this.#everyQuery())
  }

  /** Variables and queries of the board itself that nothing uses. */
  unused(): void {
    for (const { name, place, isRefused } of this.#variables.values())
      if (
        place.file === this.#path &&
        !this.#usedVariables.has(name) &&
        !this.#mentioned.has(name) &&
        this.#queries.size > 0 &&
        isRefused !== true
      )
        this.found.push(diagnostic('UNREFERENCED_VARIABLE', place, `Nothing uses the variable "${name}".`))
    for (const { id, place, definition, isRefused } of this.#queries.values())
      if (
        place.file === this.#path &&
        !this.#usedQueries.has(id) &&
        !this.#mentioned.has(id) &&
        isRefused !== true &&
        !(definition.ignore ?? []).includes('UNREFERENCED_QUERY') &&
        !id.includes('.')
      )
        this.found.push(diagnostic('UNREFERENCED_QUERY', place, `Nothing uses the query "${id}".`, undefined, { query: id }))
  }

  #everyQuery(): ReadonlyMap<string, string> {
    return new Map([...this.#queries.keys()].map((id) => [id, id]))
  }

  #template(text: string, path: Path, locate: Locate, about: About = {}): void {
    if (/\{[{%#]/.test(text)) this.#uses(text, 'text', path, locate, about)
  }

  /** The name of a query, or SQL. */
  #asked(asked: string, path: Path, locate: Locate, scope: ReadonlyMap<string, string>, about: About = {}, names = noNames): void {
    if (looksLikeSql(asked)) this.#sql(asked, path, locate, scope, about, names)
    else this.#known(asked, locate(path), scope, about)
  }

  #sql(sql: string, path: Path, locate: Locate, scope: ReadonlyMap<string, string>, about: About, names = noNames): void {
    if (!/\{[{%#]/.test(sql)) return
    for (const { name, position } of this.#uses(sql, 'sql', path, locate, about, names))
      this.#known(name, locate(path, position), scope, about)
  }

  #condition(condition: Variable['enabled'], path: Path, locate: Locate): void {
    if (typeof condition === 'string') this.#uses(condition, 'condition', path, locate, {})
    else if (typeof condition === 'object') this.#known(condition.query, locate([...path, 'query']), this.#everyQuery(), {})
  }

  #known(name: string, place: ReturnType<Locate>, scope: ReadonlyMap<string, string>, about: About): void {
    const id = scope.get(name)
    if (id !== undefined) this.#usedQueries.add(id)
    if (this.#declared.has(name) || (id !== undefined && this.#queries.has(id))) return
    this.found.push(diagnostic('UNKNOWN_QUERY', place, unknownQuery(name), this.#suggest(name, scope.keys()), about))
  }

  /** Tells what is wrong with a template, and gives the queries that it uses. Where it cannot be read, each of its outputs is read alone. */
  #uses(
    text: string,
    kind: 'text' | 'sql' | 'condition',
    path: Path,
    locate: Locate,
    about: About,
    names = noNames,
  ): TemplateUses['queries'] {
    const tell = ({ code, message, position, hint }: Pick<TemplateFault, 'code' | 'message' | 'position' | 'hint'>) =>
      this.found.push(diagnostic(code, locate(path, position), message, hint, about))
    try {
      const uses = findUses(text, kind)
      for (const fault of uses.faults) tell(fault)
      for (const { name, position } of uses.variables) {
        this.#usedVariables.add(name)
        const isChart = kind === 'text' && !this.#variables.has(name) && this.#charts.has(name)
        if (isChart) tell({ code: 'TEMPLATE_ERROR', position, ...chartInText(name) })
        if (isChart || this.#variables.has(name) || names.has(name) || this.#declared.has(name)) continue
        const from = this.#queries.get(about.query ?? '')?.from
        const hint =
          from === undefined
            ? this.#suggest(name, this.#variables.keys())
            : `Add under variables: {${name}: {ref: ${from}.variables.${name}}}.`
        const message =
          from === undefined ? `There is no variable ${name}.` : `A query of "${from}" uses the variable ${name}, which this board has not.`
        tell({ code: 'UNKNOWN_VARIABLE', message, position, hint })
      }
      return uses.queries
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error
      const parts = kind === 'condition' ? [] : outputsOf(text)
      const broken = parts.find(({ from, to }) => from <= error.position.offset && error.position.offset < to)
      tell(broken === undefined ? error : { ...faultOf(error), ...aboutChart(broken.text) })
      return parts.flatMap((part) => {
        if (part === broken || part.text === text) return []
        const moved: Locate = (_key, inside) => locate(path, positionAt(text, part.from + offsetIn(part.text, inside)))
        return this.#uses(part.text, kind, path, moved, about, names).map(({ name, position }) => ({
          name,
          position: positionAt(text, part.from + position.offset),
        }))
      })
    }
  }
}

/** The outputs of a template, each by itself; none where blocks may give names to them. */
const outputsOf = (text: string): { readonly text: string; readonly from: number; readonly to: number }[] =>
  text.includes('{%')
    ? []
    : [...text.matchAll(/\{\{[^{}]*\}\}/g)].map(({ 0: part, index }) => ({ text: part, from: index, to: index + part.length }))

const offsetIn = (text: string, inside: { readonly line: number; readonly column: number } | undefined): number =>
  inside === undefined
    ? 0
    : text
        .split('\n')
        .slice(0, inside.line - 1)
        .join('\n').length +
      (inside.line > 1 ? 1 : 0) +
      inside.column -
      1

const faultOf = ({ code, message, position, hint }: TemplateFault) => ({ code, message, position, hint })

/** What to say of a chart that is asked for within a text. */
const aboutChart = (output: string): { readonly message?: string; readonly hint?: string } => {
  const name = /^\{\{-?\s*chart(?:\s+|\s*\(\s*)["']?([\w-]+)["']?\s*\)?\s*-?\}\}$/.exec(output)?.[1]
  return name === undefined ? {} : chartInText(name)
}

const chartInText = (name: string): { readonly message: string; readonly hint: string } => ({
  message: `The chart "${name}" stands within a text.`,
  hint: 'In a Markdown board, write it on a line of its own; in YAML, name it in the layout.',
})

const noNames: ReadonlySet<string> = new Set()
const ofMark: ReadonlySet<string> = new Set(markNames)

/** Variables that a click on the chart sets. */
const namedByChart = (chart: Pick<Chart, 'select' | 'link'>): string[] => [
  ...(typeof chart.select === 'string' ? [chart.select] : []),
  ...(typeof chart.link === 'string' ? [...chart.link.matchAll(/[?&]([A-Za-z_]\w*)=/g)].map(([, name]) => name as string) : []),
]

/** A group and all that stands in it. */
const nodesOf = (node: LayoutNode): LayoutNode[] => {
  const layout = node.kind === 'group' ? node.layout : undefined
  const inner: readonly LayoutNode[] =
    layout === undefined
      ? []
      : layout.direction === 'grid' || layout.direction === 'tabs'
        ? layout.items.map((item) => item.node)
        : layout.items
  return [node, ...inner.flatMap(nodesOf)]
}
