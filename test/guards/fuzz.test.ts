import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fault } from '../../server/envelope/fault.ts'
import { analyzePostgres } from '../../server/sources/postgres/analyze.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { startDataface } from '../support/start-dataface.ts'

/** Pieces of SQL of both dialects, whole and broken, in any order. */
const pieces =
  `SELECT FROM WHERE WITH RECURSIVE AS ( ) ( ) , , . * ; :: -> ->> #> @> || = <> < > + - / % ^ ? : := => $1 $2 [ ] { } 1 2.5 1e9 'x' ''' "o" "Odd Name" E'\\\\x' U&'\\0041' U&"d\\0061t" $$ $a$ /* */ -- orders customers o c t id name amount * count sum row_number OVER PARTITION BY ORDER GROUP HAVING LIMIT OFFSET UNION EXCEPT ALL DISTINCT ON JOIN LEFT LATERAL USING NATURAL CROSS VALUES TABLE EXPLAIN ANALYZE SHOW DESCRIBE PIVOT UNPIVOT SUMMARIZE QUALIFY ASOF CASE WHEN THEN ELSE END NULL TRUE NOT AND OR IN IS BETWEEN LIKE CAST int text date ARRAY ROW STRUCT interval INSERT DELETE UPDATE SET COPY INTO FOR UPDATE pg_read_file read_text current_setting pg_catalog information_schema main lambda x`.split(
    ' ',
  )
const soup = fc.array(fc.constantFrom(...pieces, '\n', '\t', 'é', '🙂'), { maxLength: 25 }).map((parts) => parts.join(' '))

test('whatever is sent, the grammar of Postgres gives facts or a fault', async () => {
  await fc.assert(
    fc.asyncProperty(soup, async (sql) => {
      const outcome = await analyzePostgres(sql, new AbortController().signal).catch((error: unknown) => error)
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(Fault)
    }),
    { numRuns: 20_000 },
  )
}, 60_000)

test('whatever is sent, a call is answered by rows or by an error of the caller', async () => {
  const dataface = await startDataface(
    `name: fuzz
sources:
  pg: { type: postgres, url: "{{ env_var('URL') }}" }
  duck: { type: csv, files: { orders: node_modules/vega-datasets/data/seattle-weather.csv } }
`,
    { URL: postgresUrl('fixture', reader) },
  )
  const run = (source: string, sql: string) =>
    dataface.dataface.dispatcher.dispatch({
      tool: 'execute_query',
      input: { source, sql },
      door: 'inside',
      caller: { id: 'fuzz' },
      signal: AbortSignal.timeout(20_000),
    })
  const inSelect = soup.map((text) => `SELECT ${text}`)
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('pg', 'duck'), fc.oneof(soup, inSelect), async (source, sql) => {
      const answer = await run(source, sql)
      if (!answer.success) expect(['SQL_ERROR', 'SQL_REJECTED', 'TABLE_NOT_FOUND', 'VALIDATION_ERROR']).toContain(answer.errors[0].code)
    }),
    { numRuns: 2_000 },
  )
  for (const source of ['pg', 'duck']) expect(await run(source, 'SELECT 1')).toMatchObject({ success: true })
  await dataface.close()
}, 120_000)
