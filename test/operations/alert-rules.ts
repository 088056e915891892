import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { root } from '../support/project-files.ts'

export interface Rule {
  /** Of a recording rule. */
  readonly record?: string
  /** Of an alert. */
  readonly alert?: string
  readonly expr: string
  readonly for?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export interface AlertRule extends Rule {
  readonly alert: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}

export const alertsFile = 'docs/operations/alerts.yml'

/** The rules for Prometheus as they are shipped. */
export const readRules = (): RuleFile => parse(readFileSync(resolve(root, alertsFile), 'utf8')) as RuleFile

export const alertRules = (): readonly AlertRule[] =>
  readRules()
    .groups.flatMap(({ rules }) => rules)
    .filter((rule): rule is AlertRule => rule.alert !== undefined)
