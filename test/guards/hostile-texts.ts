/** Texts of about `length` characters, made to take the grammar, or what walks its tree, long or deep. */
export const hostileTexts = (length: number): Readonly<Record<string, string>> => {
  const repeat = (part: string, around: (parts: string) => string = (parts) => parts) =>
    around(part.repeat(Math.floor((length - 40) / part.length)))
  const half = (length - 40) / 2
  return {
    'nested comments': `SELECT 1 ${'/*'.repeat(half / 2)}${'*/'.repeat(half / 2)}`,
    parentheses: `SELECT ${'('.repeat(half)}1${')'.repeat(half)}`,
    subqueries: `SELECT ${'(SELECT '.repeat(half / 9)}1${')'.repeat(half / 9)}`,
    arrays: `SELECT ${'ARRAY['.repeat(half / 7)}1${']'.repeat(half / 7)}`,
    'a long sum': repeat('1+', (parts) => `SELECT ${parts}1`),
    negations: repeat('NOT ', (parts) => `SELECT ${parts}true`),
    casts: repeat('::int', (parts) => `SELECT 1${parts}`),
    unions: repeat(' UNION SELECT 1', (parts) => `SELECT 1${parts}`),
    joins: repeat(' JOIN a USING (x)', (parts) => `SELECT 1 FROM a${parts}`),
    columns: repeat('a,', (parts) => `SELECT ${parts}a FROM t`),
    'columns of many tables': `SELECT ${'a,'.repeat(half / 4)}a FROM ${'t,'.repeat(half / 4)}t`,
    statements: repeat('SELECT 1;'),
    'a list': repeat('1,', (parts) => `SELECT 1 WHERE 1 IN (${parts}1)`),
  }
}
