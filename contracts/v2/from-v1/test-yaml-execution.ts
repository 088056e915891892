import { defineTransform } from '../../define-contract.ts'
import { errorCodeList } from '../../v1/errors.ts'
import { testYamlExecution as before } from '../../v1/tools/test-yaml-execution.ts'
import { testYamlExecution as after } from '../tools/test-yaml-execution.ts'

/** Version 1 tells errors and findings as sentences that begin with their code; version 2 as objects that programs can branch on. */
export const testYamlExecution = defineTransform({
  from: before,
  to: after,
  input: (input) => input,
  output: ({ queries, charts, ...rest }) => ({
    ...rest,
    queries: queries.map(({ error, ...query }) => ({
      ...query,
      ...(error !== undefined && { error: sentenceOf(error, query.name), ...(error.hint !== undefined && { hint: error.hint }) }),
    })),
    charts: charts.map((chart) => ({ ...chart, findings: chart.findings.map(({ code, message }) => `${code}: ${message}`) })),
  }),
})

/** What a tool answered begins with its code; what was found in the board does not. */
const sentenceOf = (
  { code, message, line }: { readonly code: string; readonly message: string; readonly line?: number | undefined },
  query: string,
): string => {
  const where = line === undefined ? '' : ` (line ${line} of the query ${query})`
  return `${(errorCodeList as readonly string[]).includes(code) ? `${code}: ` : ''}${message}${where}`
}
