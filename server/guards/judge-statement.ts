import { Fault } from '../envelope/fault.ts'
import { nearestName } from '../envelope/nearest-name.ts'
import { withColumnHint } from '../search/column-hint.ts'
import { foldName } from '../sources/fold-name.ts'
import { missingField } from '../sources/missing-field.ts'
import type { Dialect, SourceCatalog, SourceFunction, SourceObject, StatementFacts, UsedName } from '../sources/source.ts'
import { foreignFunctions, foreignOperators, foreignTypes } from './foreign-names.ts'
import { judgeColumns, judgePlan, judgeRelation } from './judge-relations.ts'
import { type Allowed, allowedIn, findRelation, type Judging, positionOf, type Reject } from './judging.ts'
import { insteadOfFunction, insteadOfName, waiting } from './refused-functions.ts'

/**
 * Lets a statement pass when everything in it is known to be harmless: every kind of syntax, function, type and operator
 * is on a list that was reviewed, or belongs to the database and is trusted there; every relation and column is one that
 * callers may see. Throws SQL_REJECTED, or TABLE_NOT_FOUND as for a table that does not exist, with the position.
 * `catalog` is asked for only when the statement names something of the database.
 */
export const judgeStatement = (facts: StatementFacts, judging: Judging): void => {
  const { sql, dialect, catalog } = judging
  const allowed = allowedIn[dialect]
  const rejectBy =
    (rule: string): Reject =>
    ({ position = facts.position }, message, hint) => {
      const place = position !== undefined && { position: positionOf(sql, position) }
      throw new Fault('SQL_REJECTED', message, { path: 'sql', rule, hint, ...place })
    }
  const refuse = {
    syntax: rejectBy('syntax'),
    setting: rejectBy('setting'),
    function: rejectBy('function'),
    type: rejectBy('type'),
    operator: rejectBy('operator'),
    schema: rejectBy('schema'),
    column: rejectBy('column'),
    plan: rejectBy('plan'),
  }
  const [strange] = facts.unknown
  if (strange !== undefined)
    refuse.syntax(
      strange,
      `${strange.name} is not served.`,
      strange.name.startsWith('SHOW')
        ? 'Call list_tables or catalog.'
        : strange.name.includes('PIVOT')
          ? 'Write its values one by one, as in ON column IN (value, ...).'
          : 'Write the query without it; every source is read-only.',
    )
  for (const name of facts.settings)
    if (!allowed.settings.has(name.toLowerCase()))
      refuse.setting(
        {},
        `The setting "${name.slice(0, 100)}" is not shown.`,
        /^(tables|columns|schemas|databases|views|indexes|functions)$/i.test(name)
          ? 'Call list_tables for the tables and describe_table for the columns of one.'
          : `Shown are ${[...allowed.settings].join(', ')}.`,
      )

  for (const used of facts.functions) {
    judgeSessionWord(used, facts, judging, refuse.function)
    judgeFunction(used, judging, refuse.function)
  }
  for (const used of facts.types) judgeType(used, judging, refuse.type)
  for (const used of facts.operators) judgeOperator(used, judging, refuse.operator)
  for (const used of facts.schemas ?? [])
    if (!allowed.ownSchemas.has(used.name) && catalog?.schemas.includes(used.name) !== true)
      refuse.schema(used, `Nothing is served from a schema "${used.name.slice(0, 100)}".`, 'Use a name without a schema before it.')
  const missing = facts.fields.filter((used) => !isServedField(used, facts, judging, refuse.column))
  if (catalog === undefined) return
  for (const relation of facts.relations) judgeRelation(relation, sql, allowed, catalog)
  judgeColumns(facts, missing, sql, allowed, catalog, refuse.column)
  if (facts.kind.startsWith('explain'))
    for (const relation of facts.relations) {
      const table = findRelation(relation, allowed, catalog)
      if (table !== undefined) judgePlan(table, facts.kind, relation, judging, refuse.plan)
    }
  // Last, as the engine would, so that nothing else in the statement tells it from a name that means nothing.
  for (const used of missing) throw faultOfMissingField(used, facts, judging)
}

/** The objects that a name can mean: without a schema, those in the schemas that are searched. */
const namesakes = <Kind extends SourceObject>(
  { schema, name }: UsedName,
  objects: readonly Kind[],
  allowed: Allowed,
  catalog: SourceCatalog | undefined,
): Kind[] =>
  objects.filter(
    (object) =>
      allowed.sameName(object.name, name) &&
      (!allowed.tellsSchemas ||
        (schema === undefined ? catalog?.objects.searchPath.includes(object.schema) === true : object.schema === schema)),
  )

/**
 * Lets an operator pass that is the engine's, or the database's own and trusted there. Another is told as one that does not
 * exist, as functions and types are, so that nobody learns what a database has by trying names.
 */
const judgeOperator = (used: UsedName, judging: Judging, reject: Reject): void => {
  const { catalog } = judging
  const allowed = allowedIn[judging.dialect]
  const own = namesakes(used, catalog?.objects.operators ?? [], allowed, catalog)
  const engines = catalog?.objects.engineOperators
  const isEngines = (used.schema === undefined || allowed.ownSchemas.has(used.schema)) && engines?.has(used.name) !== false
  if (own.length > 0 ? own.every((object) => isHarmless(object, judging)) : isEngines) return
  const foreign = foreignOperators.get(used.name)
  reject(
    used,
    `There is no operator ${used.name} that can be used here.`,
    used.name.includes('`')
      ? quotingHint
      : foreign === undefined
        ? "Use the engine's own operators."
        : `Write ${foreign} in place of ${used.name}.`,
  )
}

const quotingHint = 'Backticks quote nothing here. Write names in double quotes, as in "name".'

/** Functions that call each other deeper than this are not followed. */
const deepestCall = 8

/** Whether a function of the database only computes, or reads only what its caller may. */
const isHarmless = (called: SourceFunction, judging: Judging): boolean => {
  if (called.isTrusted) return true
  const within = judging.within ?? []
  // What names itself is as harmless as the rest of it.
  if (within.includes(called)) return true
  if (called.bodies === undefined || within.length >= deepestCall) return false
  const allowed = allowedIn[judging.dialect]
  try {
    for (const body of called.bodies) {
      judgeStatement({ count: 1, kind: 'select', settings: [], ...body }, { ...judging, within: [...within, called] })
      // What the arguments of a macro make of columns is not known.
      if (
        judging.dialect === 'duckdb' &&
        body.relations.some((one) => findRelation(one, allowed, judging.catalog)?.unreadColumns !== undefined)
      )
        return false
    }
    return true
  } catch (error) {
    if (error instanceof Fault) return false
    throw error
  }
}

/** Words of SQL that stand for the session where they are written without quotes. */
const sessionWords: ReadonlySet<string> = new Set(['user', 'session_user', 'current_user', 'current_role', 'current_catalog'])

/** Refuses such a word where a column of that name is likely to be meant. */
const judgeSessionWord = (
  { name, arguments: count, position }: UsedName,
  facts: StatementFacts,
  judging: Judging,
  reject: Reject,
): void => {
  if (judging.dialect !== 'postgres' || count !== 0 || !sessionWords.has(name)) return
  const isColumn = facts.relations.some((relation) =>
    findRelation(relation, allowedIn.postgres, judging.catalog)?.columns.some((column) => column.name === name),
  )
  if (isColumn)
    reject(
      position === undefined ? {} : { position },
      `Without quotes ${name} is a word of SQL that tells of the session.`,
      `Write the column as "${name}".`,
    )
}

const judgeFunction = (used: UsedName, judging: Judging, reject: Reject): void => {
  const { schema, name, isTable } = used
  const { catalog, dialect } = judging
  const allowed = allowedIn[dialect]
  const isWritten = dialect === 'postgres' && schema !== undefined
  const own = namesakes(used, catalog?.objects.functions ?? [], allowed, catalog).filter(
    (object) =>
      (isWritten || object.isShadowed !== true) &&
      (object.isTable === undefined || object.isTable === (isTable === true)) &&
      takes(object, used),
  )
  const isListed = (isTable === true ? allowed.tableFunctions : allowed.functions).has(name)
  const isEngines = !isWritten || allowed.ownSchemas.has(schema)
  // The two-argument form takes SQL in a string.
  if (name === 'ts_rewrite' && used.arguments !== 3)
    reject(used, 'The function "ts_rewrite" is served with three arguments only.', 'Give the query, the target and the substitute.')
  // A type before one value in parentheses is a cast, in PostgreSQL.
  const isEngineFunction = catalog?.objects.engineFunctions?.has(name) === true && isEngines
  if (dialect === 'postgres' && own.length === 0 && used.arguments === 1 && !isEngineFunction && isTrustedType(used, allowed, catalog))
    return
  const shown = `The function "${name.slice(0, 100)}"`
  const isOwnHarmless = own.length > 0 && own.every((object) => (isListed || object.hidesEngines !== true) && isHarmless(object, judging))
  if (isOwnHarmless || (own.length === 0 && isListed && isEngines)) return
  if (own.length > 0 && dialect === 'postgres' && isListed && (!isWritten || catalog?.schemas.includes(schema) === true))
    reject(
      used,
      `${shown} is defined in the database and not trusted to only compute.`,
      `To call the engine's own, write pg_catalog.${name}(...).`,
    )
  if (isTable === true && !isListed && allowed.functions.has(name))
    reject(used, `${shown} gives one value, and no rows to read FROM.`, 'Call it in the list of SELECT.')
  if (isEngineFunction) reject(used, `${shown} is not one of those that only compute.`, insteadOfFunction(name, dialect))
  // One of the database that is refused is told as one that does not exist.
  reject(used, `There is no function "${name.slice(0, 100)}" that can be called here.`, hintOfUnknownFunction(name, dialect, catalog))
}

/** What to write in place of a function that the engine does not have. */
const hintOfUnknownFunction = (name: string, dialect: Dialect, catalog: SourceCatalog | undefined): string => {
  // DuckDB reads a backtick as an operator.
  if (name.includes('`')) return quotingHint
  if (waiting.test(name)) return 'It waits. Leave it out.'
  const foreign = foreignFunctions[dialect].get(name)
  if (foreign !== undefined) return `Write ${foreign}.`
  const instead = insteadOfName(name, dialect)
  if (instead !== undefined) return instead
  const { engineFunctions, functions = [] } = catalog?.objects ?? {}
  const known = [...allowedIn[dialect].suggested].filter((one) => engineFunctions?.has(one) !== false)
  const trusted = functions.filter((one) => one.isTrusted).map((one) => one.name)
  const near = nearestName(name, new Set([...known, ...trusted]))
  // A name that merely holds the other says nothing.
  const isNear = near !== undefined && near !== name && near.length <= name.length * 2 && name.length <= near.length * 2
  return !isNear
    ? 'Functions of the engine that only compute can be called, and those of the database that are known to.'
    : `Did you mean "${near}"?`
}

/** Whether a function can be called with as many arguments as are written. */
const takes = ({ arity: [fewest, most] = [0, null] }: SourceFunction, { arguments: count = fewest }: UsedName): boolean =>
  count >= fewest && (most === null || count <= most)

/** Types as the grammar of both databases writes them. */
const writtenTypes = 'smallint integer bigint real decimal boolean varchar character timestamp'.split(' ')

const judgeType = (used: UsedName, { dialect, catalog }: Judging, reject: Reject): void => {
  const allowed = allowedIn[dialect]
  if (used.isMaybe === true) {
    if (catalog?.objects.types.some((type) => !type.isTrusted && mayName(used.name, type.name)) !== true) return
    reject(used, 'The structure names a type that is not served.', "Use the engine's own types.")
  }
  if (isTrustedType(used, allowed, catalog)) return
  const { schema, name } = used
  const shown = `"${name.slice(0, 100)}"`
  if ((schema === undefined || allowed.ownSchemas.has(schema)) && catalog?.objects.engineTypes?.has(name.replace(/^_/, '')) === true)
    reject(
      used,
      `The type ${shown} is not served.`,
      name.replace(/^_/, '').startsWith('reg')
        ? 'A cast to it looks names up. list_tables and describe_table tell what there is.'
        : "Use the engine's types of numbers, texts, times, JSON and the like.",
    )
  const foreign = foreignTypes[dialect].get(name)
  const near = nearestName(name, [...allowed.types, ...writtenTypes])
  reject(
    used,
    `There is no type ${shown} that can be used here.`,
    foreign !== undefined
      ? `Write ${foreign}.`
      : near === undefined || near === name
        ? "Use the engine's own types; names of tables, roles and functions cannot be cast to."
        : `Did you mean "${near}"?`,
  )
}

/** Whether a text of types, in which quotes may be escaped, can mean the one of this name. */
const mayName = (text: string, name: string): boolean => {
  const bare = (written: string) => foldName(written).replaceAll(/["\\]/g, '')
  const plain = bare(text.replaceAll(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))))
  const wanted = bare(name)
  return /^\w+$/.test(wanted) ? plain.split(/\W+/).includes(wanted) : plain.includes(wanted)
}

const isTrustedType = (used: UsedName, allowed: Allowed, catalog: SourceCatalog | undefined): boolean => {
  const { schema, name } = used
  const element = name.replace(/^_/, '')
  const isListed = (schema === undefined || allowed.ownSchemas.has(schema)) && (allowed.types.has(name) || allowed.types.has(element))
  const own = namesakes(used, catalog?.objects.types ?? [], allowed, catalog).filter(
    (object) => schema === undefined || allowed.sameName(object.schema, schema),
  )
  if (isListed && (allowed.ownTypesFirst || own.length === 0)) return true
  if (own.length > 0) return own.every((object) => object.isTrusted)
  // The row type of a table that can be read, all of it.
  const row = findRelation({ name, ...(schema !== undefined && { schema }) }, allowed, catalog)
  return row !== undefined && (row.unreadColumns ?? []).length === 0 && row.rowRunsCode !== true
}

/**
 * A field that no relation has as a column calls the function of that name, in PostgreSQL. False when that is one of the
 * database that may not be called, which is told as a name that means nothing.
 */
const isServedField = (used: UsedName, facts: StatementFacts, judging: Judging, reject: Reject): boolean => {
  const { name, isRow } = used
  const { catalog } = judging
  const allowed = allowedIn[judging.dialect]
  const own = namesakes(used, catalog?.objects.functions ?? [], allowed, catalog).filter(
    (object) => object.takes !== undefined && (isRow !== true || object.takes === 'row'),
  )
  const callsEngine =
    catalog?.objects.builtinFunctions.has(name) === true &&
    (allowed.onlyCalled.has(name) || (isRow !== true && !allowed.functions.has(name)))
  const callsOwn = own.some((object) => !isHarmless(object, judging))
  if (!callsEngine && !callsOwn) return true
  const isColumn = (used.relations ?? facts.relations).some((relation) =>
    findRelation(relation, allowed, catalog)?.columns.some((column) => column.name === name),
  )
  // Of a value that is no row of a known table, what the function is called with cannot be told.
  if (isColumn && used.relations !== undefined) return true
  if (!isColumn && !callsEngine) return false
  return reject(
    used,
    `"${name.slice(0, 100)}" is no column here, and as a function it is not served.`,
    'Qualify columns by the table that has them.',
  )
}

/** The answer of the database to a field that is not there. */
const faultOfMissingField = (used: UsedName, facts: StatementFacts, { sql, dialect, catalog }: Judging): Fault => {
  const { name, position } = used
  const column = facts.columns.find((use) => use.column === name && use.position === position && use.qualifier !== undefined)
  const fault = new Fault('SQL_ERROR', column === undefined ? missingField(name) : allowedIn[dialect].missingColumn(column), {
    path: 'sql',
    ...(position !== undefined && { position: positionOf(sql, position) }),
  })
  return withColumnHint(fault, name, sql, facts.relations, catalog)
}
