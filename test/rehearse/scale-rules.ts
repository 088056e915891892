import { parse, stringify } from 'yaml'
import type { RuleFile } from '../operations/alert-rules.ts'

/** How many times as fast the time of the rules passes where nobody can wait for days: five minutes are three seconds. */
export const fastFactor = 100

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const scaled = (duration: string, factor: number): string => {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(duration) ?? []
  if (count === undefined) throw new Error(`"${duration}" is no duration of one unit`)
  return `${Math.round((Number(count) * (unitsMs[unit] as number)) / factor)}ms`
}

/**
 * Rules of Prometheus whose time passes `factor` times as fast: windows, offsets and `for` are that much shorter, and
 * expressions are the same otherwise. Names of recorded series keep the windows that they are named after.
 */
export const scaleRules = (text: string, factor: number): string => {
  const { groups } = parse(text) as RuleFile
  return stringify({
    groups: groups.map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) => ({
        ...rule,
        expr: rule.expr
          .replaceAll(/\[(\w+)\]/g, (_whole, duration: string) => `[${scaled(duration, factor)}]`)
          .replaceAll(/\boffset (\w+)/g, (_whole, duration: string) => `offset ${scaled(duration, factor)}`),
        ...(rule.for !== undefined && { for: scaled(rule.for, factor) }),
      })),
    })),
  })
}
