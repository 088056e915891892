/** Honest queries that take their time, for sources of PostgreSQL. They keep no rows, so they cost one core and no memory. */

/** Runs until it is stopped; `mark` finds it in pg_stat_activity. */
export const endlessQuery = (mark: string): string => `SELECT count(*), '${mark}' FROM (SELECT generate_series(1, 1000000000000)) numbers`

/** Runs for about a second. */
export const slowQuery = (mark: string): string => `SELECT count(*), '${mark}' FROM (SELECT generate_series(1, 8000000)) numbers`
