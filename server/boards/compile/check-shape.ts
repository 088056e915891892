import * as z from 'zod'
import { type ChartType, chartTypes } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnosticCode } from '../../../contracts/v1/board/diagnostics.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import { chooseBranch } from '../../yaml/choose-branch.ts'
import { schemaAt, valueAt } from '../../yaml/schema-at.ts'
import { nameOfType, typeOf } from '../../yaml/type-names.ts'
import { otherTools, refusedTypes, typeRecipes, vegaLiteKeys, workOfQueries } from './foreign-words.ts'

/** A fault of a value, before it is known where it was written. */
export interface ShapeFault {
  readonly path: readonly PropertyKey[]
  readonly code: BoardDiagnosticCode
  readonly message: string
  /** What to do; asked for only of what is told, for looking for near names takes its time. */
  readonly fix?: () => string
}

/** Faults of one value that are looked into; each takes its time, and nobody reads more. */
export const maxShapeFaults = 200

/**
 * In what `value` is not what `schema` takes, each told in the words of the member of a union that was meant. What is beyond
 * `maxShapeFaults` is not looked into; of more than these the value has `more` at least.
 */
export const checkShape = (schema: z.ZodType, value: unknown): { readonly faults: readonly ShapeFault[]; readonly more: number } => {
  const found = shapeFaults(schema, value)
  const faults = found.faults.map((fault) => withNearTag(fault, value))
  // What stands beside a mistyped type is checked as if the type had been right.
  const corrections = faults.flatMap(({ code, path }) => {
    const block = path.slice(0, -1)
    const [key, given] = [String(path.at(-1)), valueAt(value, path)]
    const type = nearestType(given)
    if (code === 'UNSUPPORTED_CHART_TYPE' && type !== undefined) return [{ block, key, type }]
    return code === 'UNKNOWN_KEY' && isNearTag(key, valueAt(value, block)) ? [{ block, key, type: type ?? given }] : []
  })
  if (found.more > 0) return { faults, more: found.more }
  if (corrections.length === 0) return { faults: withoutMistyped(faults), more: 0 }
  const corrected = structuredClone(value)
  for (const { block, key, type } of corrections) {
    const target = valueAt(corrected, block) as Record<string, unknown>
    delete target[key]
    target.type = type
  }
  const told = new Set(faults.map(({ path, code }) => JSON.stringify([path, code])))
  const beside = shapeFaults(schema, corrected)
  return {
    faults: withoutMistyped([...faults, ...beside.faults.filter(({ path, code }) => !told.has(JSON.stringify([path, code])))]),
    more: beside.more,
  }
}

/** Whether a key that is not known is a mistyped one, or what other tools call it. */
export const isMeant = (given: string, key: string): boolean =>
  nearestName(given, [key]) === key || otherTools.get(given)?.includes(key) === true

/** A key that is there under a mistyped name is not told to be missing as well. */
const withoutMistyped = (faults: readonly ShapeFault[]): ShapeFault[] => {
  const unknown = Map.groupBy(
    faults.filter(({ code }) => code === 'UNKNOWN_KEY'),
    ({ path }) => JSON.stringify(path.slice(0, -1)),
  )
  return faults.filter(
    ({ code, path }) =>
      code !== 'MISSING_KEY' ||
      unknown.get(JSON.stringify(path.slice(0, -1)))?.some((one) => isMeant(String(one.path.at(-1)), String(path.at(-1)))) !== true,
  )
}

/** Whether a key is what follows a comma in a text without quotes: `{sql: SELECT a, b}` has the key `b`. */
export const isSplitText = (key: string, given: unknown): boolean => given === null && !/^[A-Za-z_][\w-]*$/.test(key)

/** Whether a key is a mistyped `type` of a block that has none. */
const isNearTag = (key: string, block: unknown): boolean =>
  typeof block === 'object' && block !== null && !Object.hasOwn(block, 'type') && nearestName(key, ['type']) === 'type'

/** A missing type is told of the key that was meant to be it, where there is one. */
const withNearTag = (fault: ShapeFault, value: unknown): ShapeFault => {
  if (fault.code !== 'MISSING_KEY' || fault.path.at(-1) !== 'type') return fault
  const block = fault.path.slice(0, -1)
  const given = valueAt(value, block)
  const near = typeof given === 'object' && given !== null ? Object.keys(given).find((key) => isNearTag(key, given)) : undefined
  return near === undefined ? fault : unknownKey([...block, near], near, block.map(String).join('.') || 'The board', ['type'])
}

/** The type of a chart that a word is near to. */
export const nearestType = (given: unknown): ChartType | undefined =>
  typeof given === 'string' ? (nearestName(given, chartTypes) as ChartType | undefined) : undefined

const shapeFaults = (schema: z.ZodType, value: unknown): { readonly faults: readonly ShapeFault[]; readonly more: number } => {
  const issues = schema.safeParse(value).error?.issues ?? []
  const faults: ShapeFault[] = []
  let more = 0
  for (const issue of issues) {
    if (faults.length >= maxShapeFaults) more += countOf(issue)
    else
      for (const one of flatten(issue, [])) {
        const room = maxShapeFaults - faults.length
        more += Math.max(0, countOf(one) - room)
        if (room > 0)
          faults.push(...describe(one.code === 'unrecognized_keys' ? { ...one, keys: one.keys.slice(0, room) } : one, schema, value))
      }
  }
  return { faults, more }
  /** The issues of the members that were meant; `within` is the member that an issue without a path of its own is about. */
  function flatten(issue: z.core.$ZodIssue, before: readonly PropertyKey[], within?: z.ZodType): z.core.$ZodIssue[] {
    const path = [...before, ...issue.path]
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const union = issue.path.length === 0 ? unionOf(within) : undefined
      const at = union ?? schemaOfUnion(schema, value, path)
      const index = at === undefined ? undefined : chooseBranch(at, valueAt(value, path))
      const chosen = index === undefined ? undefined : issue.errors[index]
      if (chosen !== undefined) return chosen.flatMap((inner) => flatten(inner, path, at?.options[index as number] as z.ZodType))
    }
    const meant = issue.code === 'unrecognized_keys' ? otherMember(issue.keys, schemaAt(schema, value, path)) : undefined
    const inner = meant?.safeParse(valueAt(value, path)).error?.issues
    return inner?.flatMap((one) => flatten(one, path, meant)) ?? [{ ...issue, path }]
  }
}

/**
 * The member that was meant, where it is another than the one whose unknown keys are told: the schema library takes the
 * member with the least faults, so that a chart that lacks a key is a board with unknown ones.
 */
const otherMember = (unknown: readonly string[], meant: z.ZodType | undefined): z.ZodType | undefined => {
  const isSame = meant instanceof z.ZodObject && !unknown.some((key) => Object.hasOwn(meant.shape, key))
  return isSame || meant instanceof z.ZodUnion ? undefined : meant
}

/** One issue names all the unknown keys of a block. */
const countOf = (issue: z.core.$ZodIssue): number => (issue.code === 'unrecognized_keys' ? issue.keys.length : 1)

/** The union that stands at a path, not the member chosen. */
const schemaOfUnion = (schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): z.ZodUnion | undefined => {
  const parent = path.length === 0 ? undefined : schemaAt(schema, value, path.slice(0, -1))
  const last = path.at(-1)
  const at: z.ZodType | undefined =
    parent === undefined
      ? schema
      : parent instanceof z.ZodObject
        ? (entryOf(parent.shape, String(last)) as z.ZodType | undefined)
        : parent instanceof z.ZodRecord
          ? (parent.valueType as z.ZodType)
          : parent instanceof z.ZodArray
            ? (parent.element as z.ZodType)
            : undefined
  return unionOf(at)
}

const unionOf = (schema: z.ZodType | undefined): z.ZodUnion | undefined => {
  let at = schema
  while (at instanceof z.ZodOptional || at instanceof z.ZodNullable || at instanceof z.ZodLazy) at = at.unwrap() as z.ZodType
  return at instanceof z.ZodUnion ? at : undefined
}

/** The kinds of values that a schema takes. */
const kindsOf = (schema: z.ZodType | undefined): string[] => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodLazy)
    return kindsOf(schema.unwrap() as z.ZodType)
  if (schema instanceof z.ZodUnion || schema instanceof z.ZodDiscriminatedUnion)
    return schema.options.flatMap((option) => kindsOf(option as z.ZodType))
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return ['object']
  if (schema instanceof z.ZodArray || schema instanceof z.ZodTuple) return ['array']
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return ['string']
  if (schema instanceof z.ZodNumber) return ['number']
  return schema instanceof z.ZodBoolean ? ['boolean'] : []
}

const describe = (issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): ShapeFault[] => {
  const { path } = issue
  const given = valueAt(value, path)
  const name = path.length === 0 ? 'The board' : path.map(String).join('.')
  const about = schemaAt(schema, value, path)?.description ?? schemaOfUnion(schema, value, path)?.description
  const told = (fix: string): string => (about === undefined ? fix : `${fix} ${about}`)
  const fault = (code: BoardDiagnosticCode, message: string, fix: string): ShapeFault[] => [{ path, code, message, fix: () => fix }]
  if (issue.code === 'unrecognized_keys') {
    const target = schemaAt(schema, value, path)
    const known = target instanceof z.ZodObject ? Object.keys(target.shape) : []
    const around = path.at(-1) === 'style' ? schemaAt(schema, value, path.slice(0, -1)) : undefined
    const neighbours = {
      outside: around instanceof z.ZodObject ? Object.keys(around.shape) : [],
      inStyle: target instanceof z.ZodObject ? keysOfStyle(target) : [],
    }
    return issue.keys.map((key) =>
      path.length === 0 && isWrapper(valueAt(value, [key]), known)
        ? wrapperKey(key)
        : unknownKey([...path, key], key, name, known, valueAt(value, [...path, key]), neighbours, Object.keys(given as object)),
    )
  }
  if (issue.code === 'invalid_key')
    return fault(
      'BAD_NAME',
      `"${String(path.at(-1))}" cannot be used as a name.`,
      'Start with a letter or _; go on with letters, digits, _ and -.',
    )
  if (given === undefined && path.length > 0) {
    const key = String(path.at(-1))
    const kinds = kindWords(schemaAt(schema, value, path))
    const choices = key === 'type' ? `Use one of: ${chartTypes.join(', ')}.` : told(`Add "${key}"${kinds === '' ? '' : ` with ${kinds}`}.`)
    return fault('MISSING_KEY', `The key "${key}" is required in ${path.slice(0, -1).map(String).join('.') || 'the board'}.`, choices)
  }
  if (path.at(-1) === 'type' && issue.code === 'invalid_union')
    return typeof given === 'string'
      ? [unknownType(path, given)]
      : fault('WRONG_TYPE', `${name} must be a text, not ${nameOfType(typeOf(given))}.`, `Use one of: ${chartTypes.join(', ')}.`)
  switch (issue.code) {
    case 'invalid_type':
      if (Array.isArray(given) && (path.at(-1) === 'tabs' || path.at(-1) === 'grid'))
        return fault('WRONG_TYPE', `${name} cannot be a list.`, `Write ${String(path.at(-1))}: {items: [...]}.`)
      if (given === null) return fault('WRONG_TYPE', `${name} has no value.`, 'Give it a value, or remove the line.')
      return typeof given === 'number' && !Number.isFinite(given)
        ? fault(
            'WRONG_TYPE',
            `${name} is ${given}, which is no number.`,
            'Write a number; null stands for a value that is missing in rows.',
          )
        : fault(
            'WRONG_TYPE',
            `${name} must be ${nameOfType(issue.expected)}, not ${nameOfType(typeOf(given))}.`,
            told(`Write ${nameOfType(issue.expected)}.`),
          )
    case 'invalid_union': {
      if (Array.isArray(given) && layoutKeys.has(path.at(-2)))
        return fault(
          'WRONG_TYPE',
          `${name} cannot be a list.`,
          'Write {cols: [...]} for charts side by side, {rows: [...]} for charts below each other.',
        )
      const kinds = kindWords(schemaOfUnion(schema, value, path))
      return fault('WRONG_TYPE', `${name} cannot be ${nameOfType(typeOf(given))}.`, told(kinds === '' ? 'Remove it.' : `Write ${kinds}.`))
    }
    case 'invalid_value': {
      const options = issue.values.map(String)
      const near = typeof given === 'string' ? nearestName(given, options) : undefined
      return fault(
        'WRONG_VALUE',
        `${name} has a value that is not known: ${JSON.stringify(given)?.slice(0, 60)}.`,
        `${near === undefined ? '' : `Did you mean "${near}"? `}Use one of: ${options.join(', ')}.`,
      )
    }
    case 'too_small':
      return isNumeric(issue.origin)
        ? fault('WRONG_VALUE', `${name} must be at least ${issue.minimum}.`, told(`Write ${issue.minimum} or more.`))
        : fault('WRONG_VALUE', `${name} must not be empty.`, told('Write something in it, or remove the key.'))
    case 'too_big':
      return isNumeric(issue.origin)
        ? fault('WRONG_VALUE', `${name} must be at most ${issue.maximum}.`, told(`Write ${issue.maximum} or less.`))
        : fault(
            'WRONG_VALUE',
            `${name} must have at most ${issue.maximum} ${issue.origin === 'string' ? 'characters' : 'entries'}.`,
            'Shorten it.',
          )
    case 'invalid_format':
      return fault(
        'WRONG_VALUE',
        `${name} does not have the form it must have.`,
        about ?? `It must match ${issue.pattern ?? issue.format}.`,
      )
    default:
      return fault('WRONG_VALUE', `${name} does not have the form it must have.`, told('Write it as the reference of the language has it.'))
  }
}

const isNumeric = (origin: string): boolean => origin === 'number' || origin === 'int'

const kindWords = (schema: z.ZodType | undefined): string => [...new Set(kindsOf(schema).map(nameOfType))].join(' or ')

/** Whether a block holds what belongs to the root: most of its keys are keys of the root. */
const isWrapper = (given: unknown, known: readonly string[]): boolean => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
  const keys = Object.keys(given)
  return keys.length > 0 && keys.filter((key) => known.includes(key)).length * 2 > keys.length
}

const wrapperKey = (key: string): ShapeFault => ({
  path: [key],
  code: 'UNKNOWN_KEY',
  message: `The whole board stands under "${key}".`,
  fix: () => `Remove the line ${key}: and move what is under it to the left, so that title, charts and rows begin their lines.`,
})

const layoutKeys: ReadonlySet<unknown> = new Set(['rows', 'cols', 'items'])

/** The keys of the style of a block. */
const keysOfStyle = ({ shape }: z.ZodObject): readonly string[] => {
  const style = Object.hasOwn(shape, 'style') ? (shape.style as z.ZodType) : undefined
  const block = style instanceof z.ZodOptional ? style.unwrap() : style
  return block instanceof z.ZodObject ? Object.keys(block.shape) : []
}

/** Keys that a key may have been meant to stand among. */
interface Neighbours {
  readonly outside: readonly string[]
  readonly inStyle: readonly string[]
}

/** What to do about a key that is known, but not here; undefined when it is not. */
const moveKey = (key: string, known: readonly string[], given: unknown, { outside, inStyle }: Neighbours): string | undefined => {
  if (outside.includes(key)) return `Write ${key} beside style, not in it.`
  const styled = [key, ...(known.includes('style') ? (otherTools.get(key) ?? []) : [])].find((name) => inStyle.includes(name))
  if (styled !== undefined && !otherTools.get(key)?.some((name) => name !== 'style' && known.includes(name)))
    return `Write it in style: {${styled}: ...}.`
  if (key === 'columns' && known.includes('rows') && known.includes('ignore'))
    return 'With columns, write the rows as lists under values; or leave columns out, and write each row as a block.'
  if (workOfQueries.has(key) && known.includes('query') && known.includes('subtitle'))
    return 'Write it in the SQL of its query: a chart shows all rows as they come.'
  if (key !== 'chart' || typeof given !== 'string') return undefined
  if (known.includes('item')) return `Write item: ${given}.`
  return known.includes('rows') ? `Write the name of the chart alone: - ${given}` : undefined
}

const unknownKey = (
  path: readonly PropertyKey[],
  key: string,
  block: string,
  known: readonly string[],
  given?: unknown,
  neighbours: Neighbours = { outside: [], inStyle: [] },
  beside: readonly string[] = [],
): ShapeFault => {
  if (isSplitText(key, given))
    return {
      path,
      code: 'UNKNOWN_KEY',
      message: `"${key}" is no key: between { and } a comma ends the text before it.`,
      fix: () => 'Put the whole text in quotes, or write it below its key after |.',
    }
  const inChart = known.includes('query') && known.includes('subtitle')
  if (inChart && vegaLiteKeys.has(key))
    return {
      path,
      code: 'RAW_VEGA_LITE',
      message: `"${key}" in ${block} is a key of Vega-Lite.`,
      fix: () => 'Use x, y, color, layers, multiples and style.',
    }
  return {
    path,
    code: 'UNKNOWN_KEY',
    message: `Unknown key "${key}" in ${block === 'The board' ? 'the board' : block}.`,
    fix() {
      const move = moveKey(key, known, given, neighbours)
      if (move !== undefined) return move
      const others = otherTools.get(key)?.filter((name) => known.includes(name)) ?? []
      const near = others.find((name) => !beside.includes(name)) ?? others[0] ?? nearestName(key, known)
      return `${near === undefined ? '' : `Did you mean "${near}"? `}Known keys: ${known.join(', ')}.`
    },
  }
}

const unknownType = (path: readonly PropertyKey[], given: string): ShapeFault => {
  const wanted = given.toLowerCase().replace(/[\s-]+/g, '_')
  const recipe = typeRecipes.get(wanted)
  const refused = refusedTypes.has(wanted)
  const near = nearestName(wanted, chartTypes)
  return {
    path,
    code: 'UNSUPPORTED_CHART_TYPE',
    message: refused ? `Charts of type "${given}" are not drawn.` : `"${given}" is no type of chart.`,
    fix: () =>
      recipe ??
      (refused
        ? 'Show the same figures as a bar chart or a table.'
        : `${near === undefined ? '' : `Did you mean "${near}"? `}Use one of: ${chartTypes.join(', ')}.`),
  }
}
