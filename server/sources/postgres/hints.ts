import { argumentsAt } from '../arguments-at.ts'
import { hintOfConversion } from '../literal-hint.ts'
import { nameAt } from '../name-at.ts'

/** What to write, by SQLSTATE, where that says more than the server does. */
const certain: Readonly<Record<string, string>> = {
  '21000': 'Let the subquery give one row: aggregate, or add LIMIT 1.',
  '22003': 'Cast to numeric before you compute; where it is numeric already, the number is too large.',
  '22007': "Write dates as 2026-01-31 and times as 2026-01-31 12:00:00+00; to_date(text, 'DD.MM.YYYY') reads other forms.",
  '22008': "Write dates as 2026-01-31 and times as 2026-01-31 12:00:00+00; to_date(text, 'DD.MM.YYYY') reads other forms.",
  '22012': 'Divide by nullif(x, 0).',
  '22021': "A value is not text in UTF-8; read it as bytes: encode(x::bytea, 'escape').",
  '22P02': 'Leave out the rows whose text is not of that type before you cast.',
  '22P05': "A value has no form in UTF-8; read it as bytes: encode(x::bytea, 'escape').",
  '54001': 'Nest the statement, or the value it reads, less deep.',
  '42702': 'Several tables have it: write the table or its alias before it, as in t.id.',
  '42712': 'Give each table in FROM an alias of its own.',
  '42804': 'Bring both sides to one type by a cast, as in x::text or x::numeric.',
  '42809': 'A window function needs OVER (...), an ordered-set aggregate WITHIN GROUP (ORDER BY ...).',
  '42846': 'Cast by way of text, as in x::text::integer, where the text of the value has that form.',
  '42P10': 'With DISTINCT, sort by what is selected; a number in ORDER BY or GROUP BY counts the selected columns from 1.',
  '42P18': 'Say the type of the parameter, as in $1::text.',
  '42P20': 'Compute the window function in a subquery, and filter, group or nest around it.',
}

/** What to write, by class, where the server says nothing itself. */
const byClass: Readonly<Record<string, string>> = {
  '22': 'A value does not fit its type or function; filter such rows, or cast after a check.',
  '54': 'Split the statement, or make it simpler.',
}

/** Operators that take texts. */
const takesText = /^(?:not\s+)?(?:i?like\b|similar\b|!?~)/i

/** What to write instead, by SQLSTATE, what is missing and what stands at the place of the error; `said` is the server's own hint. */
export const hintOf = (
  { code = '', message }: { readonly code?: string; readonly message: string },
  sql: string | undefined,
  offset: number | undefined,
  said: string | undefined,
): string | undefined => {
  const written = sql === undefined || offset === undefined ? undefined : nameAt(sql, offset)
  const rest = sql === undefined || offset === undefined ? '' : sql.slice(offset)
  if (code === '42803')
    return written?.isCall === true
      ? 'Put conditions on aggregates into HAVING, and compute an aggregate of aggregates over a subquery.'
      : `Add ${written === undefined ? 'the column' : `"${written.parts.at(-1)}"`} to GROUP BY, or aggregate it, as in max(${written?.parts.at(-1) ?? 'x'}).`
  if (code === '42883') {
    if (takesText.test(rest)) return 'It takes texts: cast the value before it, as in x::text ILIKE $1.'
    if (written?.isCall === true) {
      const count = argumentsAt(sql as string, offset as number)
      return `Cast the arguments to types that ${written.parts.at(-1)} takes, as in x::numeric, x::text or x::timestamp${count === undefined ? '' : `, or give as many as it takes, where that is not ${count}`}.`
    }
    if (/\btimestamp with(out)? time zone [-+] integer$/.test(message)) return "Write how long, as in x - interval '7 days'."
    return 'Bring both sides to one type by a cast, as in x::text, x::integer or $1::date.'
  }
  if (code === '22023' && message.startsWith('unit '))
    return 'Units are year, quarter, month, week, day, hour, minute and second; of extract also dow, isodow, doy and epoch.'
  const ofLiteral = code === '22P02' && sql !== undefined && offset !== undefined ? hintOfConversion(sql, offset) : undefined
  return ofLiteral ?? certain[code] ?? said ?? byClass[code.slice(0, 2)]
}
