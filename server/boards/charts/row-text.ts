import type { Column } from '../../../contracts/v1/values.ts'
import type { Rows } from '../compiled-board.ts'
import { toNumber, valueKind } from '../formats/value-kind.ts'
import { evaluateCondition } from '../template/evaluate-condition.ts'
import { renderText } from '../template/render-text.ts'
import { Refusal, TemplateFault } from '../template/template-fault.ts'
import type { TemplateValue } from '../template/value.ts'
import type { ChartContext } from './chart-context.ts'

/** What a template about one mark may name: the columns of its row, and what `beside` gives. */
export function rowNames(rows: Rows, row: number, beside: Readonly<Record<string, TemplateValue>> = {}): Map<string, TemplateValue> {
  const values = rows.rows[row] ?? []
  const named = rows.columns.map((column, index) => [column.name, templateValue(column, values[index])] as const)
  return new Map<string, TemplateValue>([...Object.entries(beside), ...named])
}

function templateValue({ type }: Column, value: unknown): TemplateValue {
  if (value === null || value === undefined || typeof value === 'boolean') return value ?? null
  if (valueKind(type) === 'number') return toNumber(value) ?? String(value)
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)
}

/** The text of a template for one row; undefined after a finding. */
export const renderRowText = (template: string, names: ReadonlyMap<string, TemplateValue>, context: ChartContext): string | undefined =>
  attempt(() => renderText(template, names), context)

/** Whether a row is meant by a condition; none is meant by one that cannot be evaluated, which a finding says. */
export const isRowMeant = (where: string, names: ReadonlyMap<string, TemplateValue>, context: ChartContext): boolean =>
  attempt(() => evaluateCondition(where, names), context) ?? false

function attempt<Result>(run: () => Result, { findings }: ChartContext): Result | undefined {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof TemplateFault || error instanceof Refusal)) throw error
    findings.add(error.code, `A label: ${error.message}`)
    return undefined
  }
}
