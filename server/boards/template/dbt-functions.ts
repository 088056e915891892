import { nearestName } from '../../envelope/nearest-name.ts'
import { SqlDraft, SqlFragment } from './sql-draft.ts'
import { Refusal, type TemplateText } from './template-fault.ts'
import { type CallArguments, Namespace, TemplateFunction, type TemplateValue } from './value.ts'

/** Arguments of a macro of dbt: SQL that is written in the template, or what another such function has made. */
type Pieces = readonly (string | SqlFragment)[]

const parts = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']

/** The macros of dbt and its packages that boards use, by package. Their arguments are SQL that the template holds, as in dbt. */
export const dbtNamespaces = (template: TemplateText): [string, Namespace][] => {
  const macro = (name: string, make: (args: CallArguments) => Pieces): [string, TemplateFunction] => [
    name.slice(name.indexOf('.') + 1),
    new TemplateFunction(name, (args) => {
      const origin = { template, at: args.at }
      const draft = new SqlDraft()
      for (const piece of make(args)) {
        if (typeof piece === 'string') draft.addText(piece, origin, false)
        else draft.addValue(piece, origin)
      }
      return new SqlFragment(`${name}()`, draft)
    }),
  ]
  const sqlOf = (name: string, { list, isWritten, at }: CallArguments, index: number): SqlFragment => {
    const value = list[index]
    if (value instanceof SqlFragment) return value
    if (typeof value === 'string' && isWritten[index] === true)
      return new SqlFragment(`${name}()`, new SqlDraft().addText(value, { template, at }, false))
    throw new Refusal(`${name}() takes SQL that is written in the template.`, { code: 'TEMPLATE_POSITION' })
  }
  const wordOf = (name: string, { list, isWritten }: CallArguments, index: number, known: readonly string[]): string => {
    const value = list[index]
    if (isWritten[index] === true && typeof value === 'string' && known.includes(value.toLowerCase())) return value.toLowerCase()
    throw new Refusal(`${name}() takes one of ${known.join(', ')}.`)
  }
  const dateTrunc = macro('dbt.date_trunc', (args) => [
    `date_trunc('${wordOf('dbt.date_trunc', args, 0, parts)}', `,
    sqlOf('dbt.date_trunc', args, 1),
    ')',
  ])
  const safeDivide = macro('dbt_utils.safe_divide', (args) => [
    '((',
    sqlOf('dbt_utils.safe_divide', args, 0),
    ') / nullif((',
    sqlOf('dbt_utils.safe_divide', args, 1),
    '), 0))',
  ])
  const percentile = macro('fivetran_utils.percentile', (args) => [
    'percentile_cont(',
    sqlOf('fivetran_utils.percentile', args, 2),
    ') WITHIN GROUP (ORDER BY ',
    sqlOf('fivetran_utils.percentile', args, 0),
    ')',
  ])
  return [
    ['dbt', namespaceOf('dbt', [dateTrunc])],
    ['dbt_utils', namespaceOf('dbt_utils', [safeDivide])],
    ['fivetran_utils', namespaceOf('fivetran_utils', [percentile])],
  ]
}

/** A namespace of what is known now. */
export const namespaceOf = (name: string, members: readonly (readonly [string, TemplateValue])[]): Namespace => {
  const known = new Map(members)
  return new Namespace(name, (member) => {
    const value = known.get(member)
    if (value !== undefined) return value
    const nearest = nearestName(member, known.keys())
    throw new Refusal(`${name} has no ${member}.`, { hint: nearest === undefined ? undefined : `Did you mean ${nearest}?` })
  })
}
