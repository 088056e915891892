import * as z from 'zod'
import { Fault } from '../../envelope/fault.ts'
import type { BoardRequest, DrillRequest } from './view.ts'

const values = z.record(z.string().max(200), z.union([z.string().max(100_000), z.array(z.string().max(10_000)).max(1000)]))
const scheme = z.enum(['light', 'dark'])

const boardRequest = z.strictObject({
  values,
  scheme,
  widths: z.record(z.string(), z.number().min(1).max(10_000)),
  heights: z.record(z.string(), z.number().min(1).max(10_000)).optional(),
  charts: z.array(z.string()).max(1000).optional(),
  kept: z.array(z.string()).max(1000).optional(),
})

const mark = z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()])

const drillRequest = z.strictObject({ values, scheme, chart: z.string(), x: mark, color: mark })

const read = <Shape extends z.ZodType>(shape: Shape, body: unknown): z.output<Shape> => {
  const result = shape.safeParse(body)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new Fault('VALIDATION_ERROR', issue?.message ?? 'The request is not understood.', { path: issue?.path.join('.') ?? 'body' })
}

export const readBoardRequest = (body: unknown): BoardRequest => read(boardRequest, body)

export const readDrillRequest = (body: unknown): DrillRequest & { readonly scheme: 'light' | 'dark' } => read(drillRequest, body)

/** Values of variables as an address gives them: a name that is there several times has a list. */
export const valuesOfQuery = (query: URLSearchParams): BoardRequest['values'] =>
  Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const all = query.getAll(name)
      return [name, all.length === 1 ? (all[0] as string) : all]
    }),
  )
