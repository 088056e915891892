import * as z from 'zod'

/** Parts of contracts that several tools of boards share. */

export const boardPath = z.string().min(1).max(500).describe('Path of a dashboard, as "boards/sales.yml".')

export const boardYaml = z.string().min(1).max(1_000_000).describe('Text of a dashboard, instead of path.')

export const variableValues = z
  .record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.union([z.string(), z.number(), z.null()])).max(1000)]),
  )
  .describe('Variable to value. Default: as the dashboard says.')

/** What a call is about: a board of the project, or a text. Exactly one is given. */
export const boardOrText = {
  path: boardPath.optional(),
  yaml: boardYaml.optional(),
}

export const countsSchema = z.object({ errors: z.int().min(0), warnings: z.int().min(0) })
