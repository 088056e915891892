import { posix } from 'node:path'
import { boardSchema, metaSchema } from '../../../contracts/v1/board/board.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import type { Place } from '../compiled-board.ts'
import { defaultTheme, olderThemes, type Theme, themes } from '../themes.ts'
import { diagnostic } from './diagnostic.ts'
import type { DroppedPart } from './keep-sound.ts'
import { isBlock, mergeBoards } from './merge-boards.ts'
import { type BoardFile, readBoard } from './read-board.ts'

/** The files of the board folders: text by path, relative to the project; undefined when there is none. */
export type ReadText = (path: string) => Promise<string | undefined>

/** A board with all that it stands on. */
export interface Inherited {
  readonly value: Readonly<Record<string, unknown>>
  readonly theme: Theme
  readonly diagnostics: readonly BoardDiagnostic[]
  /** Where a key path was written: in the board, else in the strongest file that has it. */
  placeOf(path: readonly PropertyKey[]): Place
  /** Whether something was written at a path in any of the files. */
  isWritten(path: readonly PropertyKey[]): boolean
  /** The entries of a block that the schema refused, in any of the files, by name. */
  refusedIn(path: readonly PropertyKey[]): ReadonlyMap<string, unknown>
  /** All that the schema refused, in any of the files. */
  readonly dropped: readonly DroppedPart[]
  /** Where a place within the text at a key path was written. */
  placeInText(path: readonly PropertyKey[], inside: { readonly line: number; readonly column: number }): Place
}

const deepest = 20

/** Puts a board over the defaults of its folders and over what it extends. */
export const inherit = async (board: BoardFile, read: ReadText): Promise<Inherited> => {
  const diagnostics: BoardDiagnostic[] = [...board.diagnostics]
  const files: BoardFile[] = [board]
  let theme: Theme | undefined

  const useTheme = (name: string, place: Place): boolean => {
    const older = Object.hasOwn(olderThemes, name) ? olderThemes[name] : undefined
    const known = themes.find((one) => one === name) ?? older
    if (known === undefined) return false
    if (older !== undefined) diagnostics.push(diagnostic('UNKNOWN_THEME', place, `The theme "${name}" ships no more; ${older} is used.`))
    theme = known
    return true
  }

  /** The value of a file over all that it extends, the strongest last. */
  const resolve = async (file: BoardFile, trail: readonly string[]): Promise<Readonly<Record<string, unknown>>> => {
    const { extends: extended, theme: named, ...own } = file.value ?? {}
    const names = extended === undefined ? [] : Array.isArray(extended) ? extended : [extended]
    let below: Readonly<Record<string, unknown>> = {}
    for (const [index, name] of names.entries()) {
      const place = file.placeOf(Array.isArray(extended) ? ['extends', index] : ['extends'])
      if (typeof name !== 'string' || useTheme(name, place)) continue
      const found = await find(name, file.path, read)
      if (found === undefined) {
        if (/[./]/.test(name)) diagnostics.push(diagnostic('EXTENDS_UNRESOLVED', place, `There is no board "${name}" to extend.`))
        else diagnostics.push(unknownTheme(name, place))
      } else if (trail.includes(found.path) || trail.length > deepest)
        diagnostics.push(diagnostic('EXTENDS_CYCLE', place, `${[...trail, found.path].join(' extends ')}.`))
      else {
        const template = readBoard(found.text, found.path, boardSchema, true)
        files.push(template)
        diagnostics.push(...template.diagnostics)
        below = mergeBoards(below, await resolve(template, [...trail, found.path]))
      }
    }
    if (typeof named === 'string' && !useTheme(named, file.placeOf(['theme'])))
      diagnostics.push(unknownTheme(named, file.placeOf(['theme'])))
    return mergeBoards(below, own)
  }

  let value: Readonly<Record<string, unknown>> = {}
  for (const meta of await readMetas(board.path, read)) {
    files.push(meta)
    diagnostics.push(...meta.diagnostics)
    value = mergeBoards(value, await resolve(meta, [meta.path]))
  }
  value = mergeBoards(value, await resolve(board, [board.path]))
  return {
    value,
    theme: theme ?? defaultTheme,
    diagnostics,
    placeOf: (path) => (files.find((file) => file.has(path)) ?? board).placeOf(path),
    isWritten: (path) => files.some((file) => file.has(path)),
    refusedIn: (path) => new Map(files.toReversed().flatMap((file) => [...file.refusedIn(path)])),
    dropped: files.flatMap((file) => file.dropped),
    placeInText: (path, inside) => (files.find((file) => file.has(path)) ?? board).placeInText(path, inside),
  }
}

const unknownTheme = (name: string, place: Place): BoardDiagnostic => {
  const near = nearestName(name, themes)
  return diagnostic(
    'UNKNOWN_THEME',
    place,
    `There is no theme "${name}"; ${defaultTheme} is used.`,
    `${near === undefined ? '' : `Did you mean "${near}"? `}Use one of: ${themes.join(', ')}.`,
  )
}

/** A board that another names: by a path from its folder or from the project, with or without its ending. */
const find = async (name: string, from: string, read: ReadText): Promise<{ path: string; text: string } | undefined> => {
  const folder = posix.dirname(from)
  for (const base of [posix.join(folder, name), posix.normalize(name)])
    for (const ending of ['', '.yml', '.yaml', '.md']) {
      const path = `${base}${ending}`.normalize('NFC')
      if (path.startsWith('..') || path.startsWith('/') || !/\.(ya?ml|md)$/.test(path)) continue
      const text = await read(path)
      if (text !== undefined) return { path, text }
    }
  return undefined
}

/** What a reference such as `<file>.charts.<name>` names. */
export interface Referred {
  /** As it is written, without its ending or with it. */
  readonly file: string
  readonly name: string
  /** The board that it leads to, and the entries of the block in it; no entries where there is none. */
  readonly board: BoardFile | undefined
  readonly entries: Readonly<Record<string, unknown>>
}

/** Reads the board that a reference leads to. `names`: what the names of its entries look like. */
export const readReferred = async (
  ref: string,
  block: 'variables' | 'queries' | 'charts',
  names: RegExp,
  { path, read }: { readonly path: string; readonly read: ReadText },
): Promise<Referred> => {
  const [, file = '', name = ''] = new RegExp(`^(.+)\\.${block}\\.(${names.source})$`).exec(ref) ?? []
  const found = await find(file, path, read)
  const board = found === undefined ? undefined : readBoard(found.text, found.path, boardSchema)
  const entries = board?.value?.[block]
  return { file, name, board, entries: isBlock(entries) ? entries : {} }
}

/** `meta.yml` of the folders above a board, the outermost first. */
const readMetas = async (path: string, read: ReadText): Promise<BoardFile[]> => {
  const found: BoardFile[] = []
  const parts = posix.dirname(path).split('/')
  for (let depth = 1; depth <= parts.length; depth++) {
    const folder = parts.slice(0, depth).join('/')
    for (const name of ['meta.yml', 'meta.yaml']) {
      const at = posix.join(folder, name)
      const text = await read(at)
      if (text !== undefined) found.push(readBoard(text, at, metaSchema, true))
    }
  }
  return found
}
