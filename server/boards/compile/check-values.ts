import type * as z from 'zod'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { type Format, formatAliases, formatSchema, nativeFormats } from '../../../contracts/v1/board/formats.ts'
import type { BoardStyle } from '../../../contracts/v1/board/style.ts'
import { color, palette, ruleColor } from '../../../contracts/v1/board/style-parts.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import { walkSchema } from '../../yaml/walk-schema.ts'
import { type OwnPalettes, resolveColor, resolvePalette } from '../charts/color-tokens.ts'
import { resolveTheme } from '../charts/theme.ts'
import { formatName, type OwnFormats, resolveFormat } from '../formats/resolve-format.ts'
import type { Compiling } from './compile-board.ts'
import { diagnostic } from './diagnostic.ts'

/** A chart, or the style of a board, as it was written. */
export interface WrittenPart {
  readonly schema: z.ZodType
  readonly value: unknown
  /** The keys that lead to it. */
  readonly path: readonly PropertyKey[]
  /** Id of the chart that it is. */
  readonly chart?: string
  readonly type?: string
}

/** Formats and colours that are named and not there, each where it was written. */
export const checkValues = (style: BoardStyle, theme: string, { written, placeOf }: Compiling): BoardDiagnostic[] => {
  const found: BoardDiagnostic[] = []
  const formats = style.formats ?? {}
  const roles = Object.entries(style.roles ?? {}).map(([role, token]) => [role, [token]] as const)
  const palettes: OwnPalettes = { ...Object.fromEntries(roles), ...style.palettes }
  const isColor = colorTest(theme, palettes)
  for (const { schema, value, path, chart, type } of written) {
    const tell = (
      code: 'FORMAT_INVALID' | 'FORMAT_NATIVE_IN_AXIS' | 'UNKNOWN_COLOR',
      at: readonly PropertyKey[],
      message: string,
      fix?: string,
    ): void => {
      found.push(diagnostic(code, placeOf([...path, ...at]), message, fix, chart === undefined ? {} : { chart }))
    }
    walkSchema(schema, value, (one, given, at) => {
      if (one === formatSchema && at.at(-2) !== 'formats') {
        const problem = problemOf(given as Format, formats, at, type)
        const near =
          problem?.code === 'FORMAT_INVALID'
            ? nearestName(formatName(given as Format), [...Object.keys(formatAliases), ...nativeFormats, ...Object.keys(formats)])
            : undefined
        if (problem !== undefined) tell(problem.code, at, problem.message, near && `Did you mean "${near}"?`)
      } else if (one === palette && typeof given === 'string' && !isColor.palette(given))
        tell('UNKNOWN_COLOR', at, `There is no palette "${given}".`)
      else if ((one === color || one === ruleColor) && typeof given === 'string' && !isColor.single(given))
        tell('UNKNOWN_COLOR', at, `There is no colour "${given}".`)
    })
  }
  for (const [name, format] of Object.entries(formats)) {
    const place = placeOf(['style', 'formats', name])
    if (Object.hasOwn(formatAliases, name) || nativeFormats.some((one) => one === name))
      found.push(diagnostic('FORMAT_PREDEFINED_SHADOW', place, `"${name}" is the name of a format that exists.`))
    else if (resolveFormat(name, formats) === undefined)
      found.push(diagnostic('FORMAT_INVALID', place, `"${formatName(format)}" is neither a known format nor a d3 format.`))
  }
  return found
}

const problemOf = (format: Format, formats: OwnFormats, at: readonly PropertyKey[], type: string | undefined) => {
  const name = formatName(format)
  const resolved = resolveFormat(format, formats)
  // Of one of the board's own it is told where it stands.
  if (resolved === undefined && Object.hasOwn(formats, name)) return undefined
  if (resolved === undefined) return { code: 'FORMAT_INVALID', message: `"${name}" is neither a known format nor a d3 format.` } as const
  return resolved.kind === 'native' && isOfAxis(at, type)
    ? ({ code: 'FORMAT_NATIVE_IN_AXIS', message: `The format "${name}" is for KPIs and tables only.` } as const)
    : undefined
}

const drawnAsText = new Set<PropertyKey>(['kpi', 'table', 'pie', 'donut', 'callout', 'support_table', 'timestamp', 'labels'])

/** Whether Vega writes with a format; all else is text of our own. Labels of marks may be either, which drawing knows. */
const isOfAxis = (at: readonly PropertyKey[], type: string | undefined): boolean =>
  ![type ?? '', ...at].some((key, index, keys) => drawnAsText.has(key) && !(key === 'labels' && isAxis(keys[index - 1])))

const isAxis = (key: PropertyKey | undefined): boolean => String(key).startsWith('axis')

/** Whether colours and palettes are there. What holds a template is known once it is rendered. */
const colorTest = (name: string, own: OwnPalettes) => {
  const theme = resolveTheme(name)
  const isOpen = (text: string): boolean => text === '' || text.includes('{{')
  return {
    single: (token: string) => isOpen(token) || resolveColor(token, theme, own) !== undefined,
    palette: (token: string) => isOpen(token) || resolvePalette(token, theme, own) !== undefined,
  }
}
