import { boardSchema } from '../../../contracts/v1/board/board.ts'
import type { BoardDiagnostic, BoardDiagnosticCode } from '../../../contracts/v1/board/diagnostics.ts'
import type { CacheSetting } from '../../../contracts/v1/board/queries.ts'
import type { BoardStyle } from '../../../contracts/v1/board/style.ts'
import { type Variable, variableSchema } from '../../../contracts/v1/board/variables.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import type { CompiledBoard, CompiledChart, CompiledQuery, CompiledVariable, GroupNode, Locate, Place } from '../compiled-board.ts'
import { defaultTheme } from '../themes.ts'
import { checkContrast } from './check-contrast.ts'
import { checkTemplates } from './check-templates.ts'
import { checkValues, type WrittenPart } from './check-values.ts'
import { checkVariable } from './check-variables.ts'
import { compileGroup } from './compile-layout.ts'
import { diagnostic } from './diagnostic.ts'
import { inherit, type ReadText, readReferred } from './inherit.ts'
import { wordsOf } from './keep-sound.ts'
import { isBlock, mergeBlocks } from './merge-boards.ts'
import { readBoard } from './read-board.ts'

export type Block = Readonly<Record<string, unknown>>

export interface CompileOptions {
  readonly read: ReadText
  /** Names of the sources that the project has. */
  readonly sources: readonly string[]
}

/** What is found on the way through a board. */
export interface Compiling extends CompileOptions {
  /** The board that is compiled. */
  readonly path: string
  readonly variables: Map<string, CompiledVariable>
  readonly queries: Map<string, CompiledQuery>
  readonly charts: Map<string, CompiledChart>
  /** How long the rows of queries are kept that do not say so: the nearest of the boards around. */
  readonly cache?: CacheSetting
  /** What to do about a name that is not there: the nearest that is, which is not told to be unused. */
  suggest(name: string, known: Iterable<string>): string | undefined
  /** Charts and styles as they are written, for checks of their values. */
  readonly written: WrittenPart[]
  /** The ids that charts are given, and the names of those that are written in one list of a layout. */
  readonly named: Set<string>
  /** Ids of the charts that stand in a layout. */
  readonly placed: Set<string>
  placeOf(path: readonly PropertyKey[]): Place
  /** Whether something was written at a path, accepted or not. */
  isWritten(path: readonly PropertyKey[]): boolean
  /** The entries of a block that the schema refused, by name, and what was written of each. */
  refusedIn(path: readonly PropertyKey[]): ReadonlyMap<string, unknown>
  /** Whether blocks or lists were refused of the keys of a group: what they hold may be what it seems to lack. */
  hasRefused(path: readonly PropertyKey[]): boolean
  /** Words of all that was refused: what they name may be used there. */
  readonly mentioned: Set<string>
  /** Words of blocks and lists that were refused: what they name may be declared there. */
  readonly declared: ReadonlySet<string>
  /** Where the texts of what is written at a path stand. */
  locatorOf(path: readonly PropertyKey[]): Locate
  report(
    code: BoardDiagnosticCode,
    path: readonly PropertyKey[],
    message: string,
    fix?: string,
    about?: { chart?: string; query?: string },
  ): BoardDiagnostic
}

/** Names that near ones are looked for; nobody reads more of them, and each is compared with all that there are. */
const maxSuggestions = 200

/**
 * Compiles the text of a board, with no database touched: reads it, brings older grammar up, puts it over what it inherits
 * from, and resolves its names. Never throws for what the text says: every fault is a diagnostic, and what is not about it
 * still compiles.
 */
export const compileBoard = async (text: string, path: string, options: CompileOptions): Promise<CompiledBoard> => {
  const file = readBoard(text, path, boardSchema)
  const files = new Set<string>()
  const read: ReadText = async (other) => {
    const found = await options.read(other)
    if (found !== undefined && other !== path) files.add(other)
    return found
  }
  const { value, theme, diagnostics: inherited, placeOf, placeInText, isWritten, refusedIn, dropped } = await inherit(file, read)
  const diagnostics: BoardDiagnostic[] = [...inherited]
  const blocks = dropped.filter(({ value }) => typeof value === 'object' && value !== null)
  let suggestions = 0
  const compiling: Compiling = {
    ...options,
    read,
    path,
    variables: new Map(),
    queries: new Map(),
    charts: new Map(),
    written: [],
    named: new Set(),
    placed: new Set(),
    placeOf,
    locatorOf: (at) => (key, inside) => {
      const path = [...at, ...(typeof key === 'string' ? [key] : key)]
      return inside === undefined ? placeOf(path) : placeInText(path, inside)
    },
    isWritten,
    refusedIn,
    hasRefused: (at) => blocks.some(({ path }) => path.length === at.length + 1 && at.every((key, index) => path[index] === key)),
    mentioned: new Set(dropped.flatMap(({ value }) => wordsOf(value))),
    declared: new Set(blocks.flatMap(({ value }) => wordsOf(value))),
    suggest(name, known) {
      const near = suggestions++ < maxSuggestions ? nearestName(name, known) : undefined
      if (near === undefined) return undefined
      compiling.mentioned.add(near)
      return `Did you mean "${near}"?`
    },
    report(code, at, message, fix, about) {
      const found = diagnostic(code, placeOf(at), message, fix, about)
      diagnostics.push(found)
      return found
    },
  }
  const empty: GroupNode = { kind: 'group', id: 'board', style: {}, place: placeOf([]), locate: compiling.locatorOf([]) }
  const root = file.value === undefined ? empty : ((await compileGroup(value, [], undefined, compiling)) ?? empty)
  if (value.html_policy !== undefined && value.html_policy !== 'none')
    compiling.report('HTML_POLICY_CAPPED', ['html_policy'], `HTML is not painted, and html_policy is ${value.html_policy}.`)
  // What comes from elsewhere need not all be used.
  for (const [id, chart] of compiling.charts)
    if (!compiling.placed.has(id) && !compiling.mentioned.has(id) && chart.place.file === path)
      diagnostics.push(diagnostic('UNREFERENCED_CHART', chart.place, `The chart "${id}" stands in no layout.`, undefined, { chart: id }))
  diagnostics.push(...checkTemplates(root, compiling), ...checkValues(root.style, theme ?? defaultTheme, compiling))
  diagnostics.push(...checkContrast({ root, charts: compiling.charts, theme: theme ?? defaultTheme }))
  return {
    path,
    title: textOf(value.title),
    notes: textOf(value.notes),
    tags: Array.isArray(value.tags) ? value.tags.filter((tag) => typeof tag === 'string') : [],
    variables: compiling.variables,
    queries: compiling.queries,
    charts: compiling.charts,
    root,
    source: textOf(value.source) ?? (options.sources.length === 1 ? options.sources[0] : undefined),
    ...(value.cache !== undefined && { cache: value.cache as CacheSetting }),
    theme: theme ?? defaultTheme,
    files: [...files].sort(),
    diagnostics: ordered(diagnostics),
  }
}

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** The variables of a group; they are the board's, wherever they are declared. */
export const compileVariables = async (group: Block, path: readonly PropertyKey[], compiling: Compiling): Promise<void> => {
  const { variables, placeOf, locatorOf, refusedIn } = compiling
  const at = [...path, 'variables']
  const add = (name: string, definition: Variable, isRefused: boolean): void => {
    if (variables.has(name)) return
    const own = [...at, name]
    const variable = { name, definition, place: placeOf(own), locate: locatorOf(own) }
    variables.set(name, isRefused ? { ...variable, isRefused } : variable)
    if (!isRefused) checkVariable(variable, own, compiling)
  }
  for (const [name, written] of Object.entries(isBlock(group.variables) ? group.variables : {})) {
    const isReferred = isBlock(written) && typeof written.ref === 'string'
    const block = isReferred ? await referredVariable(written, [...at, name], compiling) : written
    add(name, (isBlock(block) ? block : {}) as Variable, isReferred && block === undefined)
  }
  for (const name of refusedIn(at).keys()) add(name, {}, true)
}

/** A variable of another board, with what is written beside `ref` over it. */
const referredVariable = async ({ ref, ...own }: Block, path: readonly PropertyKey[], compiling: Compiling): Promise<Block | undefined> => {
  const { name, entries: known } = await readReferred(String(ref), 'variables', /[A-Za-z_]\w*/, compiling)
  const variable = Object.hasOwn(known, name) ? (known[name] ?? {}) : undefined
  if (!isBlock(variable)) {
    const fix = compiling.suggest(name, Object.keys(known))
    compiling.report('EXTENDS_UNRESOLVED', path, `There is no variable "${String(ref)}".`, fix)
    return undefined
  }
  const merged = mergeBlocks(variable, own)
  if (!('ref' in variable) && variableSchema.safeParse(merged).success) return merged
  const why = 'ref' in variable ? `"${String(ref)}" is itself a reference.` : `It does not fit "${String(ref)}", which it refers to.`
  compiling.report('WRONG_VALUE', path, why)
  return undefined
}

export const styleOf = (group: Block): BoardStyle => (isBlock(group.style) ? (group.style as BoardStyle) : {})

/** By file and place; the same finding once. */
const ordered = (diagnostics: readonly BoardDiagnostic[]): BoardDiagnostic[] => {
  const seen = new Set<string>()
  return diagnostics
    .filter((one) => {
      const key = JSON.stringify(one)
      return !seen.has(key) && seen.add(key)
    })
    .sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1))
}
