import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { Variable } from '../../../contracts/v1/board/variables.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import { quoteName } from '../../sources/quote-name.ts'
import { changeTexts, variableTexts } from '../board-texts.ts'
import { diagnostic } from '../compile/diagnostic.ts'
import type { BoundVariable, CompiledBoard, CompiledVariable, Place, VariableValue } from '../compiled-board.ts'
import { inferInput } from '../template/infer-input.ts'
import { Refusal } from '../template/template-fault.ts'
import { defaultValue, readVariableValue } from '../template/variable-value.ts'
import { bindText, isTrue } from './bind-texts.ts'
import type { QueryRunner, SqlPlace } from './run-query.ts'

export interface BoundVariables {
  readonly bound: readonly BoundVariable[]
  readonly values: ReadonlyMap<string, VariableValue>
  /** What is wrong with the values that were given. */
  readonly notices: readonly BoardDiagnostic[]
  /** Variables that no query can be run with, and why. */
  readonly unusable: ReadonlyMap<string, BoardDiagnostic>
}

/** Most options of a control; a list that is longer is no list to choose from. */
const maxOptions = 1000

/** Variables that were given and the board has not, of which each is told. */
const maxUnknown = 20

/** The values of the variables, and the controls that show them. */
export const bindVariables = async (
  board: CompiledBoard,
  { values: given, today }: { readonly values: Readonly<Record<string, unknown>>; readonly today: string },
  run: QueryRunner,
  diagnostics: BoardDiagnostic[],
): Promise<BoundVariables> => {
  const values = new Map<string, VariableValue>()
  const unusable = new Map<string, BoardDiagnostic>()
  const unknown = Object.keys(given).filter((name) => !board.variables.has(name))
  const notices = unknown.slice(0, maxUnknown).map((name) => unknownVariable(name, board))
  if (unknown.length > maxUnknown)
    notices.push(
      diagnostic(
        'UNKNOWN_VARIABLE',
        { file: board.path, line: 1, column: 1 },
        `${unknown.length - maxUnknown} more of the variables are unknown.`,
      ),
    )
  for (const { name, definition, place, isRefused } of board.variables.values()) {
    if (isRefused === true) {
      values.set(name, null)
      unusable.set(name, refusalOf(name, place, board))
      continue
    }
    try {
      values.set(name, defaultValue(name, definition, today))
      if (Object.hasOwn(given, name)) values.set(name, readVariableValue(name, definition, given[name], today))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (!values.has(name)) values.set(name, null)
      const { code, message, hint } = { code: 'BAD_VARIABLE_VALUE' as const, message: error.message, hint: error.hint }
      // A default that does not fit was told where it is written.
      const fault = board.diagnostics.find((one) => one.code === code && one.message === message) ?? diagnostic(code, place, message, hint)
      unusable.set(name, fault)
      notices.push(fault)
    }
    if (definition.required === true && isUnset(values.get(name)) && !unusable.has(name))
      unusable.set(
        name,
        diagnostic(
          'MISSING_VARIABLE_VALUE',
          place,
          `The variable "${name}" has no value.`,
          `Choose a value for ${labelOf(name, definition)}.`,
        ),
      )
  }
  diagnostics.push(...notices)
  const runner = run.with({ bound: [], values, notices, unusable })
  const bound = await Promise.all([...board.variables.values()].map((variable) => bindControl(variable, values, runner, diagnostics)))
  return { bound, values, notices, unusable }
}

/** What was found about a variable that was refused. */
const refusalOf = (name: string, place: Place, { diagnostics }: CompiledBoard): BoardDiagnostic =>
  diagnostics.find(
    ({ level, file, line, column }) => level === 'error' && file === place.file && line === place.line && column === place.column,
  ) ?? diagnostic('BAD_VARIABLE_VALUE', place, `The variable "${name}" cannot be read.`)

const isUnset = (value: VariableValue | undefined): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

/** Says which variable of a board a name may mean. */
export const unknownVariable = (name: string, board: CompiledBoard): BoardDiagnostic => {
  const near = nearestName(name, board.variables.keys())
  const known = [...board.variables.keys()]
  return diagnostic(
    'UNKNOWN_VARIABLE',
    { file: board.path, line: 1, column: 1 },
    `The board has no variable "${name.slice(0, 100)}".`,
    near !== undefined ? `Did you mean "${near}"?` : known.length === 0 ? 'It has none.' : `Variables: ${known.join(', ')}.`,
  )
}

export const labelOf = (name: string, { label }: Variable): string =>
  label ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')

const bindControl = async (
  variable: CompiledVariable,
  values: ReadonlyMap<string, VariableValue>,
  run: QueryRunner,
  diagnostics: BoardDiagnostic[],
): Promise<BoundVariable> => {
  const { name, place, locate } = variable
  const definition = changeTexts(variable.definition, variableTexts, (text, path) => bindText(text, values, path, locate, diagnostics))
  const { placeholder, required, min, max, step, visible, enabled } = definition
  return {
    name,
    label: labelOf(name, definition),
    input: inferInput(definition),
    value: values.get(name) ?? null,
    options: await optionsOf(variable, run, diagnostics),
    isVisible: await isTrue(visible, run, place, diagnostics),
    isEnabled: await isTrue(enabled, run, place, diagnostics),
    isRequired: required === true,
    ...(placeholder !== undefined && { placeholder }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(step !== undefined && { step }),
  }
}

const optionsOf = async (
  { name, definition, place, locate }: CompiledVariable,
  run: QueryRunner,
  diagnostics: BoardDiagnostic[],
): Promise<BoundVariable['options']> => {
  const { options, column, query } = definition
  const fixed = Array.isArray(options) ? options : options !== undefined && 'static' in options ? options.static : undefined
  if (fixed !== undefined) return fixed.map((value) => ({ value, label: String(value) }))
  const asked =
    options !== undefined && !Array.isArray(options) && 'query' in options ? options : query !== undefined ? { query } : undefined
  const isList = ['select', 'multiselect', 'radio'].includes(inferInput(definition))
  if (!isList || (asked === undefined && column?.includes('.') !== true)) return []
  const path = asked === undefined ? ['column'] : asked === options ? ['options', 'query'] : ['query']
  const at: SqlPlace = {
    id: `variables.${name}`,
    place: locate(path),
    locate: (_key, inside) => locate(path, asked === undefined ? undefined : inside),
  }
  const outcome = asked !== undefined ? await run.named(asked.query, at) : await run.sql(distinct(column as string), at)
  if ('fault' in outcome) {
    diagnostics.push(outcome.fault)
    return []
  }
  const { columns, rows } = outcome.rows
  const indexOf = (wanted: string | undefined) => (wanted === undefined ? 0 : columns.findIndex((one) => one.name === wanted))
  const valueAt = indexOf(asked?.column)
  const labelAt = asked?.label_column === undefined ? valueAt : indexOf(asked.label_column)
  if (valueAt < 0 || labelAt < 0) {
    diagnostics.push(
      diagnostic(
        'UNKNOWN_COLUMN',
        place,
        `The options of "${name}" name a column that their query does not give.`,
        `Columns: ${columns.map((one) => one.name).join(', ')}.`,
      ),
    )
    return []
  }
  return rows.slice(0, maxOptions).flatMap((row) => {
    const value = row[valueAt]
    return value === null || value === undefined
      ? []
      : [{ value: typeof value === 'number' ? value : String(value), label: String(row[labelAt] ?? value) }]
  })
}

/** The values of `schema.table.column`. */
const distinct = (column: string): string => {
  const parts = column.split('.').map(quoteName)
  const name = parts.pop()
  return `SELECT DISTINCT ${name} FROM ${parts.join('.')} WHERE ${name} IS NOT NULL ORDER BY 1 LIMIT ${maxOptions}`
}
