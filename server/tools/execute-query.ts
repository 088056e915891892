import type { z } from 'zod'
import type { Warning } from '../../contracts/v1/envelope.ts'
import { executeQuery } from '../../contracts/v1/tools/execute-query.ts'
import { defineHandler, type ToolContext } from '../dispatch/define-handler.ts'
import { EncodedJson } from '../envelope/encoded-json.ts'
import { Fault } from '../envelope/fault.ts'
import { toThousandths } from '../envelope/to-thousandths.ts'
import { countTokens, cutTokens } from '../envelope/tokens-aside.ts'
import type { OpenSource, SourceLimits } from '../projects/project.ts'
import { withColumnHint } from '../search/column-hint.ts'
import { tableNotFound } from '../search/find-table.ts'
import { freeHeadBytes, headTooLarge } from '../sources/column-head.ts'
import type { QueryResult, RelationName, ResultFormat, SourceCatalog, StatementFacts, StreamEnd } from '../sources/source.ts'

type Input = z.output<typeof executeQuery.input>
type Context = ToolContext<Input>

/** A row longer than this ends a stream, bytes. */
const maxStreamRowBytes = 16 * 1024 * 1024
/** Tokens of names and types of columns that count toward no limit; see `freeHeadBytes`. */
const freeHeadTokens = 1024

const answer = async (input: Input, { source, statement, cursors, caller, requestId, signal, progress, watchQuery }: Context) => {
  progress?.({ message: 'Running' })
  const warnings: Warning[] = []
  const { maxRows, rowsFrom } = rowLimit(input.limit, source.limits, warnings)
  const maxTokens = tokenLimit(input, source.limits, warnings)
  const { maxBytes, timeoutMs } = sizeLimits(input, source.limits, warnings)
  const maxCellBytes = lowerLimit('max_cell_bytes', input.max_cell_bytes, source.limits.maxCellBytes, warnings)
  const params = input.params ?? []
  checkParams(params)

  const request = ['execute_query', caller.id, input.source, input.sql, params, input.format]
  const offset = input.cursor === undefined ? 0 : (cursors.open(request, input.cursor) as number)

  const read = await run(
    source,
    statement,
    input.sql,
    () =>
      source.source.query({
        sql: input.sql,
        basis: statement.basis,
        params,
        offset,
        limits: { maxRows, maxBytes, maxCellBytes, timeoutMs, ...gatesOf(statement, source.limits) },
        format: input.format,
        signal,
        tag: { tool: 'execute_query', requestId },
        watch: watchQuery(),
        caller: caller.id,
        keepsNothing: keepsNothing(statement, source.catalog.known),
        onRows: progress && ((rowCount) => progress({ message: `${rowCount} rows read` })),
      }),
    signal,
  )
  const rowTokens = maxTokens - (await countHead(read, maxTokens))
  const result = read.bytes <= rowTokens ? read : await fitTokens(read, input.format, rowTokens)

  if (result.cutCells.length > 0)
    warnings.push({ code: 'VALUES_CUT', message: `${result.cutCells.length} values were longer than ${maxCellBytes} bytes and were cut.` })
  const truncated = result.truncatedBy !== undefined
  const continues = truncated && statement.kind === 'select'
  if (continues && !(statement.ordered && isRepeatable(statement)))
    warnings.push({
      code: 'UNORDERED_PAGES',
      message: 'Without ORDER BY at the outermost level, the next page may repeat or miss rows.',
    })

  return {
    warnings,
    data: {
      columns: [...result.columns],
      ...(result.rows !== undefined && { rows: result.rows }),
      ...(result.text !== undefined && { text: result.text }),
      row_count: result.rowCount,
      truncated,
      ...(result.truncatedBy !== undefined && { truncated_by: result.truncatedBy }),
      limit_applied: {
        rows: maxRows,
        bytes: maxBytes,
        tokens: maxTokens,
        timeout_ms: timeoutMs,
        rows_from: rowsFrom,
      },
      bytes: result.bytes,
      tables: tableNames(source, statement.relations),
      elapsed_ms: toThousandths(result.elapsedMs),
      ...(continues && { next_cursor: cursors.seal(request, offset + result.rowCount) }),
    },
  }
}

/** Functions that give another value each time, so that an order by them is another one for every page. */
const unrepeatable = /^(random|random_normal|gen_random_uuid|gen_random_bytes|uuid|uuidv4|uuidv7|clock_timestamp)$/i

const isRepeatable = ({ functions }: StatementFacts): boolean => !functions.some(({ name }) => unrepeatable.test(name))

/** The whole result, under the limits of streams. */
const stream = async (input: Input, { source, statement, caller, requestId, signal, watchQuery }: Context) => {
  for (const [path, isOdd] of [
    ['format', input.format !== 'rows'],
    ['cursor', input.cursor !== undefined],
    ['max_tokens', input.max_tokens !== undefined],
    ['max_cell_bytes', input.max_cell_bytes !== undefined],
  ] as const)
    if (isOdd)
      throw new Fault('VALIDATION_ERROR', `A stream takes no "${path}".`, {
        path,
        hint: 'A stream is the whole result, in the format that the Accept header names. Ask for application/json otherwise.',
      })
  const warnings: Warning[] = []
  const { streamRows, streamBytes, streamTimeoutMs, streamRowsSet } = source.limits
  const { maxRows, rowsFrom } = rowLimit(
    input.limit,
    { defaultRows: streamRows, maxRows: streamRows, defaultRowsSet: streamRowsSet },
    warnings,
  )
  const { maxBytes, timeoutMs } = sizeLimits(input, { maxBytes: streamBytes, timeoutMs: streamTimeoutMs }, warnings)
  const params = input.params ?? []
  checkParams(params)
  const rows = await run(
    source,
    statement,
    input.sql,
    () =>
      source.source.stream({
        sql: input.sql,
        basis: statement.basis,
        params,
        limits: {
          maxRows,
          maxBytes,
          maxRowBytes: maxStreamRowBytes,
          timeoutMs,
          ...gatesOf(statement, source.limits),
        },
        signal,
        tag: { tool: 'execute_query', requestId },
        watch: watchQuery(),
        caller: caller.id,
        keepsNothing: keepsNothing(statement, source.catalog.known),
      }),
    signal,
  )
  return {
    rows,
    finish: ({ rowCount, truncatedBy, bytes, elapsedMs }: StreamEnd['end']) => ({
      warnings,
      data: {
        columns: [...rows.columns],
        row_count: rowCount,
        truncated: truncatedBy !== undefined,
        ...(truncatedBy !== undefined && { truncated_by: truncatedBy }),
        limit_applied: { rows: maxRows, bytes: maxBytes, timeout_ms: timeoutMs, rows_from: rowsFrom },
        bytes,
        tables: tableNames(source, statement.relations),
        elapsed_ms: toThousandths(elapsedMs),
      },
    }),
  }
}

export const handler = defineHandler(executeQuery, answer, stream)

/** What only a query has a plan for. */
const gatesOf = ({ kind }: StatementFacts, { maxEstimatedRows, maxEstimatedCost }: SourceLimits) =>
  kind === 'select' ? { maxEstimatedRows, maxEstimatedCost } : {}

/**
 * Whether a statement can leave nothing in its session: what it calls is the engine's own, which the guard knows to keep
 * nothing, and what it reads are no views, which call what they like.
 */
const keepsNothing = ({ functions, relations }: StatementFacts, catalog: SourceCatalog | undefined): boolean => {
  if (functions.length === 0 && relations.length === 0) return true
  if (catalog === undefined) return false
  const called = new Set(functions.map(({ name }) => name))
  const read = new Set(relations.map(({ name }) => name))
  return (
    !catalog.tables.some(({ name, kind }) => read.has(name) && (kind === 'view' || kind === 'foreign_table')) &&
    !catalog.objects.functions.some(({ name }) => called.has(name))
  )
}

/** A whole number beyond 2^53 was changed when its JSON was read. */
const checkParams = (params: readonly unknown[]): void => {
  for (const [index, value] of params.entries()) {
    if (typeof value === 'string' && !value.isWellFormed())
      throw new Fault('VALIDATION_ERROR', 'The text holds half of a character, which no database can store.', {
        path: `params.${index}`,
        hint: 'Send whole characters; a surrogate never stands alone.',
      })
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new Fault('VALIDATION_ERROR', 'A number this large cannot be sent exactly as a JSON number.', {
        path: `params.${index}`,
        hint: 'Send it as a string; the database takes it as a number.',
      })
  }
}

type RowLimit = { maxRows: number; rowsFrom: 'caller' | 'project' | 'default' }

const rowLimit = (
  asked: number | undefined,
  limits: Pick<SourceLimits, 'defaultRows' | 'maxRows' | 'defaultRowsSet'>,
  warnings: Warning[],
): RowLimit => {
  if (asked === undefined)
    return { maxRows: Math.min(limits.defaultRows, limits.maxRows), rowsFrom: limits.defaultRowsSet ? 'project' : 'default' }
  const maxRows = lowerLimit('limit', asked, limits.maxRows, warnings)
  return { maxRows, rowsFrom: asked <= maxRows ? 'caller' : 'project' }
}

/** How many times as many tokens a caller gets who says how many rows it wants. */
const tokensOfCounted = 4

/** A number of rows says little of their length, so it lifts the usual limit of tokens only so far. */
const tokenLimit = (
  { limit, max_tokens: asked }: Pick<Input, 'limit' | 'max_tokens'>,
  { defaultTokens, maxTokens }: SourceLimits,
  warnings: Warning[],
): number => {
  if (asked === undefined)
    return limit === undefined ? defaultTokens : Math.min(defaultTokens * tokensOfCounted, maxTokens ?? Number.POSITIVE_INFINITY)
  return maxTokens === undefined ? asked : lowerLimit('max_tokens', asked, maxTokens, warnings)
}

const sizeLimits = (
  input: Pick<Input, 'max_bytes' | 'timeout_ms'>,
  { maxBytes, timeoutMs }: Pick<SourceLimits, 'maxBytes' | 'timeoutMs'>,
  warnings: Warning[],
) => ({
  maxBytes: lowerLimit('max_bytes', input.max_bytes, maxBytes, warnings),
  timeoutMs: lowerLimit('timeout_ms', input.timeout_ms, timeoutMs, warnings),
})

/** What a caller asks for, or the most that the source allows; `name`: the argument it was asked with. */
const lowerLimit = (name: keyof Input, asked: number | undefined, most: number, warnings: Warning[]): number => {
  if (asked === undefined || asked <= most) return asked ?? most
  warnings.push({ code: 'LIMIT_LOWERED', message: `The ${name} ${asked} was lowered to ${most}, the most this source allows.` })
  return most
}

/** Tokens of the names and types of columns beyond those that count toward no limit; RESULT_TOO_LARGE when there is no room for them. */
const countHead = async ({ columns, bytes }: QueryResult, maxTokens: number): Promise<number> => {
  const head = JSON.stringify(columns)
  const headBytes = Buffer.byteLength(head)
  // A token is at least a byte.
  if (headBytes <= freeHeadBytes || headBytes + bytes <= maxTokens) return 0
  const [tokens = 0] = await countTokens([head])
  const counted = Math.max(0, tokens - freeHeadTokens)
  if (counted >= maxTokens) throw headTooLarge(columns.length, `${maxTokens} tokens`)
  return counted
}

/** The result, or as many of its first rows as have at most `maxTokens` tokens. */
const fitTokens = async (result: QueryResult, format: ResultFormat, maxTokens: number): Promise<QueryResult> => {
  const whole = result.text ?? (result.rows as EncodedJson).text
  const cut = await cutTokens(whole, result.bytes, format, maxTokens)
  if (cut === undefined) return result
  if (cut.rowCount === 0)
    throw new Fault('RESULT_TOO_LARGE', `One row alone passes the limit of ${maxTokens} tokens.`, {
      hint: 'Select fewer columns, shorten long values in SQL, as with left(column, 200), or ask for more with max_tokens.',
    })
  const text = whole.slice(0, cut.end) + (format === 'rows' ? ']' : '')
  return {
    ...result,
    ...(format === 'rows' ? { rows: new EncodedJson(text) } : { text }),
    rowCount: cut.rowCount,
    truncatedBy: 'tokens',
    bytes: Buffer.byteLength(text),
    cutCells: result.cutCells.filter((row) => row < cut.rowCount),
  }
}

/** Runs the query; a missing table or column is answered with names that are near. */
const run = async <Result>(
  source: OpenSource,
  statement: StatementFacts,
  sql: string,
  query: () => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> => {
  try {
    return await query()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const { missingColumn } = error.details
    if (missingColumn !== undefined) throw withColumnHint(error, missingColumn, sql, statement.relations, source.catalog.known)
    if (error.code !== 'TABLE_NOT_FOUND') throw error
    const catalog = await source.catalog.readAfterMiss(signal).catch(() => undefined)
    if (catalog === undefined) throw error
    const missing = statement.relations.find((relation) => !isKnown(catalog, relation))
    if (missing === undefined) throw unnamedTable(error, statement)
    const fault = tableNotFound(catalog, writtenName(missing), 'sql')
    throw new Fault(fault.code, fault.message, { ...fault.details, position: error.details.position })
  }
}

/** Every table that the statement names is there: what is missing is a name before a column. */
const unnamedTable = ({ message, details }: Fault, { relations }: StatementFacts): Fault =>
  new Fault('SQL_ERROR', message, {
    ...details,
    hint:
      details.hint ??
      `Name it in FROM or JOIN, or write the alias that it has there.${relations.length === 0 ? '' : ` The statement names ${relations.map(writtenName).join(', ')}.`}`,
  })

const isKnown = (catalog: SourceCatalog, { schema, name }: RelationName): boolean =>
  catalog.tables.some((table) => sameName(table.name, name) && (schema === undefined || sameName(table.schema, schema)))

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

const writtenName = ({ schema, name }: RelationName): string => (schema === undefined ? name : `${schema}.${name}`)

/** The tables a statement names, qualified as the source spells them where it is known. */
const tableNames = (source: OpenSource, relations: readonly RelationName[]): string[] => {
  const names = relations.map((relation) => {
    const schema = relation.schema ?? source.source.defaultSchema
    const known = source.catalog.known?.tables.find((table) => sameName(table.schema, schema) && sameName(table.name, relation.name))
    return known === undefined ? `${schema}.${relation.name}` : `${known.schema}.${known.name}`
  })
  return [...new Set(names)]
}
