import * as z from 'zod'
import { defineContract } from '../../define-contract.ts'
import { boardDiagnosticSchema } from '../board/diagnostics.ts'
import { boardPath } from '../boards.ts'

export const saveDashboard = defineContract({
  name: 'save_dashboard',
  version: '1.0.0',
  title: 'Save a dashboard',
  description: 'Writes a dashboard that has no errors. To overwrite, give the version that get_dashboard gave; the old text is kept.',
  input: z.strictObject({
    path: boardPath,
    yaml: z.string().min(1).max(1_000_000).describe('The whole text.'),
    version: z.string().min(1).max(100).optional().describe('Version that was read; absent for a new one.'),
  }),
  output: z.object({
    path: z.string(),
    version: z.string(),
    created: z.boolean(),
    previous_version: z.string().optional().describe('get_dashboard with this version gives the text that was overwritten.'),
    diagnostics: z.array(boardDiagnosticSchema).describe('Warnings.'),
  }),
  errors: ['CONFLICT'],
  annotations: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  examples: [
    {
      title: 'Save a new dashboard',
      input: { path: 'boards/hello.yml', yaml: 'title: Hello\ntext: Written by an agent.\n' },
      output: { path: 'boards/hello.yml', version: 'mUsA1C4tbpRlZDLf5tFPCd', created: true, diagnostics: [] },
    },
  ],
})
