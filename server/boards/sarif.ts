import type { DiagnosticDefinition } from '../../contracts/v1/board/diagnostic-definition.ts'
import { type BoardDiagnostic, diagnosticDefinitions } from '../../contracts/v1/board/diagnostics.ts'

/** Findings as SARIF 2.1.0 (OASIS), which editors and code hosts show beside the lines. */
export const sarifOf = (diagnostics: readonly BoardDiagnostic[]): Record<string, unknown> => {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].sort()
  const known: Readonly<Record<string, DiagnosticDefinition>> = diagnosticDefinitions
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'dataface',
            rules: codes.map((id) => ({
              id,
              shortDescription: { text: known[id]?.summary ?? id },
              help: { text: known[id]?.fix ?? '' },
              defaultConfiguration: { level: known[id]?.level ?? 'warning' },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map(({ level, code, message, fix, file, line, column }) => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level,
          message: { text: fix === undefined ? message : `${message} ${fix}` },
          locations: [
            { physicalLocation: { artifactLocation: { uri: encodeURI(file) }, region: { startLine: line, startColumn: column } } },
          ],
        })),
      },
    ],
  }
}
