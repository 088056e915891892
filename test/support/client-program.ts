/**
 * A function, as text, that uses the TypeScript client at an address: a call, an error, a stream, a deadline, a server
 * that is not there. As text, since what runs tests rewrites imports, and other runtimes and pages do not know our files.
 */
export const clientProgram = `async ({ Dataface, isDatafaceError, safe }, url) => {
  const dataface = new Dataface({ url })
  const { rows } = await dataface.executeQuery({ source: 'vega', sql: 'SELECT 1 + 1 AS n' })
  const wrong = await safe(dataface.executeQuery({ source: 'vega', sql: 'SELECT' }))
  let streamed = 0
  for await (const _ of await dataface.executeQueryRows({ source: 'vega', sql: 'SELECT i FROM range(30000) r(i)' })) streamed++
  const endless = { source: 'vega', sql: 'SELECT count(*) FROM range(100000000) a, range(100000000) b' }
  const late = await safe(dataface.executeQuery(endless, { timeoutMs: 300 }))
  const nowhere = await safe(new Dataface({ url: 'http://127.0.0.1:1', retries: 0 }).listSources())
  const codes = [wrong, late, nowhere].map(({ error }) => isDatafaceError(error) && error.code)
  return { rows, streamed, codes, position: wrong.error.position.line }
}`

/** What it gives. */
export const clientOutcome = {
  rows: [[2]],
  streamed: 30_000,
  codes: ['SQL_ERROR', 'DEADLINE_EXCEEDED', 'CONNECTION_FAILED'],
  position: 1,
}
