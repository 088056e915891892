import type { Chart } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { Variable } from '../../../contracts/v1/board/variables.ts'
import { chartTexts, groupTexts, textsOf, variableTexts } from '../board-texts.ts'
import type { CompiledChart, CompiledQuery, CompiledVariable, GroupNode, LayoutNode, Locate } from '../compiled-board.ts'
import { templateLimits } from '../template/budget.ts'
import { findUses } from '../template/find-uses.ts'
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
  readonly #variables: Compiling['variables']
  readonly #queries: Compiling['queries']
  readonly #mentioned: Compiling['mentioned']
  readonly #declared: Compiling['declared']
  readonly #usedVariables = new Set<string>()
  readonly #usedQueries = new Set<string>()
  readonly #suggest: Compiling['suggest']

  constructor({ variables, queries, mentioned, declared, suggest }: Compiling) {
    this.#variables = variables
    this.#queries = queries
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
    const more = deep.length === 1 ? '' : ` So do ${deep.length - 1} others.`
    const message = `The query "${first.id}" stands on more than ${templateLimits.maxDepth} others.${more}`
    this.found.push(
      diagnostic('TEMPLATE_ERROR', first.place, message, 'Write fewer steps, or a view in the database.', { query: first.id }),
    )
  }

  chart({ id, chart: drawn, query, layers, locate, refused }: CompiledChart): void {
    const chart = (refused?.parts ?? drawn) as Pick<Chart, 'select' | 'link' | 'drill'>
    for (const one of [query, ...(layers ?? []), ...(refused?.queries ?? [])]) if (one !== undefined) this.#usedQueries.add(one)
    for (const { path, text } of textsOf(chart, chartTexts)) this.#template(text, path, locate, { chart: id })
    for (const name of namedByChart(chart)) this.#usedVariables.add(name)
    this.#selected(chart.select, locate, id)
    if (typeof chart.drill !== 'string') return
    const scope = (query === undefined ? undefined : this.#queries.get(query)?.scope) ?? this.#everyQuery()
    this.#asked(chart.drill, ['drill'], locate, scope, { chart: id }, markNames)
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

  unused(): void {
    for (const { name, place, isRefused } of this.#variables.values())
      if (!this.#usedVariables.has(name) && !this.#mentioned.has(name) && this.#queries.size > 0 && isRefused !== true)
        this.found.push(diagnostic('UNREFERENCED_VARIABLE', place, `Nothing uses the variable "${name}".`))
    for (const { id, place, definition, isRefused } of this.#queries.values())
      if (
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

  /** Tells what is wrong with a template, and gives the queries that it uses. */
  #uses(text: string, kind: 'text' | 'sql' | 'condition', path: Path, locate: Locate, about: About, names = noNames) {
    const tell = ({ code, message, position, hint }: Pick<TemplateFault, 'code' | 'message' | 'position' | 'hint'>) =>
      this.found.push(diagnostic(code, locate(path, position), message, hint, about))
    try {
      const uses = findUses(text, kind)
      for (const fault of uses.faults) tell(fault)
      for (const { name, position } of uses.variables) {
        this.#usedVariables.add(name)
        if (this.#variables.has(name) || names.has(name) || this.#declared.has(name)) continue
        const hint = this.#suggest(name, this.#variables.keys())
        tell({ code: 'UNKNOWN_VARIABLE', message: `There is no variable ${name}.`, position, hint })
      }
      return uses.queries
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error
      tell(error)
      return []
    }
  }
}

const noNames: ReadonlySet<string> = new Set()
/** What a mark gives to the SQL of its drill. */
const markNames: ReadonlySet<string> = new Set(['x', 'color'])

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
