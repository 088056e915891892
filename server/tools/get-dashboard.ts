import { getDashboard } from '../../contracts/v1/tools/get-dashboard.ts'
import { boardsOf } from '../boards/board-store.ts'
import { columnsOfChart } from '../boards/columns-of-chart.ts'
import type { CompiledQuery } from '../boards/compiled-board.ts'
import { findBoard } from '../boards/find-board.ts'
import { versionOfText } from '../boards/version-of-text.ts'
import { defineHandler } from '../dispatch/define-handler.ts'

export const handler = defineHandler(getDashboard, async ({ path }, { project }) => {
  const { text, board } = await findBoard(boardsOf(project), path)
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
  const plain = sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
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
