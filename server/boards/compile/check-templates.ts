import type { Chart } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import { chartTexts } from '../chart-texts.ts'
import type { CompiledQuery, GroupNode, LayoutNode, Locate } from '../compiled-board.ts'
import { findUses, type TemplateUses } from '../template/find-uses.ts'
import { TemplateFault } from '../template/template-fault.ts'
import type { Compiling } from './compile-board.ts'
import { diagnostic } from './diagnostic.ts'

/** What is wrong with the templates of a board as far as their text tells, and what nothing uses. */
export const checkTemplates = (root: GroupNode, { variables, queries, charts }: Compiling): BoardDiagnostic[] => {
  const found: BoardDiagnostic[] = []
  const usedVariables = new Set<string>()
  const usedQueries = new Set<string>()

  const check = (text: string, key: string, locate: Locate, about: { chart?: string; query?: string } = {}): TemplateUses | undefined => {
    if (!/\{[{%]/.test(text)) return undefined
    const tell = (code: Parameters<typeof diagnostic>[0], message: string, inside: { line: number; column: number }, fix?: string) =>
      found.push(diagnostic(code, locate(key, inside), message, fix, about))
    let uses: TemplateUses
    try {
      uses = findUses(text, about.query === undefined ? 'text' : 'sql')
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error
      tell(error.code, error.message, error.position, error.hint)
      return undefined
    }
    for (const fault of uses.faults) tell(fault.code, fault.message, fault.position, fault.hint)
    for (const { name, position } of uses.variables) {
      usedVariables.add(name)
      if (variables.has(name)) continue
      const near = nearestName(name, variables.keys())
      tell('UNKNOWN_VARIABLE', `There is no variable "${name}".`, position, near === undefined ? undefined : `Did you mean "${near}"?`)
    }
    return uses
  }

  const checkSql = (query: CompiledQuery): void => {
    if (!('sql' in query.definition)) return
    const about = { query: query.id }
    const uses = check(query.definition.sql, 'sql', query.locate, about)
    for (const { name, position } of uses?.queries ?? []) {
      const id = query.scope.get(name)
      if (id !== undefined) usedQueries.add(id)
      if (id !== undefined && queries.has(id)) continue
      const near = nearestName(name, query.scope.keys())
      found.push(
        diagnostic(
          'UNKNOWN_QUERY',
          query.locate('sql', position),
          `There is no query "${name}".`,
          near === undefined ? undefined : `Did you mean "${near}"?`,
          about,
        ),
      )
    }
  }

  for (const query of queries.values()) checkSql(query)
  for (const circle of circles(queries)) {
    const [first = ''] = circle
    const query = queries.get(first)
    if (query !== undefined)
      found.push(diagnostic('QUERY_CYCLE', query.place, `${[...circle, first].join(' uses ')}.`, undefined, { query: first }))
  }
  for (const { id, chart, query, locate } of charts.values()) {
    if (query !== undefined) usedQueries.add(query)
    for (const key of chartTexts) {
      const text = (chart as Partial<Record<string, unknown>>)[key]
      if (typeof text === 'string') check(text, key, locate, { chart: id })
    }
    for (const name of namedByChart(chart)) usedVariables.add(name)
  }
  for (const group of groupsOf(root)) {
    if (group.title !== undefined) check(group.title, 'title', group.locate)
    if (group.text !== undefined) check(group.text, 'text', group.locate)
    if (typeof group.visible === 'string') for (const name of variables.keys()) if (group.visible.includes(name)) usedVariables.add(name)
    if (typeof group.visible === 'object' && group.visible !== null) usedQueries.add(group.visible.query)
  }
  for (const { definition } of variables.values()) {
    const { options, query, visible, enabled } = definition
    const asked = options !== undefined && !Array.isArray(options) && 'query' in options ? options.query : query
    if (asked !== undefined) usedQueries.add(asked)
    if (typeof enabled === 'object') usedQueries.add(enabled.query)
    for (const condition of [visible, enabled])
      if (typeof condition === 'string') for (const name of variables.keys()) if (condition.includes(name)) usedVariables.add(name)
  }

  for (const { name, place } of variables.values())
    if (!usedVariables.has(name) && queries.size > 0)
      found.push(diagnostic('UNREFERENCED_VARIABLE', place, `Nothing uses the variable "${name}".`))
  for (const { id, place, definition } of queries.values())
    if (!usedQueries.has(id) && !(definition.ignore ?? []).includes('UNREFERENCED_QUERY') && !id.includes('.'))
      found.push(diagnostic('UNREFERENCED_QUERY', place, `Nothing uses the query "${id}".`, undefined, { query: id }))
  return found
}

/** Variables that a click on the chart sets. */
const namedByChart = (chart: Chart): string[] => [
  ...(chart.select === undefined ? [] : [chart.select]),
  ...(typeof chart.link === 'string' ? [...chart.link.matchAll(/[?&]([A-Za-z_]\w*)=/g)].map(([, name]) => name as string) : []),
]

const groupsOf = (group: GroupNode): GroupNode[] => {
  const { layout } = group
  const inner: LayoutNode[] =
    layout === undefined
      ? []
      : layout.direction === 'grid' || layout.direction === 'tabs'
        ? layout.items.map(({ node }) => node)
        : [...layout.items]
  return [group, ...inner.flatMap((node) => (node.kind === 'group' ? groupsOf(node) : []))]
}

/** Queries that use each other in a circle, each circle once. */
const circles = (queries: ReadonlyMap<string, CompiledQuery>): string[][] => {
  const found: string[][] = []
  const done = new Set<string>()
  const visit = (id: string, trail: readonly string[]): void => {
    const at = trail.indexOf(id)
    if (at >= 0) {
      found.push(trail.slice(at))
      return
    }
    if (done.has(id)) return
    const query = queries.get(id)
    const sql = query !== undefined && 'sql' in query.definition ? query.definition.sql : ''
    for (const [, name] of sql.matchAll(/\bqueries\.([A-Za-z_]\w*)/g)) {
      const next = query?.scope.get(name as string)
      if (next !== undefined) visit(next, [...trail, id])
    }
    done.add(id)
  }
  for (const id of queries.keys()) visit(id, [])
  return found
}
