import { type Block, isBlock } from './loose-values.ts'
import { callsIn, type Macros } from './read-macros.ts'
import { forCallers } from './read-properties.ts'
import { type Ref, refsIn, sourcesIn } from './references.ts'
import { renderTemplate, type TemplateScope } from './render-template.ts'
import { traceModel } from './trace-model.ts'

/** What can be read of a model without running dbt. */
export interface ModelText {
  /** Arguments of `config()`, as far as they can be told. */
  readonly config: Block
  /** Why one of them that says where the table is cannot be told. */
  readonly fault?: string | undefined
  readonly refs: readonly Ref[]
  readonly sources: readonly string[]
}

/** Where a text stands. */
export interface TextContext {
  readonly scope: TemplateScope
  readonly macros: Macros
  /** The package that it is of. */
  readonly own: string
}

/** Reads what the text of a model says of itself, in SQL. */
export const readModelText = (text: string, { scope, macros, own }: TextContext): ModelText => {
  const plain = text.replace(/\{#[\s\S]*?#\}/g, ' ')
  const read = textOf(plain, configIn(plain, configCalls.sql, scope), scope)
  if (!needsTrace(plain, read, macros)) return read
  const traced = traceModel(plain, macros, own, scope)
  if (traced === undefined) return read
  const isTold = [...traced.settings.keys()].some((key) => told.test(key))
  const forAll = isTold ? traceModel(plain, macros, own, forCallers(scope))?.settings : undefined
  const settings = [...traced.settings].flatMap(([key, made]) => {
    const shown = told.test(key) ? forAll?.get(key) : made
    return shown === undefined ? [] : [[key, shown] as const]
  })
  const failed = settings.find(([key, made]) => telling.test(key) && 'fault' in made)?.[1]
  return {
    config: Object.fromEntries(settings.flatMap(([key, made]) => ('value' in made ? [[key, plainOf(made.value)]] : []))),
    fault: failed !== undefined && 'fault' in failed ? failed.fault : undefined,
    refs: [...read.refs, ...traced.refs],
    sources: [...read.sources, ...traced.sources],
  }
}

/** As `readModelText`, in Python. */
export const readPythonText = (text: string, scope: TemplateScope): ModelText => {
  const plain = text.replace(/^\s*#.*$/gm, ' ')
  return textOf(plain, configIn(plain, configCalls.python, scope), scope)
}

const textOf = (plain: string, config: Pick<ModelText, 'config' | 'fault'>, scope: TemplateScope): ModelText => {
  // Packages name their sources in vars, so that projects can put others in their place.
  const all = withVars(plain, scope)
  return { ...config, refs: refsIn(all), sources: sourcesIn(all) }
}

/** Whether there is more to know of a model than is written out in it: most say all. */
const needsTrace = (plain: string, { fault, refs, sources }: ModelText, { telling: macros }: Macros): boolean =>
  fault !== undefined ||
  [...plain.matchAll(/\b(?:ref|source)\s*\(/g)].length > refs.length + sources.length ||
  [...plain.matchAll(configCalls.sql)].length > 1 ||
  [...callsIn(plain)].some((name) => macros.has(name))

/** A text with the texts of vars in the place of their calls: names in quotes, and calls of ref() and source() as they are. */
const withVars = (text: string, scope: TemplateScope): string =>
  text.replace(
    /\bvar\(\s*['"]([\w:.-]+)['"]\s*(?:,\s*(?:'([^']*)'|"([^"]*)"))?\s*\)/g,
    (call, name: string, one?: string, two?: string) => {
      const value = scope.vars.get(name) ?? one ?? two
      const rendered = typeof value === 'string' ? renderTemplate(value, scope) : undefined
      const written = rendered !== undefined && 'value' in rendered && typeof rendered.value === 'string' ? rendered.value : undefined
      if (written === undefined) return call
      return /^\s*(?:ref|source)\(/.test(written) ? written : `'${written.replaceAll("'", '')}'`
    },
  )

/** The `{% snapshot %}` blocks of a file, by name. */
export const snapshotsIn = (text: string): [string, string][] =>
  [...text.matchAll(/\{%-?\s*snapshot\s+(\w+)\s*-?%\}([\s\S]*?)(?:\{%-?\s*endsnapshot\b|$)/g)].map(([, name, body]) => [
    name as string,
    body as string,
  ])

const configCalls = { sql: /\{[{%]-?\s*(?:do\s+)?config\s*\(/g, python: /\bdbt\.config\s*\(/g } as const

/** Longest text of the arguments of `config()`, characters. */
const maxConfig = 20_000

const configIn = (text: string, call: RegExp, scope: TemplateScope): Pick<ModelText, 'config' | 'fault'> => {
  const found: Record<string, unknown> = {}
  let fault: string | undefined
  for (const { 0: start, index } of text.matchAll(call)) {
    for (const { key, value } of settingsIn(text.slice(index + start.length, index + start.length + maxConfig))) {
      const rendered = renderTemplate(`{{ ${apart(value)} }}`, told.test(key) ? forCallers(scope) : scope)
      if ('value' in rendered) found[key] = plainOf(rendered.value)
      else if (telling.test(key)) fault ??= rendered.fault
    }
  }
  return { config: found, fault }
}

/** An expression whose maps within maps do not end the template they stand in. */
const apart = (value: string): string =>
  value.replace(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\}(?=\})/g, (part) => (part === '}' ? '} ' : part))

/** Settings that say where a table is, and whether there is one. */
const telling = /^(schema|alias|database|target_schema|target_database|enabled|materialized)$/

/** Settings whose texts callers are shown. */
const told = /^(tags|meta|group|access)$/

const plainOf = (value: unknown): unknown => {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plainOf(item)]))
  return Array.isArray(value) ? value.map(plainOf) : isBlock(value) ? undefined : value
}

interface Setting {
  readonly key: string
  /** As it is written. */
  readonly value: string
}

/** The settings of a call up to the parenthesis that closes it: arguments by name, or the entries of a map. */
const settingsIn = (text: string): Setting[] =>
  partsIn(text).flatMap((part) => {
    const map = /^\s*\{([\s\S]+)\}\s*$/.exec(part)?.[1]
    if (map !== undefined) return partsIn(`${map})`).flatMap((entry) => settingOf(/^\s*(['"])([\w+-]+)\1\s*:([\s\S]+)$/.exec(entry)))
    return settingOf(/^\s*()(\w+)\s*=(?!=)([\s\S]+)$/.exec(part))
  })

const settingOf = (found: RegExpExecArray | null): Setting[] => {
  const [, , key, value] = found ?? []
  return key === undefined || value === undefined || key === '__proto__' ? [] : [{ key: key.replaceAll('-', '_'), value }]
}

/** What stands between the commas, up to the bracket that closes nothing. */
const partsIn = (text: string): string[] => {
  const found: string[] = []
  let depth = 0
  let quote = ''
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (quote !== '') {
      if (char === '\\') at++
      else if (char === quote) quote = ''
    } else if (char === "'" || char === '"') quote = char
    else if ('([{'.includes(char)) depth++
    else if (depth > 0 && ')]}'.includes(char)) depth--
    else if (depth === 0 && (char === ',' || char === ')')) {
      found.push(text.slice(from, at))
      from = at + 1
      if (char === ')') break
    }
  }
  return found
}
