import { formatSpecifier } from 'd3-format'
import { type Format, formatAliases, nativeFormats } from '../../../contracts/v1/board/formats.ts'

/** A format by what it writes. */
export interface ResolvedFormat {
  /** `native`: a share of 100, which d3 has no word for. */
  readonly kind: 'number' | 'time' | 'native'
  /** A d3 number or time specifier, or the name of a native format. */
  readonly spec: string
  /** The alias it was asked for by, when it is one: some are written finer than their specifier says. */
  readonly alias?: string
  /** What stands before and after the number. */
  readonly prefix?: string
  readonly suffix?: string
  readonly notation?: 'analytic' | 'narrative'
}

/** Own names of a board: `style.formats`. */
export type OwnFormats = Readonly<Record<string, Format>>

/** What a format is called in a message. */
export const formatName = (format: Format): string => (typeof format === 'string' ? format : (format.spec ?? 'number'))

/** Finds what a format stands for: a name, or a block that says what stands around it. Undefined when it is none. */
export function resolveFormat(format: Format, own: OwnFormats = {}): ResolvedFormat | undefined {
  const found = resolveName(formatName(format), own)
  if (typeof format === 'string' || found === undefined) return found
  const { prefix, suffix, notation } = format
  return {
    ...found,
    ...(prefix !== undefined && { prefix }),
    ...(suffix !== undefined && { suffix }),
    ...(notation !== undefined && { notation }),
  }
}

/**
 * Finds what a format name stands for: an own name, an alias, a native format, a d3 time format (it holds a `%` with a
 * directive) or a d3 number format. Undefined when it is none of them.
 */
function resolveName(name: string, own: OwnFormats): ResolvedFormat | undefined {
  if (Object.hasOwn(formatAliases, name)) {
    const spec = formatAliases[name as keyof typeof formatAliases]
    return { kind: isTimeSpec(spec) ? 'time' : 'number', spec, alias: name }
  }
  if ((nativeFormats as readonly string[]).includes(name)) return { kind: 'native', spec: name }
  if (Object.hasOwn(own, name)) {
    const format = own[name] as Format
    return formatName(format) === name ? undefined : resolveFormat(format)
  }
  if (isTimeSpec(name)) return { kind: 'time', spec: name }
  return isNumberSpec(name) ? { kind: 'number', spec: name } : undefined
}

/** `%` ends a d3 number format and begins a directive of a time format. */
const isTimeSpec = (spec: string): boolean => /%[-_0]?[aAbBcdeHIjLmMpqQsSuUVwWxXyYZfgG]/.test(spec)

/** Places that a format may ask for. */
const mostPlaces = 100

function isNumberSpec(spec: string): boolean {
  try {
    const { type, width = 0, precision = 0 } = formatSpecifier(spec)
    return /^$|[%bcdefgoprsxXn]/.test(type) && width <= mostPlaces && precision <= mostPlaces
  } catch {
    return false
  }
}
