import { entryOf } from '../../yaml/schema-at.ts'
import { formatNumber } from '../formats/number-text.ts'
import { resolveFormat } from '../formats/resolve-format.ts'
import { toNumber } from '../formats/value-kind.ts'

/**
 * Fills a label template for one mark: `{{ name }}`, `{{ name | format(',.0f') }}` and, since boards have it,
 * Python's `{{ '{:.0%}'.format(name) }}`. What is not known stays empty.
 */
export function renderLabel(template: string, values: Readonly<Record<string, unknown>>): string {
  // Braces may stand inside quotes, as in '{:.0%}'.
  return template.replace(/\{\{((?:'[^']*'|"[^"]*"|[^{}'"])*)\}\}/g, (_, written: string) => {
    const inner = written.trim()
    const python = /^(['"])\{:([^{}]*)\}\1\.format\((\w+)\)$/.exec(inner)
    if (python !== null) return write(entryOf(values, python[3] as string), python[2])
    const piped = /^(\w+)(?:\s*\|\s*format\((['"])(.*?)\2\))?$/.exec(inner)
    return piped === null ? '' : write(entryOf(values, piped[1] as string), piped[3])
  })
}

function write(value: unknown, spec: string | undefined): string {
  if (value === null || value === undefined) return ''
  const number = toNumber(value)
  const format = spec === undefined || number === undefined ? undefined : resolveFormat(spec)
  if (format?.kind === 'number' && number !== undefined) return formatNumber(number, format.spec)
  return typeof value === 'number' ? formatNumber(value, ',.4~f') : String(value)
}
