import type { DbtTable } from '../../../contracts/v1/tables.ts'
import type { CatalogTable } from '../../sources/source.ts'
import type { DbtGraph, DbtMetric, DbtSemanticModel, SemanticPart } from './graph.ts'
import type { Matched } from './match-tables.ts'
import type { SafeWords } from './safe-words.ts'

/** Parts of one semantic model that are shown, of each kind. */
const most = 30

interface Semantics {
  readonly metrics: NonNullable<DbtTable['metrics']>
  readonly semanticModel: DbtTable['semantic_model']
}

/** The semantic model and the metrics of a table; those that read what is not served are left out. */
export const semanticsOf = (graph: DbtGraph, matched: Matched, words: SafeWords): ((table: CatalogTable) => Semantics) => {
  const tableAt = (id: string): CatalogTable | undefined => {
    const node = graph.nodes.get(id)
    return node === undefined ? undefined : matched.tableOf(node)
  }
  const isSafePart = (part: SemanticPart, table: CatalogTable): boolean =>
    words.isSafeSql(part.expr ?? part.name, table) && words.text(part.name) !== undefined
  const measures = new Map(
    graph.semanticModels.flatMap((model) => model.measures.map((measure) => [measure.name, { model, measure }] as const)),
  )
  const byName = new Map(graph.metrics.map((metric) => [metric.name, metric]))

  /** The tables that a metric reads; undefined when one of them, or a column, is not served. */
  const tablesOf = (metric: DbtMetric, users: readonly DbtMetric[] = []): readonly CatalogTable[] | undefined => {
    if (users.includes(metric)) return []
    const direct = metric.dependsOn.map(tableAt)
    const modelled = metric.semanticModels.flatMap((name) => graph.semanticModels.find((model) => model.name === name) ?? [])
    const measured = metric.measures.flatMap((name) => measures.get(name) ?? [])
    const ofMeasures = measured.map(({ model, measure }) => {
      const table = tableAt(model.model)
      return table !== undefined && isSafePart(measure, table) ? table : undefined
    })
    const inner = metric.metrics
      .map((name) => byName.get(name))
      .map((other) => (other === undefined ? [] : tablesOf(other, [...users, metric])))
    const all: readonly (CatalogTable | undefined)[] = [
      ...direct,
      ...modelled.map(({ model }) => tableAt(model)),
      ...ofMeasures,
      ...inner.flatMap((list): readonly (CatalogTable | undefined)[] => list ?? [undefined]),
    ]
    if (!all.every((table) => table !== undefined)) return undefined
    const isSafe = metric.sql.every((sql) => all.some((table) => words.isSafeSql(sql, table)))
    return isSafe && words.text(metric.name) !== undefined ? all : undefined
  }
  const shownMetrics = new Map<CatalogTable, Semantics['metrics']>()
  for (const metric of graph.metrics)
    for (const table of new Set(tablesOf(metric))) {
      const [label, description] = [words.text(metric.label), words.text(metric.description)]
      const shown = { name: metric.name, ...(label !== undefined && { label }), ...(description !== undefined && { description }) }
      shownMetrics.set(table, [...(shownMetrics.get(table) ?? []), shown])
    }

  const show = ({ name, entities, dimensions, measures: own }: DbtSemanticModel, table: CatalogTable): Semantics['semanticModel'] => {
    const safe = (parts: readonly SemanticPart[]) => parts.filter((part) => isSafePart(part, table)).slice(0, most)
    return {
      name,
      entities: safe(entities).map(({ name: of, type, expr }) => ({
        name: of,
        ...(type !== undefined && { type }),
        ...(expr !== undefined && { expr }),
      })),
      dimensions: safe(dimensions).map(({ name: of, type, expr }) => ({
        name: of,
        ...(type !== undefined && { type }),
        ...(expr !== undefined && { expr }),
      })),
      measures: safe(own).map(({ name: of, agg, expr, description }) => {
        const told = words.text(description)
        return {
          name: of,
          ...(agg !== undefined && { agg }),
          ...(expr !== undefined && { expr }),
          ...(told !== undefined && { description: told }),
        }
      }),
    }
  }
  return (table) => {
    const model = graph.semanticModels.find((one) => tableAt(one.model) === table && words.text(one.name) !== undefined)
    return { metrics: shownMetrics.get(table) ?? [], semanticModel: model === undefined ? undefined : show(model, table) }
  }
}
