import type { DbtTest } from './graph.ts'
import { type Block, listOf, wordOf, wordsOf } from './loose-values.ts'
import { namedIn } from './references.ts'
import { isTemplate } from './render-template.ts'

/** A generic test with its arguments. */
export const genericTest = (namespace: string | undefined, kind: string, given: Block, column: string | undefined): DbtTest => {
  const name = namespace === undefined || namespace === 'dbt' || kind.includes('.') ? kind : `${namespace}.${kind}`
  const to = kind === 'relationships' ? namedIn(wordOf(given.to) ?? '') : undefined
  const field = wordOf(given.field)
  return {
    kind: name.slice(0, 100),
    ...(column !== undefined && { column }),
    ...(kind === 'accepted_values' && {
      values: listOf(given.values)
        .flatMap((item) => wordOf(item) ?? [])
        .filter((word) => !isTemplate(word)),
    }),
    ...(to !== undefined && field !== undefined && { to: { node: to, column: field } }),
    ...(/unique_combination_of_columns$|expect_compound_columns_to_be_unique$/.test(kind) && {
      columns: wordsOf(given.combination_of_columns ?? given.column_list),
    }),
    ...(wordOf(given.where) !== undefined && { isPartial: true }),
  }
}
