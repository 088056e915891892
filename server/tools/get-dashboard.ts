import { getDashboard } from '../../contracts/v1/tools/get-dashboard.ts'
import { type BoardStore, boardsOf, type StoredBoard } from '../boards/board-store.ts'
import { columnsOfChart } from '../boards/columns-of-chart.ts'
import { readQueries } from '../boards/compile/read-queries.ts'
import type { CompiledQuery, CompiledVariable, Place } from '../boards/compiled-board.ts'
import { findBoard } from '../boards/find-board.ts'
import { fitCompiled } from '../boards/fit-compiled.ts'
import { labelOf } from '../boards/run/bind-variables.ts'
import { sqlCheckOptions } from '../boards/run/runner-options.ts'
import { tablesOfQuery } from '../boards/tables-of-query.ts'
import { tellFindings } from '../boards/tell-findings.ts'
import { inferInput } from '../boards/template/infer-input.ts'
import { Refusal } from '../boards/template/template-fault.ts'
import { defaultValue } from '../boards/template/variable-value.ts'
import { findingsOfText } from '../boards/text-findings.ts'
import { versionOfText } from '../boards/version-of-text.ts'
import { keptBoard } from '../boards/write-board.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { Fault } from '../envelope/fault.ts'
import type { StatementFacts } from '../sources/source.ts'

/** Options of a variable that are told. */
const maxOptions = 50

export const handler = defineHandler(getDashboard, async ({ path, version, max_tokens: maxTokens }, { project, signal }) => {
  const store = boardsOf(project)
  const current = await findBoard(store, path)
  const { text, board } = version === undefined ? current : await olderBoard(store, current, version)
  const options = sqlCheckOptions(project, signal)
  const readings = new Map((await readQueries(board, options)).map((one) => [one.query.id, one.facts]))
  const queries = [...board.queries.values()].map((query) => describeQuery(query, readings.get(query.id), board.path))
  const { layout, definitions, isCut } = await fitCompiled(board, maxTokens)
  return {
    warnings: isCut
      ? [{ code: 'COMPILED_CUT', message: `The compiled form was cut to fit ${maxTokens} tokens. Ask for more with max_tokens.` }]
      : [],
    data: {
      path: board.path,
      version: versionOfText(text),
      yaml: text,
      ...(board.title !== undefined && { title: board.title }),
      ...(board.notes !== undefined && { notes: board.notes }),
      tags: [...board.tags],
      theme: board.theme,
      files: [...board.files],
      variables: [...board.variables.values()].map((variable) => describeVariable(variable, options.today)),
      queries,
      charts: [...board.charts.values()].map(({ id, chart, query, place }) => {
        const definition = definitions.get(id)
        return {
          name: id,
          type: chart.type,
          ...(query !== undefined && { query }),
          ...(chart.title !== undefined && { title: chart.title }),
          ...(chart.notes !== undefined && { notes: chart.notes }),
          columns: columnsOfChart(chart),
          ...(definition !== undefined && { definition }),
          ...lineOf(place, board.path),
        }
      }),
      layout: [...layout],
      tables: [...new Set(queries.flatMap(({ tables }) => tables))].sort(),
      diagnostics: tellFindings(await findingsOfText(board, options)),
    },
  }
})

/** Where something stands; the file only where it is another than that of the board. */
const lineOf = ({ file, line }: Place, path: string) => ({ line, ...(file !== path && { file }) })

const describeVariable = ({ name, definition, isRefused }: CompiledVariable, today: string) => {
  const { options } = definition
  const fixed = Array.isArray(options) ? options : options !== undefined && 'static' in options ? options.static : undefined
  const value = isRefused === true ? null : usualValue(name, definition, today)
  return {
    name,
    input: inferInput(definition),
    label: labelOf(name, definition),
    ...(value !== null && { value }),
    ...(definition.required === true && { required: true }),
    ...(fixed !== undefined && { options: fixed.slice(0, maxOptions) }),
    ...(definition.default !== undefined && { default: definition.default }),
    ...(definition.notes !== undefined && { notes: definition.notes }),
  }
}

/** Null where the default does not fit its variable, which a finding tells. */
const usualValue = (name: string, definition: CompiledVariable['definition'], today: string): unknown => {
  try {
    return defaultValue(name, definition, today)
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

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

const describeQuery = ({ id, definition, source, scope, place }: CompiledQuery, facts: StatementFacts | undefined, path: string) => {
  const sql = 'sql' in definition ? definition.sql : undefined
  const uses = [...(sql ?? '').matchAll(/\bqueries\.([A-Za-z_]\w*)/g)].map(([, name]) => scope.get(name as string) ?? (name as string))
  return {
    name: id,
    ...(source !== undefined && { source }),
    ...(sql !== undefined && { sql }),
    ...(definition.notes !== undefined && { notes: definition.notes }),
    uses: [...new Set(uses)],
    tables: sql === undefined ? [] : tablesOfQuery(sql, facts),
    ...lineOf(place, path),
  }
}
