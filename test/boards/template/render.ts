import type { BoundSql } from '../../../server/boards/template/bind-sql.ts'
import { renderSql, type SqlOptions } from '../../../server/boards/template/render-sql.ts'
import { renderText } from '../../../server/boards/template/render-text.ts'
import { TemplateFault } from '../../../server/boards/template/template-fault.ts'
import type { TemplateValue } from '../../../server/boards/template/value.ts'
import type { Fault } from '../../../server/envelope/fault.ts'
import type { Dialect } from '../../../server/sources/source.ts'

export type Values = Readonly<Record<string, TemplateValue>>

export interface Rendering {
  readonly dialect?: Dialect
  /** SQL of other queries by name; all of them can name each other. */
  readonly queries?: Readonly<Record<string, string>>
  /** Sources of queries that are not of the source that is asked. */
  readonly sources?: Readonly<Record<string, string>>
  readonly resolve?: (kind: 'ref' | 'source', names: readonly string[]) => string | Fault
  /** Name of the query that is rendered, when it is one that others may name. */
  readonly id?: string
}

const place = { file: 'board.yml', line: 1, column: 1 }

export const bind = (sql: string, values: Values = {}, rendering: Rendering = {}): BoundSql => {
  const { dialect = 'postgres', queries = {}, sources = {}, resolve, id } = rendering
  const scope = new Map(Object.keys(queries).map((name) => [name, name]))
  const options: SqlOptions = {
    dialect,
    variables: new Map(Object.entries(values)),
    queries: new Map(
      Object.entries(queries).map(([name, text]) => [
        name,
        { id: name, definition: { sql: text }, source: sources[name] ?? 'main', place, scope },
      ]),
    ),
    resolve,
  }
  return renderSql({ id, sql, source: 'main', scope }, options)
}

/** The text of a statement and its values. */
export const bound = (...args: Parameters<typeof bind>): [string, ...unknown[]] => {
  const { sql, params } = bind(...args)
  return [sql, ...params]
}

export const text = (template: string, values: Values = {}): string => renderText(template, new Map(Object.entries(values)))

/** What a template is refused with. */
export const faultOf = (work: () => unknown): TemplateFault => {
  try {
    work()
  } catch (error) {
    if (error instanceof TemplateFault) return error
    throw error
  }
  throw new Error('expected a fault')
}

/** Code and `line:column` of a fault, and its message and hint. */
export const refusal = (work: () => unknown): { code: string; at: string; says: string } => {
  const { code, position, message, hint } = faultOf(work)
  return { code, at: `${position.line}:${position.column}`, says: hint === undefined ? message : `${message} ${hint}` }
}
