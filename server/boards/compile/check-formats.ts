import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { type Format, formatSchema } from '../../../contracts/v1/board/formats.ts'
import type { CompiledChart, GroupNode } from '../compiled-board.ts'
import { formatName, resolveFormat } from '../formats/resolve-format.ts'
import { diagnostic } from './diagnostic.ts'
import { isBlock } from './merge-boards.ts'

const formatKeys: ReadonlySet<string> = new Set(['format', 'number_format', 'time_format'])

/** Formats of charts that are neither names nor d3 formats, as far as the text of the board tells. */
export const checkFormats = (root: GroupNode, charts: ReadonlyMap<string, CompiledChart>): BoardDiagnostic[] =>
  [...charts.values()].flatMap(({ id, chart, place }) =>
    [
      ...new Set(
        formatsIn(chart)
          .filter((format) => resolveFormat(format, root.style.formats) === undefined)
          .map(formatName),
      ),
    ].map((name) => diagnostic('FORMAT_INVALID', place, `"${name}" is neither a known format nor a d3 format.`, undefined, { chart: id })),
  )

const formatsIn = (value: unknown): Format[] => {
  if (Array.isArray(value)) return value.flatMap(formatsIn)
  if (!isBlock(value)) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const format = formatKeys.has(key) ? formatSchema.safeParse(inner) : undefined
    return format?.success ? [format.data] : formatsIn(inner)
  })
}
