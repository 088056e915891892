import { type Block, isBlock } from './loose-values.ts'
import { type Ref, refsIn, sourcesIn } from './references.ts'
import { renderTemplate, type TemplateScope } from './render-template.ts'

/** What can be read of the SQL of a model without running dbt. */
export interface ModelText {
  /** Arguments of `config()`, as far as they can be told. */
  readonly config: Block
  readonly refs: readonly Ref[]
  readonly sources: readonly string[]
  /** Names of `{% snapshot %}` blocks. */
  readonly snapshots: readonly string[]
}

/** Reads what the text of a model says of itself. */
export const readModelText = (text: string, scope: TemplateScope): ModelText => {
  const plain = text.replace(/\{#[\s\S]*?#\}/g, ' ')
  // Packages name their sources in vars, so that projects can put others in their place.
  const named = [...plain.matchAll(/\bvar\(\s*['"]([\w:.-]+)['"]/g)].map(([, name]) => scope.vars.get(name as string))
  const all = [plain, ...named.filter((value) => typeof value === 'string')].join('\n')
  return {
    config: configIn(plain, scope),
    refs: refsIn(all),
    sources: sourcesIn(all),
    snapshots: [...plain.matchAll(/\{%-?\s*snapshot\s+(\w+)/g)].map(([, name]) => name as string),
  }
}

/** Longest text of the arguments of `config()`, characters. */
const maxConfig = 20_000

const configIn = (text: string, scope: TemplateScope): Block => {
  const found: Record<string, unknown> = {}
  for (const { 0: start, index } of text.matchAll(/\{[{%]-?\s*(?:do\s+)?config\s*\(/g)) {
    for (const { key, value } of argumentsIn(text.slice(index + start.length, index + start.length + maxConfig))) {
      const rendered = renderTemplate(`{{ ${value} }}`, scope)
      if ('value' in rendered) found[key] = plainOf(rendered.value)
    }
  }
  return found
}

const plainOf = (value: unknown): unknown => {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plainOf(item)]))
  return Array.isArray(value) ? value.map(plainOf) : isBlock(value) ? undefined : value
}

/** Arguments by name up to the parenthesis that closes the call. */
const argumentsIn = (text: string): { key: string; value: string }[] => {
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
  return found.flatMap((part) => {
    const [, key, value] = /^\s*(\w+)\s*=(?!=)([\s\S]+)$/.exec(part) ?? []
    return key === undefined || value === undefined || key === '__proto__' ? [] : [{ key, value }]
  })
}
