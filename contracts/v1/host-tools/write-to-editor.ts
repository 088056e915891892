import * as z from 'zod'
import { defineContract } from '../../define-contract.ts'
import { boardPath } from '../boards.ts'

export const writeToEditor = defineContract({
  name: 'write_to_editor',
  version: '1.0.0',
  title: 'Write to the editor',
  description:
    'Shows a new text of a dashboard in the editor of the person, as a change that can be undone and is not saved yet. Validate it first with validate_yaml. To write the file itself use save_dashboard.',
  executedBy: 'host',
  input: z.strictObject({
    path: boardPath.optional().describe('Path of the board; absent: the one that is open.'),
    yaml: z.string().min(1).max(1_000_000).describe('The whole text.'),
    version: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('Version that the text was made from, as get_dashboard gave it; CONFLICT when the editor holds another.'),
  }),
  output: z.object({
    path: z.string(),
    version: z.string().describe('Of the text that the editor now holds.'),
    saved: z.boolean().describe('False: the person has yet to save it.'),
  }),
  errors: ['BOARD_NOT_FOUND', 'CONFLICT'],
  annotations: { readOnly: false, destructive: false, idempotent: true, openWorld: false },
  examples: [
    {
      title: 'Show a new text of the open board',
      input: { yaml: 'title: Hello\ntext: Written by an agent.\n' },
      output: { path: 'boards/hello.yml', version: 'mUsA1C4tbpRlZDLf5tFPCd', saved: false },
    },
  ],
})
