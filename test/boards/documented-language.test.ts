/** The board that the reference of the language begins with. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { exampleBoard } from '../../contracts/v1/board/example-board.ts'
import { compileBoard } from '../../server/boards/compile/compile-board.ts'
import { renderBoard } from '../../server/boards/render/render-board.ts'
import { runBoard } from '../../server/boards/run/run-board.ts'
import boardLanguage from '../../server/generated/board-language.json' with { type: 'json' }
import { root } from '../support/project-files.ts'

test('the whole board of the reference is drawn, and nothing is found about it but what it leaves to the reader', async () => {
  expect(readFileSync(resolve(root, 'docs/board-language/README.md'), 'utf8')).toContain(exampleBoard)
  const compiled = await compileBoard(exampleBoard, 'boards/example.yml', { read: async () => undefined, sources: [] })
  expect(compiled.diagnostics).toEqual([])
  const board = await runBoard(compiled, {
    values: { region: 'North' },
    today: '2026-04-01',
    execute: async () => {
      throw new Error('The board has no SQL.')
    },
    dialectOf: () => undefined,
    relations: async () => () => undefined as never,
  })
  const { content, diagnostics } = await renderBoard(board, { format: 'svg', scheme: 'light' })
  expect(diagnostics).toEqual([])
  for (const text of ['Coffee shops in North', '$249,500', 'Revenue by month', 'Goal', 'Visits', 'Where it is earned'])
    expect(content).toContain(text)
  expect(String(content)).not.toContain('cannot be drawn')
})

test('every block of the language is told by a topic', () => {
  const told = new Set(boardLanguage.topics.flatMap(({ blocks }) => blocks))
  // What a format may be is the topic of formats.
  expect(Object.keys(boardLanguage.schema.$defs).filter((block) => !told.has(block) && block !== 'Format')).toEqual([])
})
