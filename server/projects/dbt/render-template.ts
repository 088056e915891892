import { Budget } from '../../boards/template/budget.ts'
import { evaluate } from '../../boards/template/evaluate.ts'
import type { Filter } from '../../boards/template/filters.ts'
import { parseTemplate } from '../../boards/template/parse-template.ts'
import { standardFunctions } from '../../boards/template/standard-functions.ts'
import type { TemplatePart } from '../../boards/template/syntax.ts'
import { Refusal, TemplateFault } from '../../boards/template/template-fault.ts'
import { isMap, TemplateFunction, type TemplateValue, textOf } from '../../boards/template/value.ts'

/** What templates in the files of a dbt project can name. */
export interface TemplateScope {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Of `vars:`, those of the package before those of all. */
  readonly vars: ReadonlyMap<string, TemplateValue>
  /** `target`, without its secrets. */
  readonly target: ReadonlyMap<string, TemplateValue>
  /** The text of a `{% docs %}` block, by its name and its package where that is written. */
  readonly doc?: (name: string, of?: string) => string | undefined
  /** What a macro is given, and what it may call. */
  readonly names?: ReadonlyMap<string, TemplateValue>
  readonly functions?: readonly (readonly [string, TemplateFunction])[]
}

/** As `TemplateScope`; profiles are there before their target. */
type EarlyScope = Omit<TemplateScope, 'target'> & Partial<Pick<TemplateScope, 'target'>>

/** A value that a template came to; or why there is none, in words that hold no value of a variable. */
export type Rendered =
  | { readonly value: TemplateValue }
  /** `missing` names the environment variables that are not set. */
  | { readonly fault: string; readonly missing: readonly string[] }

/** The filters that dbt has for the types of settings; `true`, `5432` and the like are read from texts. */
const toNative: Filter = (value) => {
  if (typeof value !== 'string') return value
  const text = value.trim()
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  if (/^(none|null)$/i.test(text)) return null
  return /^[+-]?\d+(\.\d+)?$/.test(text) && Number.isFinite(Number(text)) ? Number(text) : value
}
const dbtFilters: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['as_native', toNative],
  ['as_number', toNative],
  ['as_bool', toNative],
  ['as_text', (value) => textOf(value)],
])

/** What `return()` of a macro ends it with. */
class Returned extends Error {
  readonly value: TemplateValue
  constructor(value: TemplateValue) {
    super('A macro has returned.')
    this.value = value
  }
}

/** Whether a text holds anything to render. */
export const isTemplate = (text: string): boolean => /\{[{%#]/.test(text)

/** Renders a text as dbt does its YAML: what is one expression alone keeps its type. Never throws. */
export const renderTemplate = (text: string, scope: EarlyScope): Rendered => {
  if (!isTemplate(text)) return { value: text }
  try {
    return renderParts(parseTemplate({ text }), scope)
  } catch (error) {
    if (!(error instanceof TemplateFault || error instanceof Refusal)) throw error
    return { fault: error.message, missing: [] }
  }
}

/** As `renderTemplate`, of parts that are read already. */
export const renderParts = (parts: readonly TemplatePart[], scope: EarlyScope): Rendered => {
  const missing: string[] = []
  const values: TemplateValue[] = []
  const written: string[] = []
  const budget = new Budget()
  try {
    evaluate(parts, {
      template: { text: '' },
      names: new Map<string, TemplateValue>([
        ...(scope.target === undefined ? [] : ([['target', scope.target]] as const)),
        ['execute', false],
        ...(scope.names ?? []),
      ]),
      functions: new Map([...standardFunctions(budget), ...dbtFunctions(scope, missing), ...(scope.functions ?? [])]),
      filters: dbtFilters,
      budget,
      output: {
        text: (part) => void written.push(part),
        value(value) {
          values.push(value)
          // A map has no text, but may be the whole value.
          written.push(isMap(value) ? '' : textOf(value))
        },
      },
      captures: true,
      isSql: false,
    })
    if (missing.length > 0) return { fault: `The environment variable ${missing.join(', ')} is not set.`, missing }
    const [only] = values
    const whole = written.join('')
    const isAlone = values.length === 1 && only !== undefined && whole.trim() === (isMap(only) ? '' : textOf(only).trim())
    if (!isAlone && values.some(isMap)) return { fault: 'There is no text of a map.', missing: [] }
    return { value: isAlone ? only : whole }
  } catch (error) {
    if (error instanceof Returned) return { value: error.value }
    if (!(error instanceof TemplateFault || error instanceof Refusal)) throw error
    return missing.length > 0
      ? { fault: `The environment variable ${missing.join(', ')} is not set.`, missing }
      : // What a number is wanted of may be the value of a variable.
        { fault: error.code === 'BAD_VARIABLE_VALUE' ? 'A filter takes a number, and there is none.' : error.message, missing: [] }
  }
}

const endWith = (value: TemplateValue): never => {
  throw new Returned(value)
}

const dbtFunctions = ({ env, vars, doc }: EarlyScope, missing: string[]): [string, TemplateFunction][] => {
  const named = (name: string, call: (word: string, fallback: TemplateValue | undefined) => TemplateValue): [string, TemplateFunction] => [
    name,
    new TemplateFunction(name, ({ list, named: given }) => call(textOf(list[0] ?? null), list[1] ?? given.get('default'))),
  ]
  const asWritten = (name: string): [string, TemplateFunction] => [
    name,
    new TemplateFunction(name, ({ list }) => `${name}(${list.map((item) => `'${textOf(item)}'`).join(', ')})`),
  ]
  return [
    named('env_var', (name, fallback) => {
      const value = Object.hasOwn(env, name) ? env[name] : undefined
      if (value !== undefined) return value
      if (fallback !== undefined) return fallback
      missing.push(name)
      return ''
    }),
    named('var', (name, fallback) => {
      const value = vars.get(name) ?? fallback
      if (value === undefined) throw new Refusal(`There is no var ${name}.`)
      return value
    }),
    named('doc', (first, second) => {
      const text = typeof second === 'string' ? doc?.(second, first) : doc?.(first)
      if (text === undefined) throw new Refusal(`There is no docs block ${typeof second === 'string' ? second : first}.`)
      return text
    }),
    ['return', new TemplateFunction('return', ({ list: [value = null] }) => endWith(value))],
    ['log', new TemplateFunction('log', () => '')],
    asWritten('ref'),
    asWritten('source'),
  ]
}

/** A value of YAML as templates see it. */
export const templateValueOf = (value: unknown): TemplateValue => {
  if (Array.isArray(value)) return value.map(templateValueOf)
  if (typeof value === 'object' && value !== null) return new Map(Object.entries(value).map(([key, item]) => [key, templateValueOf(item)]))
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}
