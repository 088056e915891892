import type { Document } from 'yaml'
import type { z } from 'zod'
import type { BoardDiagnostic, BoardDiagnosticCode } from '../../../contracts/v1/board/diagnostics.ts'
import { parseYaml } from '../../yaml/parse-yaml.ts'
import type { Place } from '../compiled-board.ts'
import { checkShape } from './check-shape.ts'
import { diagnostic } from './diagnostic.ts'
import { type DroppedPart, keepSound, nothingSound } from './keep-sound.ts'
import { isBlock } from './merge-boards.ts'
import { migrate } from './migrate.ts'
import { readMarkdownBoard } from './read-markdown-board.ts'

/** A board is written by people; more than this is something else. Bytes. */
const maxBoardBytes = 1024 * 1024

/** A file of the language: a board, a template, or the defaults of a folder. */
export interface BoardFile {
  /** Relative to the project's folder. */
  readonly path: string
  /** In the grammar of today; undefined when nothing can be made of it. */
  readonly value: Readonly<Record<string, unknown>> | undefined
  /** The tree, rewritten where the grammar was older. */
  readonly document: Document
  readonly diagnostics: readonly BoardDiagnostic[]
  /** Where a key path was written, or the nearest part of it that was. */
  placeOf(path: readonly PropertyKey[]): Place
  /** Where a place within the text at a key path was written. */
  placeInText(path: readonly PropertyKey[], inside: { readonly line: number; readonly column: number }): Place
  /** The queries, variables or charts at a key path that the schema refused, and `value` has not: what was written of each, by name. */
  refusedIn(path: readonly PropertyKey[]): ReadonlyMap<string, unknown>
  /** All that the schema refused and `value` has not. */
  readonly dropped: readonly DroppedPart[]
  /** Whether the path was written here. */
  has(path: readonly PropertyKey[]): boolean
}

/** Reads a text of the language. Never throws: all that is wrong with it as text and as shape is a diagnostic. */
export const readBoard = (text: string, path: string, schema: z.ZodType, allowEmpty = false): BoardFile => {
  if (Buffer.byteLength(text) > maxBoardBytes) return failed(path, 'FILE_TOO_LARGE', 'The file is larger than 1 MB.')
  if (text.includes('\0')) return failed(path, 'YAML_ERROR', 'The file is no text in UTF-8.')
  const markdown = path.endsWith('.md') ? readMarkdownBoard(text) : undefined
  const yaml = parseYaml(markdown?.yaml ?? text, path, { merge: true })
  const inFile = <Place extends { readonly line: number; readonly column: number }>(place: Place): Place =>
    markdown === undefined ? place : { ...place, ...markdown.placeInFile(place) }
  const place = (keys: readonly PropertyKey[]): Place => {
    const { line, column } = yaml.diagnoseKey(keys, 'error', 'PLACE', '')
    return inFile({ file: path, line, column })
  }
  const migrations = migrate(yaml.document)
  const value = yaml.toValue()
  const diagnostics: BoardDiagnostic[] = yaml.diagnostics.map(({ level, code, hint, ...where }) => ({
    ...inFile(where),
    level,
    code: code === 'BAD_TEMPLATE' ? 'TEMPLATE_ERROR' : code,
    ...(hint !== undefined && { fix: hint }),
  }))
  // A word of an older grammar is usually written many times; it is told once.
  for (const [message, found] of Map.groupBy(migrations, (one) => one.message)) {
    const places = found.map(({ offset }) => inFile(yaml.placeAt(offset))).sort((a, b) => a.line - b.line)
    const { line, column } = places[0] as { line: number; column: number }
    const more = places.length === 1 ? '' : `, here and in ${places.length - 1} more ${places.length === 2 ? 'place' : 'places'}`
    diagnostics.push(diagnostic('SCHEMA_MIGRATED', { file: path, line, column }, `Older grammar: ${message}${more}.`))
  }
  const isEmpty = value === undefined || value === null
  const isBroken = yaml.diagnostics.some(({ level, code }) => level === 'error' && code === 'YAML_ERROR')
  if (isEmpty && !allowEmpty && !isBroken)
    diagnostics.push(diagnostic('EMPTY_DOCUMENT', { file: path, line: 1, column: 1 }, 'The file is empty.'))
  // Broken YAML gives a tree with holes; what the schema says of it would send people to the wrong place.
  const { faults, more } = isEmpty || isBroken ? { faults: [], more: 0 } : checkShape(schema, value)
  for (const fault of faults) diagnostics.push(diagnostic(fault.code, place(fault.path), fault.message, fault.fix?.(), aboutOf(fault.path)))
  if (more > 0) {
    const message = `There ${more === 1 ? 'is 1 more fault' : `are ${more} more faults`} of shape, and the rest of the file is not looked at.`
    diagnostics.push(diagnostic('WRONG_VALUE', { file: path, line: 1, column: 1 }, message, 'Correct the others first.'))
  }
  const sound = faults.length === 0 || isBroken || !isBlock(value) ? undefined : more > 0 ? nothingSound(value) : keepSound(schema, value)
  return {
    path,
    value:
      isBroken || (isEmpty && !allowEmpty) || (!isEmpty && !isBlock(value))
        ? undefined
        : (sound?.value ?? ((value ?? {}) as Record<string, unknown>)),
    refusedIn: (keys) => sound?.refused.get(JSON.stringify(keys)) ?? new Map(),
    dropped: sound?.dropped ?? [],
    document: yaml.document,
    diagnostics,
    placeOf: place,
    placeInText: (keys, inside) => inFile({ file: path, ...yaml.placeInText(keys, inside) }),
    has: (keys) => yaml.nodeAt(keys) !== undefined,
  }
}

/** The query that a path leads into, or the chart of the board. */
const aboutOf = (path: readonly PropertyKey[]): { query?: string; chart?: string } => {
  const at = path.lastIndexOf('queries')
  if (at >= 0 && at + 1 < path.length) return { query: String(path[at + 1]) }
  return path[0] === 'charts' && path.length > 1 ? { chart: String(path[1]) } : {}
}

const failed = (path: string, code: BoardDiagnosticCode, message: string): BoardFile => ({
  ...readBoardOfNothing(path),
  diagnostics: [diagnostic(code, { file: path, line: 1, column: 1 }, message)],
})

const readBoardOfNothing = (path: string): Omit<BoardFile, 'diagnostics'> => ({
  path,
  value: undefined,
  document: parseYaml('', path).document,
  placeOf: () => ({ file: path, line: 1, column: 1 }),
  placeInText: () => ({ file: path, line: 1, column: 1 }),
  refusedIn: () => new Map(),
  dropped: [],
  has: () => false,
})
