import type { AskInside } from './ask-inside.ts'

/** What a board is given that selects one column of a relation: the value of the first row, or the finding. */
export const askRelation = async (
  { data }: Pick<AskInside, 'data'>,
  source: string,
  column: string,
  relation: string,
): Promise<unknown> => {
  const yaml = `source: ${source}\ncharts: {a: {type: table, query: "SELECT ${column} FROM {{ ${relation} }}"}}`
  const { charts, diagnostics } = await data<{
    charts: { rows?: unknown[][] }[]
    diagnostics: { code: string; message: string; fix: string }[]
  }>('render_dashboard', { yaml, format: 'json' })
  return charts[0]?.rows?.[0]?.[0] ?? diagnostics.map(({ code, message, fix }) => `${code}: ${message} ${fix}`).join('\n')
}
