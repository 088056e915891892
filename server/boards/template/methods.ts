import { nearestName } from '../../envelope/nearest-name.ts'
import type { Budget } from './budget.ts'
import { capitalize, titleCase } from './filters.ts'
import { formatFields } from './python-format.ts'
import { Refusal } from './template-fault.ts'
import { type CallArguments, describeValue, isMap, itemsOf, type TemplateValue, textOf } from './value.ts'

type TextMethod = (text: string, args: CallArguments, budget: Budget) => TemplateValue
type MapMethod = (map: ReadonlyMap<string, TemplateValue>, args: CallArguments) => TemplateValue

const textArgument = ({ list }: CallArguments, index: number): string => textOf(list[index] ?? null)

/** Texts or characters at either end; without an argument white space. */
const strip =
  (atStart: boolean, atEnd: boolean): TextMethod =>
  (text, args) => {
    const chars = args.list.length === 0 ? undefined : new Set(textArgument(args, 0))
    const isStripped = (char: string | undefined) => char !== undefined && (chars === undefined ? /\s/.test(char) : chars.has(char))
    let [start, end] = [0, text.length]
    if (atStart) while (start < end && isStripped(text[start])) start++
    if (atEnd) while (end > start && isStripped(text[end - 1])) end--
    return text.slice(start, end)
  }

const replace: TextMethod = (text, args, budget) => {
  const parts = textArgument(args, 0) === '' ? [text] : text.split(textArgument(args, 0))
  budget.produce(text.length + parts.length * textArgument(args, 1).length)
  return parts.join(textArgument(args, 1))
}

const split: TextMethod = (text, args, budget) => {
  const parts = args.list.length === 0 ? text.split(/\s+/).filter((part) => part !== '') : text.split(textArgument(args, 0) || '\u0000')
  budget.list(parts.length)
  return parts
}

/** Methods of Python's texts that boards use. */
const textMethods: ReadonlyMap<string, TextMethod> = new Map<string, TextMethod>([
  ['format', (text, { list, named }, budget) => formatFields(text, list, named, budget)],
  ['upper', (text) => text.toUpperCase()],
  ['lower', (text) => text.toLowerCase()],
  ['title', titleCase],
  ['capitalize', capitalize],
  ['strip', strip(true, true)],
  ['lstrip', strip(true, false)],
  ['rstrip', strip(false, true)],
  ['replace', replace],
  ['split', split],
  ['startswith', (text, args) => text.startsWith(textArgument(args, 0))],
  ['endswith', (text, args) => text.endsWith(textArgument(args, 0))],
  [
    'join',
    (text, { list }, budget) => {
      const items = itemsOf(list[0] ?? null).map(textOf)
      budget.produce(items.reduce((sum, item) => sum + item.length + text.length, 0))
      return items.join(text)
    },
  ],
])

/** Methods of Python's maps that boards use. */
const mapMethods: ReadonlyMap<string, MapMethod> = new Map<string, MapMethod>([
  ['items', (map) => [...map]],
  ['keys', (map) => [...map.keys()]],
  ['values', (map) => [...map.values()]],
  ['get', (map, { list }) => map.get(textOf(list[0] ?? null)) ?? list[1] ?? null],
])

/** Calls a method by name, from a closed list. Throws a refusal when the value has none of that name. */
export const callMethod = (object: TemplateValue, name: string, args: CallArguments, budget: Budget): TemplateValue => {
  if (typeof object === 'string') {
    const method = textMethods.get(name)
    if (method !== undefined) {
      budget.produce(object.length)
      return method(object, args, budget)
    }
  }
  if (isMap(object)) {
    const method = mapMethods.get(name)
    if (method !== undefined) return method(object, args)
  }
  const known = typeof object === 'string' ? textMethods.keys() : isMap(object) ? mapMethods.keys() : []
  const nearest = nearestName(name, known)
  throw new Refusal(`There is no function ${name} of ${describeValue(object)}.`, {
    hint: nearest === undefined ? undefined : `Did you mean ${nearest}?`,
  })
}
