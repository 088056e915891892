import type { Fault } from '../../envelope/fault.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import { quoteName } from '../../sources/quote-name.ts'
import type { Dialect } from '../../sources/source.ts'
import type { CompiledQuery } from '../compiled-board.ts'
import { type BoundSql, bindSql } from './bind-sql.ts'
import { Budget, templateLimits } from './budget.ts'
import { conditionFunctions } from './condition-functions.ts'
import { dbtNamespaces, namespaceOf } from './dbt-functions.ts'
import { evaluate } from './evaluate.ts'
import { parseTemplate } from './parse-template.ts'
import { SqlDraft, SqlFragment } from './sql-draft.ts'
import { standardFunctions } from './standard-functions.ts'
import { Refusal, TemplateFault, type TemplateText } from './template-fault.ts'
import { type CallArguments, Namespace, TemplateFunction, type TemplateValue, textOf } from './value.ts'

/** SQL of a query, or of a chart. */
export interface SqlTemplate {
  /** Id of the query; undefined for SQL that is none of the board's queries. */
  readonly id?: string | undefined
  readonly sql: string
  readonly source: string | undefined
  /** The queries that it may name: name to id. */
  readonly scope: ReadonlyMap<string, string>
}

export interface SqlOptions {
  readonly dialect: Dialect
  /** Values by name of variable; null for those that are not set. */
  readonly variables: ReadonlyMap<string, TemplateValue>
  /** The queries of the board by id. */
  readonly queries: ReadonlyMap<string, Pick<CompiledQuery, 'definition' | 'source' | 'scope'>>
  /** The relation that `ref()` or `source()` names, as SQL; a fault when there is none. Absent where no dbt project is known. */
  readonly resolve?: ((kind: 'ref' | 'source', names: readonly string[], version?: string) => string | Fault) | undefined
}

/**
 * Renders the SQL of a query. Every value becomes a parameter of the statement; see `SqlDraft` for why none can become SQL.
 * Throws a fault, with its place, for a template that cannot be rendered: TEMPLATE_ERROR, TEMPLATE_POSITION,
 * UNKNOWN_VARIABLE, UNKNOWN_QUERY, QUERY_CYCLE, QUERY_UNSUPPORTED, REF_UNKNOWN or BAD_VARIABLE_VALUE.
 */
export const renderSql = (query: SqlTemplate, options: SqlOptions): BoundSql => {
  const budget = new Budget()
  const renderer = new Renderer(options, budget)
  return bindSql(renderer.draft(query, []), options.dialect, budget)
}

/** SQL without the semicolons and blanks at its end. */
const withoutEnd = (sql: string): string => {
  let end = sql.length
  while (end > 0 && /[;\s]/.test(sql.charAt(end - 1))) end--
  return sql.slice(0, end)
}

class Renderer {
  readonly #options: SqlOptions
  readonly #budget: Budget
  /** Queries that are rendered already: one that is used twice is evaluated once. */
  readonly #fragments = new Map<string, SqlFragment>()

  constructor(options: SqlOptions, budget: Budget) {
    this.#options = options
    this.#budget = budget
  }

  /** Evaluates a template. `users` are the queries that use it, the outermost first. */
  draft(query: SqlTemplate, users: readonly SqlTemplate[]): SqlDraft {
    const template: TemplateText = { text: query.sql, query: query.id }
    const draft = new SqlDraft()
    evaluate(parseTemplate(template), {
      template,
      names: new Map<string, TemplateValue>([
        ['queries', this.#queries(query, users)],
        ['target', namespaceOf('target', [['type', this.#options.dialect]])],
        ...dbtNamespaces(template),
        ...this.#options.variables,
      ]),
      functions: new Map([...standardFunctions(this.#budget), ...conditionFunctions(template), ...this.#relations(template)]),
      budget: this.#budget,
      output: {
        text: (text, at) => void draft.addText(text, { template, at }),
        value: (value, at, isWritten) => void draft.addValue(value, { template, at }, isWritten),
      },
      captures: false,
      isSql: true,
    })
    if (draft.text.trim() === '') throw new TemplateFault(new Refusal('The template renders to no SQL.'), template, 0)
    return draft
  }

  #queries(user: SqlTemplate, users: readonly SqlTemplate[]): Namespace {
    return new Namespace('queries', (name) => {
      const id = user.scope.get(name)
      const query = id === undefined ? undefined : this.#options.queries.get(id)
      if (id === undefined || query === undefined) {
        const nearest = nearestName(name, user.scope.keys())
        throw new Refusal(`There is no query ${name}.`, {
          code: 'UNKNOWN_QUERY',
          hint: nearest === undefined ? undefined : `Did you mean ${nearest}?`,
        })
      }
      return this.#queryFragment(name, id, query, user, users)
    })
  }

  #queryFragment(
    name: string,
    id: string,
    query: Pick<CompiledQuery, 'definition' | 'source' | 'scope'>,
    user: SqlTemplate,
    users: readonly SqlTemplate[],
  ): SqlFragment {
    const path = [...users, user]
    if (path.some((one) => one.id === id)) {
      const cycle = [...path.slice(path.findIndex((one) => one.id === id)).map((one) => one.id ?? ''), id]
      throw new Refusal(`Queries use each other in a circle: ${cycle.join(' -> ')}.`, { code: 'QUERY_CYCLE' })
    }
    if (path.length > templateLimits.maxDepth) throw new Refusal(`More than ${templateLimits.maxDepth} queries stand within each other.`)
    if (!('sql' in query.definition))
      throw new Refusal(`${name} is not SQL, so it cannot be a part of SQL.`, {
        code: 'QUERY_UNSUPPORTED',
        hint: 'Write its rows as VALUES.',
      })
    if (query.source !== user.source)
      throw new Refusal(`${name} asks another source, ${query.source ?? 'none'}.`, {
        code: 'QUERY_UNSUPPORTED',
        hint: 'A query can use queries of its own source.',
      })
    const known = this.#fragments.get(`${id} ${name}`)
    if (known !== undefined) return known
    const sql = withoutEnd(query.definition.sql)
    const inner = this.draft({ id, sql, source: query.source, scope: query.scope }, path)
    const origin = { template: { text: sql, query: id }, at: 0 }
    const draft = new SqlDraft().addText('(', origin, false).addValue(new SqlFragment(`queries.${name}`, inner), origin)
    draft.addText(')', { ...origin, at: sql.length }, false)
    const fragment = new QueryFragment(`queries.${name}`, draft, aliasOf(name))
    this.#fragments.set(`${id} ${name}`, fragment)
    return fragment
  }

  #relations(template: TemplateText): [string, TemplateFunction][] {
    const relation = (kind: 'ref' | 'source', count: string, isFit: (length: number) => boolean): [string, TemplateFunction] => [
      kind,
      new TemplateFunction(kind, (args) => {
        const names = writtenNames(kind, args)
        if (names === undefined || !isFit(names.length)) throw new Refusal(`${kind}() takes ${count} that are written in the template.`)
        const version = args.named.get('v') ?? args.named.get('version')
        const found = this.#options.resolve?.(kind, names, ...(version === undefined || version === null ? [] : [textOf(version)]))
        if (typeof found === 'string') return new SqlFragment(`${kind}()`, new SqlDraft().addText(found, { template, at: args.at }, false))
        throw new Refusal(found?.message ?? `${kind}() needs a dbt project, and none is known.`, {
          code: 'REF_UNKNOWN',
          hint: found?.details.hint,
        })
      }),
    ]
    return [
      relation('ref', 'the names of a model or of a package and a model', (length) => length === 1 || length === 2),
      relation('source', 'the names of a source and a table', (length) => length === 2),
    ]
  }
}

/** Names that stand in the template as they are; beside them ref() takes a version. */
const writtenNames = (kind: 'ref' | 'source', { list, isWritten, named }: CallArguments): string[] | undefined => {
  const isFit = [...named].every(([name, value]) => kind === 'ref' && /^(v|version)$/.test(name) && /^(string|number)$/.test(typeof value))
  return isFit && isWritten.every((one) => one) ? list.filter((name) => typeof name === 'string') : undefined
}

/** A query; `cache`, its rows as they are kept, is the query too: it is of the same source, which can read them itself. */
class QueryFragment extends SqlFragment {
  override member(name: string): TemplateValue {
    return name === 'cache' ? this : super.member(name)
  }
}

/** Names in lower case mean the same with and without quotes in both databases, and may be words of SQL. */
const aliasOf = (name: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name !== name.toLowerCase() ? name : quoteName(name))
