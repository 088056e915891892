import { getDashboard } from '../../contracts/v1/tools/get-dashboard.ts'
import { type BoardStore, boardsOf, type StoredBoard } from '../boards/board-store.ts'
import { columnsOfChart } from '../boards/columns-of-chart.ts'
import { readQueries } from '../boards/compile/read-queries.ts'
import type { CompiledQuery } from '../boards/compiled-board.ts'
import { findBoard } from '../boards/find-board.ts'
import { sqlCheckOptions } from '../boards/run/runner-options.ts'
import { tellFindings } from '../boards/tell-findings.ts'
import { findingsOfText } from '../boards/text-findings.ts'
import { versionOfText } from '../boards/version-of-text.ts'
import { keptBoard } from '../boards/write-board.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { Fault } from '../envelope/fault.ts'
import type { StatementFacts } from '../sources/source.ts'

export const handler = defineHandler(getDashboard, async ({ path, version }, { project, signal }) => {
  const store = boardsOf(project)
  const current = await findBoard(store, path)
  const { text, board } = version === undefined ? current : await olderBoard(store, current, version)
  const readings = new Map((await readQueries(board, sqlCheckOptions(project, signal))).map((one) => [one.query.id, one.facts]))
  const queries = [...board.queries.values()].map((query) => describeQuery(query, readings.get(query.id)))
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
      diagnostics: tellFindings(await findingsOfText(board, sqlCheckOptions(project, signal))),
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

const describeQuery = ({ id, definition, source, scope }: CompiledQuery, facts: StatementFacts | undefined) => {
  const sql = 'sql' in definition ? definition.sql : undefined
  const uses = [...(sql ?? '').matchAll(/\bqueries\.([A-Za-z_]\w*)/g)].map(([, name]) => scope.get(name as string) ?? (name as string))
  return {
    name: id,
    ...(source !== undefined && { source }),
    ...(sql !== undefined && { sql }),
    ...(definition.notes !== undefined && { notes: definition.notes }),
    uses: [...new Set(uses)],
    tables: sql === undefined ? [] : facts === undefined ? tablesOfWords(sql) : tablesOfTree(facts, sql),
  }
}

/** What the grammar of the engine takes for tables, of those that the text itself names: those of queries that it uses are theirs. */
const tablesOfTree = ({ relations }: StatementFacts, sql: string): string[] => {
  const words = new Set(sql.toLowerCase().split(/[^\p{L}\p{N}_$]+/u))
  const own = relations.filter(({ name }) =>
    name
      .toLowerCase()
      .split(/[^\p{L}\p{N}_$]+/u)
      .every((word) => words.has(word)),
  )
  return [...new Set(own.map(({ schema, name }) => (schema === undefined ? name : `${schema}.${name}`)))].sort()
}

/** Where no grammar reads the text: names after FROM and JOIN, and those in ref() and source(). */
const tablesOfWords = (sql: string): string[] => {
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
