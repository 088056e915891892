import * as z from 'zod'
import type { DiagnosticDefinition } from './diagnostic-definition.ts'
import { diagnosticsOfDrawing } from './diagnostics-of-drawing.ts'
import { diagnosticsOfText } from './diagnostics-of-text.ts'

/** The closed list of findings about boards. A code is never renamed or reused. */
export const diagnosticDefinitions = { ...diagnosticsOfText, ...diagnosticsOfDrawing } as const satisfies Record<
  string,
  DiagnosticDefinition
>

export type BoardDiagnosticCode = keyof typeof diagnosticDefinitions

export const boardDiagnosticSchema = z.object({
  level: z.enum(['error', 'warning']),
  code: z.string().describe('SCREAMING_SNAKE; new codes may appear.'),
  message: z.string(),
  fix: z.string().optional().describe('What to do.'),
  file: z.string().describe('Relative to the project.'),
  line: z.int().min(1),
  column: z.int().min(1),
  chart: z.string().optional(),
  query: z.string().optional(),
})

export type BoardDiagnostic = z.output<typeof boardDiagnosticSchema>
