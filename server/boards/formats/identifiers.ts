import type { Column } from '../../../contracts/v1/values.ts'
import { type FormatPlace, type FormatValue, formatValue } from './format-value.ts'
import type { ResolvedFormat } from './resolve-format.ts'
import { toNumber, valueKind } from './value-kind.ts'

/** Digits as they are. */
const digits: ResolvedFormat = { kind: 'number', spec: 'd' }

const thing = /(^|[^a-z])(id|year|yr|decade|zip|zipcode|postcode|code|number)$/i
const inCamelCase = /[a-z](Id|Year|Zip|Postcode|Code|Number)$/
/** Words with which it is an amount: of this year, a number of things. */
const amount = /(^|[^a-z])(per|this|last|prior|previous|next|each|by|to|vs|total|avg|average|mean|median|sum|count)[^a-z]+[a-z]+$/i

/** Whether numbers of a column name things, such as years, by its name. */
export const isIdentifier = (name: string): boolean => (thing.test(name) || inCamelCase.test(name)) && !amount.test(name)

/** The format of a column whose numbers name things: they are not grouped, 2026 and not 2,026. Undefined for any other. */
export const identifierFormat = ({ name, type }: Column, values: readonly unknown[]): ResolvedFormat | undefined =>
  valueKind(type) === 'number' && isIdentifier(name) && values.every(isWhole) ? digits : undefined

const isWhole = (value: unknown): boolean => value === null || value === undefined || Number.isInteger(toNumber(value))

/** As `formatValue`, for a column of whose values all are known. */
export const formatColumn = (
  format: ResolvedFormat | undefined,
  column: Column,
  values: readonly unknown[],
  place: FormatPlace,
): FormatValue => formatValue(format ?? identifierFormat(column, values), column.type, place)
