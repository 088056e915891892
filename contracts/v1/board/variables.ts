import * as z from 'zod'

/** Controls of a board. A variable is bound as a parameter wherever SQL names it. */

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])

const optionsSchema = z.union([
  z.array(z.union([z.string(), z.number()])).max(1000),
  z.strictObject({ static: z.array(z.union([z.string(), z.number()])).max(1000) }),
  z.strictObject({
    query: z.string().min(1).max(100_000).describe('Name of a query, or SQL.'),
    column: z.string().optional().describe('Default: its first column.'),
    label_column: z.string().optional(),
  }),
])

/** Relative days are words such as `today`, `yesterday`, `last 30 days`, `this month`, `last quarter`, `year to date`. */
export const variableSchema = z
  .strictObject({
    ref: z.string().optional().describe('"<file>.variables.<name>" of another board.'),
    input: z
      .enum([
        'auto',
        'select',
        'multiselect',
        'input',
        'text',
        'number',
        'textarea',
        'slider',
        'range',
        'date',
        'datepicker',
        'daterange',
        'checkbox',
        'radio',
      ])
      .optional()
      .describe(
        'Default auto: from the options, the default and the limits. range and daterange are lists of two, either null for an open end; in an address 10..20.',
      ),
    label: z.string().max(200).optional().describe('Default: the name, as words.'),
    notes: z.string().max(5000).optional(),
    default: z
      .union([scalar, z.array(scalar).max(1000)])
      .optional()
      .describe('A value, a list, or relative days: today, last 30 days, this month, year to date.'),
    placeholder: z.string().max(200).optional(),
    required: z.boolean().optional().describe('Queries that use it wait for a value.'),
    visible: z.union([z.boolean(), z.string().max(1000)]).optional(),
    enabled: z.union([z.boolean(), z.string().max(1000), z.strictObject({ query: z.string(), column: z.string() })]).optional(),
    column: z.string().max(500).optional().describe('table.column whose values are the options.'),
    query: z.string().max(100_000).optional(),
    options: optionsSchema.optional(),
    data_type: z.enum(['string', 'number', 'date', 'boolean', 'array']).optional(),
    min: z.union([z.number(), z.string()]).optional(),
    max: z.union([z.number(), z.string()]).optional(),
    step: z.number().gt(0).optional(),
    operator: z.enum(['=', '!=', '<', '<=', '>', '>=', 'in', 'like']).optional(),
  })
  .meta({ id: 'Variable', description: 'A control.' })

export type Variable = z.output<typeof variableSchema>
