import type { DbtMetric, DbtSemanticModel } from './graph.ts'
import { type Block, blockOf, blocksOf, isBlock, isOn, listOf, shortOf, wordOf, wordsOf } from './loose-values.ts'
import { refIn } from './references.ts'

const dependsOn = (value: Block): string[] => wordsOf(blockOf(value.depends_on).nodes)

const namesOf = (value: unknown): string[] => listOf(value).flatMap((item) => wordOf(isBlock(item) ? item.name : item) ?? [])

/** A metric; of versions up to 9 of the manifest, that of a model alone. What newer YAML writes beside its type, older YAML and manifests have below `type_params`. */
export const metricOf = (value: Block): DbtMetric => {
  const params = { ...value, ...blockOf(value.type_params) }
  const conversion = { ...params, ...blockOf(params.conversion_type_params) }
  const on = dependsOn(value)
  return {
    name: shortOf(value.name) ?? '',
    label: shortOf(value.label),
    description: shortOf(value.description),
    measures: unique([params.measure, params.input_measures, params.measures, conversion.base_measure, conversion.conversion_measure]),
    metrics: unique([
      params.numerator,
      params.denominator,
      params.metrics,
      params.input_metric,
      params.input_metrics,
      conversion.base_metric,
      conversion.conversion_metric,
      blockOf(params.cumulative_type_params).metric,
    ]),
    semanticModels: namesOf(blockOf(params.metric_aggregation_params).semantic_model),
    dependsOn: on.filter((id) => id.startsWith('model.')),
    sql: [
      ...wordsOf(value.expression),
      ...wordsOf(value.sql),
      ...wordsOf(params.expr),
      ...wordsOf(blockOf(params.metric_aggregation_params).expr),
      ...wordsOf(value.timestamp),
      ...wordsOf(value.dimensions),
    ],
  }
}

const unique = (values: readonly unknown[]): string[] => [...new Set(values.flatMap(namesOf))]

const partOf = (value: Block) => ({
  name: shortOf(value.name) ?? '',
  type: shortOf(value.type),
  agg: shortOf(value.agg),
  expr: shortOf(value.expr),
  description: shortOf(value.description),
})

/** A semantic model, by the name of its model. */
export const semanticModelOf = (value: Block): DbtSemanticModel[] => {
  const model = dependsOn(value).find((id) => id.startsWith('model.')) ?? refIn(wordOf(value.model) ?? '')?.name
  const name = shortOf(value.name)
  if (model === undefined || name === undefined) return []
  return [
    {
      name,
      model,
      entities: blocksOf(value.entities).map(partOf),
      dimensions: blocksOf(value.dimensions).map(partOf),
      measures: blocksOf(value.measures).map(partOf),
    },
  ]
}

/** A semantic model and metrics that are written within a model and its columns. */
export const inlineSemantics = (
  model: string,
  entry: Block,
): { readonly model: DbtSemanticModel | undefined; readonly metrics: readonly DbtMetric[] } => {
  const columns = blocksOf(entry.columns)
  const partsOf = (key: 'entity' | 'dimension') =>
    columns.flatMap((column) => {
      const part = column[key]
      const name = wordOf(column.name)
      if (name === undefined || part === undefined || part === null) return []
      const { name: given, type } = isBlock(part) ? part : { name: undefined, type: part }
      return [{ name: shortOf(given) ?? name, type: shortOf(type), expr: name }]
    })
  const declared = entry.semantic_model
  const derived = blockOf(entry.derived_semantics)
  const isDeclared = declared === true || (isBlock(declared) && isOn(declared.enabled ?? true))
  return {
    model: isDeclared
      ? {
          name: shortOf(blockOf(declared).name) ?? model,
          model,
          entities: [...partsOf('entity'), ...blocksOf(derived.entities).map(partOf)],
          dimensions: [...partsOf('dimension'), ...blocksOf(derived.dimensions).map(partOf)],
          measures: [],
        }
      : undefined,
    metrics: blocksOf(entry.metrics).map(metricOf),
  }
}
