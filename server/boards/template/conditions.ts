import { Refusal } from './template-fault.ts'
import { compareValues, isEqual, isList, isMap, itemsOf, numberOf, type TemplateValue, textOf } from './value.ts'

type Condition = (value: TemplateValue, args: readonly TemplateValue[]) => boolean

const first = ([argument]: readonly TemplateValue[]): TemplateValue => {
  if (argument === undefined) throw new Refusal('The test takes a value.')
  return argument
}

const isDefined: Condition = (value) => value !== null
const equals: Condition = (value, args) => isEqual(value, first(args))

/** What may follow `is`. A variable that is not set is null, and counts as not defined. */
export const conditions: ReadonlyMap<string, Condition> = new Map<string, Condition>([
  ['defined', isDefined],
  ['undefined', (value) => value === null],
  ['none', (value) => value === null],
  ['true', (value) => value === true],
  ['false', (value) => value === false],
  ['boolean', (value) => typeof value === 'boolean'],
  ['string', (value) => typeof value === 'string'],
  ['number', (value) => typeof value === 'number'],
  ['integer', (value) => Number.isInteger(value)],
  ['float', (value) => typeof value === 'number' && !Number.isInteger(value)],
  ['sequence', isList],
  ['iterable', (value) => isList(value) || isMap(value) || typeof value === 'string'],
  ['mapping', isMap],
  ['odd', (value) => Math.abs(numberOf(value, 'odd') % 2) === 1],
  ['even', (value) => numberOf(value, 'even') % 2 === 0],
  ['divisibleby', (value, args) => numberOf(value, 'divisibleby') % numberOf(first(args), 'divisibleby') === 0],
  ['equalto', equals],
  ['eq', equals],
  ['sameas', equals],
  ['ne', (value, args) => !equals(value, args)],
  ['lt', (value, args) => compareValues(value, first(args)) < 0],
  ['le', (value, args) => compareValues(value, first(args)) <= 0],
  ['gt', (value, args) => compareValues(value, first(args)) > 0],
  ['ge', (value, args) => compareValues(value, first(args)) >= 0],
  ['greaterthan', (value, args) => compareValues(value, first(args)) > 0],
  ['lessthan', (value, args) => compareValues(value, first(args)) < 0],
  ['in', (value, args) => itemsOf(first(args)).some((item) => isEqual(item, value))],
  ['lower', (value) => textOf(value) === textOf(value).toLowerCase()],
  ['upper', (value) => textOf(value) === textOf(value).toUpperCase()],
])
