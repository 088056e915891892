import { readFile } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import type { DbtPackage, DbtPackages } from './list-packages.ts'
import type { DbtProjectFile } from './project-file.ts'

/** A macro of a project or of one of its packages. */
export interface Macro {
  readonly name: string
  readonly package: string
  /** Its file, from the folder of the root project. */
  readonly place: string
  readonly parameters: readonly { readonly name: string; readonly fallback: string | undefined }[]
  readonly body: string
}

const maxBytes = 256 * 1024

/** The macros of a project and its packages, found as dbt finds them. */
export class Macros {
  readonly #root: DbtProjectFile
  readonly #byPackage: ReadonlyMap<string, ReadonlyMap<string, Macro>>
  #telling: ReadonlySet<string> | undefined

  constructor(root: DbtProjectFile, byPackage: ReadonlyMap<string, ReadonlyMap<string, Macro>>) {
    this.#root = root
    this.#byPackage = byPackage
  }

  get packages(): readonly string[] {
    return [...this.#byPackage.keys()]
  }

  /** Names of macros that read tables or say settings, themselves or by others that they call; as `asExpressions` leaves them. */
  get telling(): ReadonlySet<string> {
    this.#telling ??= tellingOf([...this.#byPackage.values()].flatMap((macros) => [...macros.values()]))
    return this.#telling
  }

  /** As `package.name`. */
  of(name: string, from: string): Macro | undefined {
    return this.#byPackage.get(from)?.get(name)
  }

  /** As a template of a package calls it by its name alone: its own before those of the project. */
  named(name: string, own: string): Macro | undefined {
    return this.of(name, own) ?? this.of(name, this.#root.name)
  }

  /** As `adapter.dispatch(name, namespace)`: `dispatch` of the project says where to look, in which order. */
  dispatched(name: string, namespace: string | undefined, own: string, adapter: string): Macro | undefined {
    const places = namespace === undefined ? [own, this.#root.name] : (this.#root.dispatch.get(namespace) ?? [this.#root.name, namespace])
    return places.flatMap((place) => [adapter, 'default'].flatMap((prefix) => this.of(`${prefix}__${name}`, place) ?? []))[0]
  }

  /** The macro that dbt asks for the name of a node: that of its package alone, else that of the project, else that of all. */
  rule(name: string, own: string, adapter: string): Macro | undefined {
    return this.of(name, own) ?? this.of(name, this.#root.name) ?? this.dispatched(name, 'dbt', own, adapter)
  }
}

/** Every word before a parenthesis. */
export const callsIn = (text: string): Set<string> => new Set([...text.matchAll(/\b(\w+)\s*\(/g)].map(([, word]) => word as string))

/** Found backwards from those that read tables themselves; of a name that several have, one is enough. */
const tellingOf = (macros: readonly Macro[]): ReadonlySet<string> => {
  const callers = new Map<string, string[]>()
  for (const { name, body } of macros)
    for (const word of callsIn(body)) {
      const called = dispatchIn(word)?.name ?? word
      callers.set(called, [...(callers.get(called) ?? []), name.replace(/^[a-z0-9]+__/, ''), name])
    }
  const found = new Set<string>()
  const open = ['ref', 'source', 'config']
  for (let name = open.pop(); name !== undefined; name = open.pop())
    for (const caller of callers.get(name) ?? [])
      if (!found.has(caller)) {
        found.add(caller)
        open.push(caller)
      }
  return found
}

/** The macros of a project and its packages. */
export const readMacros = async (packages: DbtPackages): Promise<Macros> => {
  const read = packages.map(async (one) => [one.file.name, await macrosOf(one)] as const)
  return new Macros(packages[0].file, new Map(await Promise.all(read)))
}

/** By name; the first of a name holds. */
const macrosOf = async ({ file, files }: DbtPackage): Promise<ReadonlyMap<string, Macro>> => {
  const folders = file.macroPaths.map((path) => `${resolve(file.dir, path)}${sep}`)
  const found = new Map<string, Macro>()
  for (const { path, size, place } of files) {
    if (!/\.sql$/i.test(path) || !folders.some((folder) => path.startsWith(folder))) continue
    const text = size > maxBytes ? '' : await readFile(path, 'utf8').catch(() => '')
    for (const macro of macrosIn(text)) if (!found.has(macro.name)) found.set(macro.name, { ...macro, package: file.name, place })
  }
  return found
}

const macrosIn = (text: string): Omit<Macro, 'place' | 'package'>[] => {
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
export const asExpressions = (body: string): string =>
  body
    .replace(/\{%(-?)\s*do\s+([\s\S]+?)(-?)%\}/g, '{%$1 set done = $2 $3%}')
    .replace(
      /\badapter\.dispatch\(\s*(?:macro_name\s*=\s*)?['"](\w+)['"]\s*(?:,\s*(?:macro_namespace\s*=\s*)?(?:['"](\w+)['"])?[^()]*)?\)\s*\(/g,
      (_call, name: string, namespace = '') => `dispatched__${name}__of__${namespace}(`,
    )
    .replace(/\bdbt\.(?:default__)?(generate_\w+)\s*\(/g, 'dbt__$1(')

/** What `asExpressions` has made of a call by way of the adapter. */
export const dispatchIn = (word: string): { readonly name: string; readonly namespace: string | undefined } | undefined => {
  const [, name, namespace] = /^dispatched__(\w+?)__of__(\w*)$/.exec(word) ?? []
  return name === undefined ? undefined : { name, namespace: namespace === '' ? undefined : namespace }
}
