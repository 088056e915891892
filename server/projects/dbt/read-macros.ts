import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { Refusal } from '../../boards/template/template-fault.ts'
import { type CallArguments, TemplateFunction, type TemplateValue } from '../../boards/template/value.ts'
import { listFiles } from './list-files.ts'
import type { DbtProjectFile } from './project-file.ts'
import { type Rendered, renderTemplate, type TemplateScope } from './render-template.ts'

/** A macro of a project. */
export interface Macro {
  readonly name: string
  /** Its file, from the folder of the project. */
  readonly place: string
  readonly parameters: readonly { readonly name: string; readonly fallback: string | undefined }[]
  readonly body: string
}

export type Macros = ReadonlyMap<string, Macro>

const maxBytes = 256 * 1024
/** Macros that call each other. */
const maxDepth = 10

/** The macros of a project by name; the first of a name holds. */
export const readMacros = async ({ dir, macroPaths }: DbtProjectFile): Promise<Macros> => {
  const files = (await Promise.all(macroPaths.map((path) => listFiles(resolve(dir, path), /\.sql$/i)))).flat()
  const found = new Map<string, Macro>()
  for (const { path, size } of files) {
    const text = size > maxBytes ? '' : await readFile(path, 'utf8').catch(() => '')
    for (const macro of macrosIn(text)) if (!found.has(macro.name)) found.set(macro.name, { ...macro, place: relative(dir, path) })
  }
  return found
}

const macrosIn = (text: string): Omit<Macro, 'place'>[] => {
  const plain = text.replace(/\{#[\s\S]*?#\}/g, '')
  const blocks = plain.matchAll(/\{%-?\s*macro\s+(\w+)\s*\(([^)]*)\)\s*-?%\}([\s\S]*?)\{%-?\s*endmacro\s*-?%\}/g)
  return [...blocks].map(([, name = '', parameters = '', body = '']) => ({
    name,
    parameters: parameters
      .split(',')
      .map((one) => /^\s*(\w+)(?:\s*=\s*([\s\S]+?))?\s*$/.exec(one))
      .flatMap((one) => (one?.[1] === undefined ? [] : [{ name: one[1], fallback: one[2] }])),
    body: asExpressions(body),
  }))
}

/** Statements as templates have them: `do`, and calls by way of the adapter or of dbt. */
const asExpressions = (body: string): string =>
  body
    .replace(/\{%(-?)\s*do\s+([\s\S]+?)(-?)%\}/g, '{%$1 set done = $2 $3%}')
    .replace(/\badapter\.dispatch\(\s*['"](\w+)['"][^()]*\)\s*\(/g, 'dispatched__$1(')
    .replace(/\bdbt\.(?:default__)?(generate_\w+)\s*\(/g, 'dbt__$1(')

/**
 * Runs a macro, which may call others of the project.
 * @param own functions of dbt: `dbt__name` stands for `dbt.name`, and holds for `default__name` where the project has none.
 */
export const runMacro = (
  macros: Macros,
  macro: Macro,
  given: readonly TemplateValue[],
  scope: TemplateScope,
  own: readonly TemplateFunction[],
): Rendered => {
  const adapter = String(scope.target.get('type') ?? '')
  const run = ({ parameters, body }: Macro, { list, named }: Pick<CallArguments, 'list' | 'named'>, depth: number): Rendered => {
    if (depth > maxDepth) return { fault: 'Its macros call each other without an end.', missing: [] }
    const fallbackOf = (fallback: string | undefined): TemplateValue => {
      const rendered: Rendered = fallback === undefined ? { value: null } : renderTemplate(`{{ ${fallback} }}`, scope)
      return 'value' in rendered ? rendered.value : null
    }
    const names = parameters.map(({ name, fallback }, index) => [name, list[index] ?? named.get(name) ?? fallbackOf(fallback)] as const)
    const callOf = (name: string): TemplateFunction | undefined => {
      const other = macros.get(name)
      if (other === undefined) return own.find((one) => one.name === name)
      return new TemplateFunction(name, (args) => {
        const made = run(other, args, depth + 1)
        if ('fault' in made) throw new Refusal(made.fault)
        return made.value
      })
    }
    const called = new Set([...body.matchAll(/\b(\w+)\s*\(/g)].map(([, word]) => word as string))
    const functions = [...called].flatMap((word): [string, TemplateFunction][] => {
      const name = /^dispatched__(\w+)$/.exec(word)?.[1]
      const meant = name === undefined ? [word] : [`${adapter}__${name}`, `default__${name}`, `dbt__${name}`]
      const call = meant.map(callOf).find((one) => one !== undefined)
      return call === undefined ? [] : [[word, call]]
    })
    return renderTemplate(body, { ...scope, names: new Map(names), functions })
  }
  return run(macro, { list: given, named: new Map() }, 0)
}
