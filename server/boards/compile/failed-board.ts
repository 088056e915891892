import type { CompiledBoard } from '../compiled-board.ts'
import { defaultTheme } from '../themes.ts'
import { diagnostic } from './diagnostic.ts'

/** A board that could not be compiled for a fault of ours: it says so, and the others of its project are served. */
export const failedBoard = (path: string, error: unknown): CompiledBoard => {
  const place = { file: path, line: 1, column: 1 }
  const message = error instanceof RangeError ? 'The board is nested too deeply.' : 'The board cannot be compiled.'
  return {
    path,
    title: undefined,
    notes: undefined,
    tags: [],
    files: [],
    variables: new Map(),
    queries: new Map(),
    charts: new Map(),
    root: { kind: 'group', id: 'board', style: {}, place, locate: () => place, text: message },
    source: undefined,
    theme: defaultTheme,
    diagnostics: [diagnostic('WRONG_VALUE', place, message, 'Write it simpler; if it is simple, report it.')],
  }
}
