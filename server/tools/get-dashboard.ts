import { getDashboard } from '../../contracts/v1/tools/get-dashboard.ts'
import { type BoardStore, boardsOf, type StoredBoard } from '../boards/board-store.ts'
import { columnsOfChart } from '../boards/columns-of-chart.ts'
import type { CompiledQuery } from '../boards/compiled-board.ts'
import { findBoard } from '../boards/find-board.ts'
import { versionOfText } from '../boards/version-of-text.ts'
import { keptBoard } from '../boards/write-board.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { Fault } from '../envelope/fault.ts'

export const handler = defineHandler(getDashboard, async ({ path, version }, { project }) => {
  const store = boardsOf(project)
  const current = await findBoard(store, path)
  const { text, board } = version === undefined ? current : await olderBoard(store, current, version)
  const queries = [...board.queries.values()].map(describeQuery)
  return {
    data: {
      path: board.path,
      version: versionOfText(text),
      yaml: text,
      ...(board.title !== undefined && { title: board.title }),
      ...(board.notes !== undefined && { notes: board.notes }),
      tags: [...board.tags],
      theme: board.theme,
      variables: [...board.variables.values()].map(({ name, definition }) => ({
        name,
        input: definition.input ?? 'auto',
        label: definition.label ?? name.replaceAll('_', ' '),
        ...(definition.default !== undefined && { default: definition.default }),
        ...(definition.notes !== undefined && { notes: definition.notes }),
      })),
      queries,
      charts: [...board.charts.values()].map(({ id, chart, query, place }) => ({
        name: id,
        type: chart.type,
        ...(query !== undefined && { query }),
        ...(chart.title !== undefined && { title: chart.title }),
        ...(chart.notes !== undefined && { notes: chart.notes }),
        columns: columnsOfChart(chart),
        line: place.line,
      })),
      tables: [...new Set(queries.flatMap(({ tables }) => tables))].sort(),
      diagnostics: [...board.diagnostics],
    },
  }
})

/** The board as it was at a version. */
const olderBoard = async (store: BoardStore, current: StoredBoard, version: string): Promise<StoredBoard> => {
  if (version === versionOfText(current.text)) return current
  const { path } = current.board
  const text = store.files === undefined ? undefined : await keptBoard(store.files, path, version)
  if (text === undefined)
    throw new Fault('BOARD_NOT_FOUND', `No text of "${path}" is kept at that version.`, {
      path: 'version',
      hint: 'Use the version that save_dashboard gave as previous_version, or leave it out.',
    })
  return { text, board: await store.compile(text, path) }
}

const describeQuery = ({ id, definition, source, scope }: CompiledQuery) => {
  const sql = 'sql' in definition ? definition.sql : undefined
  const uses = [...(sql ?? '').matchAll(/\bqueries\.([A-Za-z_]\w*)/g)].map(([, name]) => scope.get(name as string) ?? (name as string))
  return {
    name: id,
    ...(source !== undefined && { source }),
    ...(sql !== undefined && { sql }),
    ...(definition.notes !== undefined && { notes: definition.notes }),
    uses: [...new Set(uses)],
    tables: sql === undefined ? [] : tablesOfSql(sql),
  }
}

/** Names after FROM and JOIN, and those in ref() and source(); what a template leaves open is not guessed. */
const tablesOfSql = (sql: string): string[] => {
  // A comment without an end goes on to the end of the text.
  const plain = sql.replace(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, ' ')
  const ctes = new Set(
    [...plain.matchAll(/(?:\bwith(?:\s+recursive)?|,)\s*([A-Za-z_]\w*)\s+as\s*(?:not\s+materialized\s*|materialized\s*)?\(/gi)].map(
      ([, name]) => name?.toLowerCase(),
    ),
  )
  const direct = [...plain.matchAll(/\b(?:from|join)\s+((?:"[^"]+"|[A-Za-z_]\w*)(?:\.(?:"[^"]+"|[A-Za-z_]\w*))*)(?!\s*\()/gi)].map(
    ([, name]) => name as string,
  )
  const dbt = [...plain.matchAll(/\b(?:ref|source)\(\s*'([^']+)'\s*(?:,\s*'([^']+)'\s*)?\)/g)].map(([, first, second]) =>
    second === undefined ? (first as string) : `${first}.${second}`,
  )
  return [...new Set([...direct.filter((name) => !ctes.has(name.toLowerCase())), ...dbt])].sort()
}
